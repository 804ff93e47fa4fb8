"""Pins of a single image of an index: they stay with their platform, where that is proven (semantics "3. Digests")."""

from __future__ import annotations

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Dead, Served
from pinbot.planning.case import Case
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.platforms import child_for

# How many earlier indexes of a tag are looked into for the platform of a pinned image.
_EARLIER = 5


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


def _next_child(case: Case, now: Served, present: Index) -> Change | Kept:
    platform = _from_earlier(case, now)
    if platform is None:
        reason = (
            f"pins a single image, but {case.reference.tag} is now an index and does not contain it,"
            " so its platform cannot be proven; remove the digest to pin the index"
        )
        return case.kept("refused", reason)
    child = child_for(platform, present)
    if child is None:
        return case.kept("refused", f"pins the image for {platform}, and {case.reference.tag} has none for it any more")
    history = case.history(case.reference.tag or "", now)
    wait = case.wait(history, now.digest, case.values("refresh").cooldown, case.clock(now))
    if wait is not None:
        return case.held(wait)
    missing = unserved(case, child.digest, platform)
    if missing is not None:
        return missing
    return case.change("refresh", case.reference.pinned_to(child.digest), f"the image for {platform}, as before")


def unserved(case: Case, child: Digest, platform: Platform) -> Kept | None:
    """Say that an image is listed by its index and not served; None where it is."""
    match case.known.alive(child):
        case Served():
            return None
        case Dead():
            return case.kept("held", f"its index lists the image for {platform}, and the registry does not serve it")
        case answer:
            return case.without_answer(answer, f"the image for {platform} could not be looked up: ")


def _from_earlier(case: Case, now: Served) -> Platform | None:
    """Return the platform of a pinned image, proven by an earlier index of its tag that holds it."""
    seen = case.known.history(case.reference.tag or "").seen
    earlier = list(dict.fromkeys(s.digest for s in reversed(seen) if s.digest != now.digest))[:_EARLIER]
    for digest in earlier:
        child = pinned_child(case.reference, case.known.content(digest))
        if child is not None and child.platform is not None:
            return child.platform
    return None


def platform_of_pin(case: Case, now: Served) -> Platform | None:
    """Return the platform of a pinned image, by its membership in the tag's present index or in an earlier one."""
    child = pinned_child(case.reference, case.known.content(now.digest))
    return child.platform if child else _from_earlier(case, now)


def pinned_child(reference: Reference, content: object) -> Descriptor | None:
    """Return the image of an index that `reference` pins; None where `content` is no index, or does not hold it."""
    children = content.manifests if isinstance(content, Index) else ()
    return next((child for child in children if child.digest == reference.digest), None)
