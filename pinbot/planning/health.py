"""What registries and the ledger say of a pinned reference (contract, `check`; semantics "3. Digests").

For a tag that still names its digest the tag is asked, and the images of the index are; else the digest too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Barred, Dead, Facts, Failed, Served
from pinbot.planning import broken_index, copies, drift, mismatches
from pinbot.planning.known import Known
from pinbot.planning.problem import Item, Pin

_Answer = Served | Dead | Barred | Failed


def judged(pin: Pin, facts: Facts) -> Iterator[Item]:
    """Yield what is wrong with a pinned reference, and what could not be looked up. Raises Unanswered."""
    reference = pin.reference
    known = Known(facts, reference, mirrored=pin.mirrored)
    pinned = reference.digest
    assert pinned is not None
    head = _head(pin, known)
    is_current = isinstance(head, Served) and head.digest == pinned
    answer: _Answer = head if isinstance(head, Served) and is_current else known.alive(pinned)
    if isinstance(answer, Dead):
        yield pin.problem("dead-digest", answer.reason, _dead_remedy(pin))
        yield from mismatches.of_another_repository(pin, facts)
        return
    if isinstance(answer, Failed | Barred):
        yield pin.unchecked(answer)
        yield from _moved_away(pin, known, head, answer)
    elif answer.is_index:
        yield from broken_index.gone(pin, known, pinned, is_current)
    yield from copies.judged(pin, known, head, answer)
    if isinstance(head, Failed | Barred):
        yield pin.unchecked(head)
    if isinstance(head, Served) and _moved_on(pinned, head.digest):
        yield from _moved(pin, known, head, answer)


def _head(pin: Pin, known: Known) -> Served | Barred | Failed | None:
    reference = pin.reference
    if reference.tag is None:
        return None
    known.need(known.head_question(reference.tag), known.memory_question())
    return known.head(reference.tag)


def _dead_remedy(pin: Pin) -> str:
    return (
        "run `pinbot bump` to replace it" if pin.reference.tag else "write the tag that is meant, and run `pinbot pin`"
    )


def _moved_on(pinned: Digest, now: Digest) -> bool:
    """Whether a tag has left a digest; two algorithms name the same bytes differently, which tells nothing."""
    return now != pinned and now.algorithm == pinned.algorithm


def _moved(pin: Pin, known: Known, head: Served, answer: _Answer) -> Iterator[Item]:
    if head.is_index and not (isinstance(answer, Served) and answer.is_index):
        content = known.content(head.digest)
        if isinstance(content, Failed | Barred):
            yield pin.unchecked(content, "the index that the tag names could not be read: ")
            return
        children_of = content.manifests if isinstance(content, Index) else ()
        if child := next((c for c in children_of if c.digest == pin.reference.digest), None):
            yield from _one_platform(pin, child)  # as alive, and as new, as the index that holds it
            return
    if other := mismatches.of_another_version(pin, known):
        yield pin.problem(
            "mismatch",
            f"the digest is that of {other}, and was never seen under {pin.reference.tag}",
            "correct the tag, or remove the digest and run `pinbot pin`",
        )
        return
    yield from drift.moved(pin, known, head, answer)
    if isinstance(answer, Served):
        never = tuple(mismatches.never_had(pin, known))
        # What is one image of an index is never what its tag names; whether it is, is only asked where that matters.
        yield from never if never and drift.origin_of(pin, known, head, answer) is None else ()


def _one_platform(pin: Pin, child: Descriptor) -> Iterator[Item]:
    """Yield a note for a pin of one image, where nothing says that one platform is meant."""
    builds_for = pin.gate.builds_for
    if pin.finding.platform or _are_just(child, pin.values.platforms) or _are_just(child, builds_for or ()):
        return
    platform = child.platform or "one platform"
    builds = (
        f"this repository builds for {', '.join(map(str, builds_for))}"
        if builds_for
        else "nothing says that it alone is meant"
    )
    yield pin.problem(
        "child-digest",
        f"the digest is the image for {platform} alone, of the index that {pin.reference.tag} names; {builds}",
        "remove the digest and run `pinbot pin`, or name the platform on the line or in the settings",
    )


def _are_just(child: Descriptor, platforms: Collection[Platform]) -> bool:
    """Whether these platforms are exactly the one of the image."""
    if len(platforms) != 1 or child.platform is None:
        return False
    return all(broken_index.serves(child, platform) for platform in platforms)


def _moved_away(
    pin: Pin, known: Known, head: Served | Barred | Failed | None, answer: Failed | Barred
) -> Iterator[Item]:
    """Yield a note where a repository that is known to have been there is gone, or sends elsewhere.

    A digest whose repository answers is Dead, so 404 for both means that the repository does not even list tags.
    """
    failures = [a for a in (head, answer) if isinstance(a, Failed)]
    gone = isinstance(answer, Failed) and len(failures) == (1 if head is None else 2)
    gone = gone and all(failure.status == "404" for failure in failures)
    sent = next((failure.reason for failure in failures if failure.status == "redirect"), None)
    if (gone or sent) and any(history.seen for history in known.memory().tags.values()):
        name = f"{pin.reference.registry}/{pin.reference.path}"
        what = sent or "now it knows neither the tag nor the digest, and lists no tags"
        yield pin.problem(
            "moved-repository",
            f"the registry answered for {name} before: {what}",
            "find out where the publisher has moved it, and correct the reference",
        )
