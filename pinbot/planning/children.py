"""Pins of a single image of an index: they stay with their platform, where that is proven (semantics "3. Digests")."""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.oci.digest import Digest
from pinbot.oci.history import History
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Dead, Served
from pinbot.planning.case import Case
from pinbot.planning.mirrors import unmirrored
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.platforms import child_for
from pinbot.planning.targets import newer, returning, sooner, suspicion

# How many earlier indexes of a tag are looked into for a pinned image; the ledger keeps what was read of them.
_EARLIER = 10


@dataclass(frozen=True, slots=True)
class Origin:
    """The index that a pinned image is from, and the platform that it is for."""

    index: Digest
    platform: Platform


def follow_child(case: Case, now: Served) -> Change | Kept:
    """A single image is pinned where the tag is an index: it stays a pin of that platform, where that is proven."""
    reference, content = case.reference, case.known.content(now.digest)
    match content:
        case Index():
            child = pinned_child(reference, content)
            if child is not None:
                what = child.platform or "no platform"
                return case.kept("current", f"pins one image of the present index ({what})")
            return _next_child(case, now, content)
        case Manifest():
            # The type in the header and the content disagree: what the tag is cannot be told.
            return case.kept("refused", f"the registry calls {reference.tag} an index, and serves a single image")
        case _:
            return case.without_answer(content, "the index could not be read: ")


def replaced_child(case: Case, now: Served, reason: str) -> Change | Kept | None:
    """Replace a dead image of an index at once, by one for the same platform; None where it is not proven to be one.

    As for every dead digest the newest index that is old enough is taken, else what the tag names now.
    """
    origin = origin_of_dead(case, now)
    if origin is None:
        return None
    history, cooldown = case.history(case.reference.tag or "", now), case.values("replace").cooldown
    indexes = newer(history, origin.index, now.digest)
    mature = [i for i in indexes if case.wait(history, i, cooldown, case.clock(now)) is None]
    for index in dict.fromkeys((*mature, now.digest)):
        child = _takeable(case, index, origin.platform)
        if isinstance(child, Digest):
            return case.change("replace", case.reference.pinned_to(child), reason)
    return case.kept("refused", f"{reason}, and {case.reference.tag} has no image for {origin.platform} to replace it")


def _next_child(case: Case, now: Served, present: Index) -> Change | Kept:
    origin = origin_of_pin(case, now)
    if origin is None:
        reason = (
            f"pins a single image, but {case.reference.tag} is now an index and does not contain it,"
            " so its platform cannot be proven; remove the digest to pin the index"
        )
        return case.kept("refused", reason)
    if child_for(origin.platform, present) is None:
        reason = f"pins the image for {origin.platform}, and {case.reference.tag} has none for it any more"
        return case.kept("refused", reason)
    history = case.history(case.reference.tag or "", now)
    first: Kept | None = None
    for index in newer(history, origin.index, now.digest):
        verdict = _judged(case, history, now, index, origin.platform)
        if isinstance(verdict, Change):
            return verdict
        first = first or verdict
    assert first is not None  # the present index always has a verdict, and comes first
    return sooner(case, history, origin.index, first)


def _judged(case: Case, history: History, now: Served, index: Digest, platform: Platform) -> Change | Kept | None:
    """Return what speaks for or against the image of one index; None for an earlier one that is out of the question."""
    is_present = index == now.digest
    wait = case.wait(history, index, case.values("refresh").cooldown, case.clock(now))
    if is_present:
        wait = wait or returning(case, history, now)
    if wait is not None:
        return case.held(wait) if is_present else None
    child = _takeable(case, index, platform)
    if not isinstance(child, Digest):
        return child if is_present else None
    if child == case.reference.digest:
        return None
    return suspicion(case, child, index) or case.change(
        "refresh", case.reference.pinned_to(child), f"the image for {platform}, as before"
    )


def _takeable(case: Case, index: Digest, platform: Platform) -> Digest | Kept:
    """Return the image of an index for a platform, or why it cannot be taken."""
    content = case.known.content(index)
    child = child_for(platform, content) if isinstance(content, Index) else None
    if child is None:
        return case.kept("refused", f"an index of {case.reference.tag} has no image for {platform}")
    denial = case.denial(case.reference.pinned_to(child.digest)) or case.denial(case.reference.pinned_to(index))
    if denial is not None:
        return case.kept("refused", denial)
    return unserved(case, child.digest, platform) or child.digest


def unserved(case: Case, child: Digest, platform: Platform) -> Kept | None:
    """Say that an image is listed by its index and not served, or not by the mirror; None where it is."""
    match case.known.alive(child):
        case Served():
            return unmirrored(case, child)
        case Dead():
            return case.kept("held", f"its index lists the image for {platform}, and the registry does not serve it")
        case answer:
            return case.without_answer(answer, f"the image for {platform} could not be looked up: ")


def origin_of_pin(case: Case, now: Served) -> Origin | None:
    """Return where a pinned image is from, proven by the tag's present index or by an earlier one that holds it."""
    history = case.known.history(case.reference.tag or "")
    if case.reference.digest is None or not now.is_index or history.has_had(case.reference.digest):
        return None
    for index in (now.digest, *_earlier(history, case.reference.digest, now.digest)):
        child = pinned_child(case.reference, case.known.content(index))
        if child is not None and child.platform is not None:
            return Origin(index, child.platform)
    return None


def origin_of_dead(case: Case, now: Served) -> Origin | None:
    """Return where a dead digest is from; not even the present index is read for that where nothing was ever seen."""
    return origin_of_pin(case, now) if case.known.history(case.reference.tag or "").seen else None


def _earlier(history: History, pinned: Digest, present: Digest) -> list[Digest]:
    """Return earlier digests of a tag: first those of the time before files had the pin, the latest first."""
    since = history.first_known(pinned)
    newest = [s for s in reversed(history.seen) if s.digest != present]
    newest.sort(key=lambda s: since is not None and s.first > since)
    return list(dict.fromkeys(s.digest for s in newest))[:_EARLIER]


def pinned_child(reference: Reference, content: object) -> Descriptor | None:
    """Return the image of an index that `reference` pins; None where `content` is no index, or does not hold it."""
    children = content.manifests if isinstance(content, Index) else ()
    return next((child for child in children if child.digest == reference.digest), None)
