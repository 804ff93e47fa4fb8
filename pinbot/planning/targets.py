"""Which digest a pinned tag may move to: the newest that is old enough and still served (semantics "3." and "5.").

Never back by accident: what the tag left again is no target once it was taken back, and neither is what came before the
pin. A return to an earlier digest is followed when it has lasted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pinbot.oci.digest import Digest
from pinbot.oci.history import History
from pinbot.oci.manifest import OCI_MANIFEST, Index
from pinbot.oci.resolution import Served
from pinbot.planning.broken_index import dead_images
from pinbot.planning.case import Case, Wait
from pinbot.planning.mirrors import unmirrored
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.platforms import Comparison, compare, listed
from pinbot.planning.policy import ChangeKind
from pinbot.planning.rebuilds import Rebuild
from pinbot.planning.rebuilt import collided, rebuild
from pinbot.planning.spans import day, in_words, later

_EVER = datetime.min.replace(tzinfo=UTC)


def follow(case: Case, old: Served, now: Served) -> Change | Kept:
    """Return what becomes of a pin whose tag has moved from `old`, which is still served, to `now`."""
    history = case.history(case.reference.tag or "", now)
    first: Kept | None = None
    for digest in newer(history, old.digest, now.digest):
        verdict = _judged(case, history, old, now, digest)
        if isinstance(verdict, Change):
            return verdict
        if verdict is not None and digest == now.digest and verdict.outcome == "current":
            return verdict
        first = first or verdict
    assert first is not None  # the present digest always has a verdict
    return sooner(case, history, old.digest, first)


def newer(history: History, pinned: Digest | None, present: Digest) -> Iterator[Digest]:
    """Yield the digest that the tag names now, and then those it named since the pinned one, the newest first.

    Without a pinned one, as for a tag that is new to the file, all that it was seen to name.
    """
    yield present
    after = history.first_known(pinned) if pinned else _EVER
    if after is None:
        return
    # Where nothing but a file tells of the pin, the tag had left it by the time at which it was first seen.
    is_told = pinned is not None and history.first_seen(pinned) is None
    taken_back = history.retracted
    others = {s.digest: s.first for s in reversed(history.seen)}
    for digest, first in sorted(others.items(), key=lambda item: item[1], reverse=True):
        is_later = first > after or (is_told and first == after)
        if is_later and digest not in {present, pinned} and digest not in taken_back:
            yield digest


def earlier(case: Case, history: History, head: Served, cooldown: timedelta) -> Served | None:
    """Return the newest digest that a tag has left again, that is old enough and served; None where there is none."""
    for digest in newer(history, None, head.digest):
        if digest != head.digest and case.wait(history, digest, cooldown, case.clock(head)) is None:
            alive = case.known.alive(digest)
            if isinstance(alive, Served) and is_whole(case, digest):
                return alive
    return None


def is_whole(case: Case, digest: Digest) -> bool:
    """Whether a digest is served that its tag has left, and with it all its images that count."""
    alive = case.known.alive(digest)
    if not isinstance(alive, Served) or not alive.is_index:
        return isinstance(alive, Served) and unmirrored(case, digest) is None
    content = case.known.content(digest)
    is_whole = isinstance(content, Index) and not dead_images(case.known, content, case.platforms)
    return is_whole and unmirrored(case, digest) is None


def _judged(case: Case, history: History, old: Served, now: Served, digest: Digest) -> Change | Kept | None:
    """Return what speaks for or against one target; None for an earlier one that is out of the question."""
    present = digest == now.digest
    denial = case.denial(case.reference.pinned_to(digest))
    if denial is not None:
        return case.kept("refused", denial) if present else None
    clock = case.clock(now)
    if not present:
        if case.wait(history, digest, case.values("refresh").cooldown, clock) is not None:
            return None
        alive = case.known.alive(digest)
        # A pin of one image stays one: what it would be in an index is decided where the tag names an index now.
        if not isinstance(alive, Served) or (alive.is_index and not old.is_index):
            return None
        verdict = _compared(case, history, old, alive, now)
        return verdict if not isinstance(verdict, Change) or is_whole(case, digest) else None
    verdict = _compared(case, history, old, now, now)
    return verdict if not isinstance(verdict, Change) else unmirrored(case, digest) or verdict


def _compared(case: Case, history: History, old: Served, new: Served, now: Served) -> Change | Kept | None:
    values = case.values("refresh")
    comparison = compare(case.known, old, new, values.platforms)
    if comparison.same:
        return case.kept("current", _NO_OP.format("the declared platforms" if values.platforms else "every platform"))
    if new.digest != now.digest:
        # What the tag has left cannot grow what it lacks, and what it has gained since is in the present one.
        return None if comparison.lacking or comparison.grew else _written(case, history, old, new, comparison)
    wait = (
        None
        if case.hurries(new.digest)
        else (
            case.wait(history, new.digest, values.cooldown, case.clock(now))
            or returning(case, history, now)
            or _settling(case, history, old, now, comparison)
        )
    )
    return case.held(wait) if wait else _written(case, history, old, new, comparison)


_NO_OP = "the tag has a new index, and the images in it for {} are the same"


def returning(case: Case, history: History, now: Served) -> Wait | None:
    """Wait until a return to an earlier digest has lasted: a withdrawal is to be followed, a flapping index is not."""
    since, settle = history.returned, case.values("refresh").settle
    if since is None or later(since, settle) <= case.clock(now):
        return None
    return Wait(
        f"the tag went back to a digest that it had had before; followed when that has lasted for {in_words(settle)}",
        later(since, settle),
    )


def _settling(case: Case, history: History, old: Served, now: Served, comparison: Comparison) -> Wait | None:
    """Wait for an index that is still being put together."""
    settle = case.values("refresh").settle
    if comparison.lacking:
        said = f"the new index has no {listed(comparison.lacking)} yet"
    elif comparison.grew:
        said = f"the index only grew by {listed(comparison.added)}; it may still be growing"
    else:
        return None
    named = _named_since(case, history, now) if settle else case.terms.now
    left = history.left(old.digest) if comparison.lacking else None
    since = min(named, left or named)
    if later(since, settle) <= case.clock(now):
        return None
    return Wait(f"{said}; taken as it is after {in_words(settle)}", later(since, settle))


def _named_since(case: Case, history: History, now: Served) -> datetime:
    """Return since when the tag names its present digest; without a ledger the registry's push date tells."""
    if history.returned is not None:
        return history.returned
    first = case.history(case.reference.tag or "", now, dated=True).first_seen(now.digest)
    return first.first if first else case.terms.now


def _written(case: Case, history: History, old: Served, new: Served, comparison: Comparison) -> Change | Kept:
    """Return the change, unless it looks like another image under the old name."""
    held, rebuilt = _suspected(case, old, new, new.digest)
    if held is not None:
        return held
    notes = [
        _rolled_back(history, old, new),
        f"no longer for {listed(comparison.lacking)}" if comparison.lacking else "",
        f"what changed inside cannot be told: {comparison.unknown}" if comparison.unknown else "",
        f"{rebuilt.verdict}: {rebuilt.reason}" if rebuilt else "",
        not_newest(history, new),
    ]
    return case.change("refresh", case.reference.pinned_to(new.digest), "; ".join(note for note in notes if note))


def suspicion(case: Case, digest: Digest, top: Digest) -> Kept | None:
    """Hold a digest that looks like another image under the old name; None where it does not.

    `top` is what the tag names: the digest itself, or the index of which it is one image.
    """
    assert case.reference.digest is not None
    old, new = (Served(one, OCI_MANIFEST) for one in (case.reference.digest, digest))
    return _suspected(case, old, new, top)[0]


def _suspected(case: Case, old: Served, new: Served, top: Digest) -> tuple[Kept | None, Rebuild | None]:
    """Judge the evidence for one move; `top` is what the tag names, of which `new` may be one image."""
    tag = case.reference.tag or ""
    other = collided(case, tag, top)
    if other is not None:
        return case.kept("held", f"{tag} and {other} are different versions, and both name this digest now"), None
    rebuilt = rebuild(case, old, new)
    if rebuilt is not None and rebuilt.verdict == "replaced":
        reason = f"replaced: {rebuilt.reason}; look at it, and remove the digest to accept what the tag names"
        return case.kept("held", reason), rebuilt
    return None, rebuilt


def _rolled_back(history: History, old: Served, new: Served) -> str:
    before, after = history.first_seen(old.digest), history.first_seen(new.digest)
    if before is None or after is None or after.first >= before.first or not history.has_had(old.digest):
        return ""
    return f"rollback: the tag went back to what it had had since {day(after.first)}"


def not_newest(history: History, new: Served) -> str:
    """Say that a digest is not the one that the tag names now; nothing where it is."""
    first, present = history.first_seen(new.digest), history.present
    if first is None or present is None or present.digest == new.digest:
        return ""
    return f"the newest digest that is old enough, first seen {day(first.first)}"


def sooner(case: Case, history: History, old: Digest | None, kept: Kept, kind: ChangeKind = "refresh") -> Kept:
    """Name the earliest time at which something may move: another digest may be old enough before the present one."""
    present = history.present
    if kept.outcome != "held" or kept.until is None or present is None:
        return kept
    ready = [
        later(first.first, case.values(kind).cooldown)
        for digest in newer(history, old, present.digest)
        if (first := history.first_seen(digest))
        and digest != present.digest
        and case.terms.policy.denial(case.reference.pinned_to(digest)) is None
    ]
    soonest = min([kept.until, *(moment for moment in ready if moment > case.terms.now)])
    return case.kept("held", kept.reason, until=soonest)
