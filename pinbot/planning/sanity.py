"""Whether a newer tag is what its number promises: for the same platforms, and made later (semantics "4.", sanity)."""

from __future__ import annotations

from datetime import datetime, timedelta

from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import ImageConfig, Served
from pinbot.planning.known import Known
from pinbot.planning.labels import made
from pinbot.planning.platforms import beside, compare, images, listed, telling
from pinbot.planning.spans import day, later

# Both of a pair are often rebuilt in one night, in any order.
_ONE_NIGHT = timedelta(days=1)


def lacks(known: Known, old: Served, new: Served, declared: tuple[Platform, ...]) -> str | None:
    """Say for which platforms of the old image the new one has none; None where it has all, or nobody knows."""
    comparison = compare(known, old, new, declared)
    return f"it has no image for {listed(comparison.lacking)}" if comparison.lacking else None


def is_for_another(known: Known, old: Served, new: Served) -> str | None:
    """Say that two single images are for different platforms; None where they are not, or nobody knows."""
    if old.is_index or new.is_index:
        return None
    before, after = images(known, old), images(known, new)
    if isinstance(before, str) or isinstance(after, str) or before.keys() == after.keys():
        return None
    return f"it is an image for {listed(after)}, not for {listed(before)}"


def is_older(known: Known, old: Served, new: Served, platform: Platform | None) -> str | None:
    """Say that an image was made before the one that it would replace; None where it was not, or nobody knows."""
    known.need(known.content_question(old.digest), known.content_question(new.digest))
    before, after = created(known, old, platform), created(known, new, platform)
    if before is None or after is None or later(after, _ONE_NIGHT) >= before:
        return None
    return f"it was built on {day(after)}, before the present image ({day(before)})"


def created(known: Known, served: Served, platform: Platform | None) -> datetime | None:
    """Return when an image was made, in its publisher's words; None where it does not say, or says the epoch."""
    content = known.content(served.digest)
    if not isinstance(content, Index | Manifest):
        return None
    manifest = telling(content, platform)
    if manifest is None:
        return None
    # Docker's official images say it beside the child, which saves two requests.
    if (said := made(None, beside(content, manifest))) is not None:
        return said
    config = known.config(manifest)
    return made(config) if isinstance(config, ImageConfig) else None
