"""What becomes of a pinned reference whose tag stays: nothing, its tag's new digest, or a reason (semantics "3.")."""

from __future__ import annotations

from pinbot.oci.manifest import Index
from pinbot.oci.resolution import Dead, Failed, Served
from pinbot.planning.broken_index import dead_images
from pinbot.planning.case import Case
from pinbot.planning.children import follow_child, replaced_child
from pinbot.planning.mirrors import unmirrored
from pinbot.planning.outcome import NO_TAG, Change, Kept
from pinbot.planning.platforms import listed
from pinbot.planning.targets import follow, is_whole, newer, suspicion


def refresh(case: Case) -> Change | Kept:
    """Return what becomes of a reference with a digest; its tag stays."""
    reference, known = case.reference, case.known
    assert reference.digest is not None
    if reference.tag is None:
        return _untagged(case)
    now = known.head(reference.tag)
    if isinstance(now, Served) and now.digest == reference.digest:
        return case.kept("current", f"{reference.tag} still names this digest")
    if not isinstance(now, Served):
        return _no_new_digest(case, now)
    known.need(known.alive_question(reference.digest), known.memory_question())
    alive = known.alive(reference.digest)
    if isinstance(alive, Dead):
        return replaced_child(case, now, alive.reason) or _replaced(case, now, alive.reason)
    if isinstance(alive, Served) and not alive.is_index and now.is_index:
        return follow_child(case, now)
    if now.digest.algorithm != reference.digest.algorithm:
        return case.kept(
            "refused", _OTHER_ALGORITHM.format(reference.digest.algorithm, now.digest.algorithm, reference.tag)
        )
    if not isinstance(alive, Served):
        return _unseen(case, now, alive)
    return _rescued(case, alive, now, follow(case, alive, now))


_OTHER_ALGORITHM = (
    "pinned by {0}, and the registry names {2} by {1}: whether both are one image cannot be told;"
    " remove the digest to pin what the tag names now"
)


def _untagged(case: Case) -> Kept:
    assert case.reference.digest is not None
    match case.known.alive(case.reference.digest):
        case Dead(reason=reason):
            return case.kept("refused", f"{reason}, and without a tag nothing says what should replace it")
        case Failed(status=status, reason=reason):
            return case.kept("lookup-failed", reason, status=status)
        case _:
            return case.kept("current", NO_TAG)


def _no_new_digest(case: Case, answer: object) -> Kept:
    """The tag has no digest to move to; say so, and say it when the old digest is gone as well."""
    kept = case.without_answer(answer)
    assert case.reference.digest is not None
    alive = case.known.alive(case.reference.digest) if isinstance(answer, Failed) else None
    if isinstance(alive, Dead):
        reason = f"{alive.reason}, and the tag has nothing to replace it: {kept.reason}"
        return case.kept(kept.outcome, reason, status=kept.status)
    return kept


def _unseen(case: Case, now: Served, alive: object) -> Change | Kept:
    """The old digest could not be looked at. What it is cannot be told, so a child might silently become an index."""
    if now.is_index:
        return case.without_answer(alive, "the pinned digest could not be looked at: ")
    assert case.reference.digest is not None
    return follow(case, Served(case.reference.digest, now.media_type), now)


def _replaced(case: Case, now: Served, reason: str) -> Change | Kept:
    """Replace a dead digest at once: by the newest that is old enough and served, else by what the tag names now."""
    assert case.reference.digest is not None
    assert case.reference.tag is not None
    history, cooldown = case.history(case.reference.tag, now), case.values("replace").cooldown
    allowed = [
        digest
        for digest in newer(history, case.reference.digest, now.digest)
        if case.denial(case.reference.pinned_to(digest)) is None
    ]
    for digest in allowed:
        is_old_enough = case.wait(history, digest, cooldown, case.clock(now)) is None
        is_present = digest == now.digest and unmirrored(case, digest) is None
        if is_old_enough and (is_present or is_whole(case, digest)):
            return case.change("replace", case.reference.pinned_to(digest), reason, rescues=True)
    if now.digest not in allowed:
        return case.kept("refused", f"{reason}; {case.denial(case.reference.pinned_to(now.digest))}")
    young = f"{reason}; what the tag names now is younger than the cooldown, and nothing older is served"
    return case.change("replace", case.reference.pinned_to(now.digest), young, rescues=True)


def _rescued(case: Case, old: Served, now: Served, decision: Change | Kept) -> Change | Kept:
    """Replace at once a pin that would have to wait, where images of its index are gone: it does not run any more.

    What looks like another image under the old name is held all the same; it has no time at which it would be taken.
    """
    if not (isinstance(decision, Kept) and decision.until is not None and old.is_index):
        return decision
    content = case.known.content(old.digest)
    if not isinstance(content, Index):
        return decision
    gone = [c.platform for c in dead_images(case.known, content, case.platforms) if c.platform]
    if not gone:
        return decision
    change = _replaced(case, now, f"the pinned index is there, and its image for {listed(gone)} is gone (404 twice)")
    digest = change.new.digest if isinstance(change, Change) else None
    return (suspicion(case, digest, digest) if digest else None) or change
