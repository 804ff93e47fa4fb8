"""The images of a pinned index: which of them count, and which are gone (semantics "3. Digests")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Barred, Dead, Failed, Served
from pinbot.planning.known import Known
from pinbot.planning.problem import Item, Pin

# An index may list thousands; real ones have about ten, those with every build of Windows about twenty.
_ASKED = 100


def counting(index: Index, wanted: Sequence[Platform]) -> tuple[Descriptor, ...]:
    """Return the images of an index for these platforms; all of them where no platform is named."""
    images = tuple({child.digest: child for child in index.images}.values())
    if not wanted:
        return images
    return tuple(child for child in images if any(serves(child, platform) for platform in wanted))


def serves(child: Descriptor, wanted: Platform) -> bool:
    """Whether an image of an index is for a platform; one without an os version means any."""
    if child.platform is None:
        return False
    is_, asked = child.platform.normal(), wanted.normal()
    same = (is_.os, is_.architecture, is_.variant) == (asked.os, asked.architecture, asked.variant)
    return same and asked.os_version in {None, is_.os_version}


def dead_images(known: Known, index: Index, wanted: Sequence[Platform]) -> tuple[Descriptor, ...]:
    """Return the images of an index that count and are gone."""
    return tuple(child for child, answer in _answers(known, index, wanted) if isinstance(answer, Dead))


def wanted_platforms(pin: Pin) -> tuple[Platform, ...]:
    """Return the platforms that count for a reference: the declared ones, or that of the line; none for all."""
    return pin.values.platforms or ((pin.finding.platform,) if pin.finding.platform else ())


def gone(pin: Pin, known: Known, pinned: Digest, is_current: bool) -> Iterator[Item]:
    """Judge the images of the pinned index; `is_current` says that the tag names this very index."""
    content = known.content(pinned)
    if isinstance(content, Failed | Barred):
        yield pin.unchecked(content, "the pinned index could not be read: ")
    if isinstance(content, Failed | Barred | Manifest):
        return
    answers = _answers(known, content, wanted_platforms(pin))
    if dead := [child for child, answer in answers if isinstance(answer, Dead)]:
        yield pin.problem("dead-digest", _message(dead, len(answers)), _remedy(pin, is_current))
    for child, answer in answers:
        if isinstance(answer, Failed | Barred):
            yield pin.unchecked(answer, f"the image for {_platform(child)} could not be looked up: ")
            return


def _answers(
    known: Known, index: Index, wanted: Sequence[Platform]
) -> list[tuple[Descriptor, Served | Dead | Barred | Failed]]:
    asked = counting(index, wanted)[:_ASKED]
    known.need(*(known.alive_question(child.digest) for child in asked))
    return [(child, known.alive(child.digest)) for child in asked]


def _message(dead: Sequence[Descriptor], asked: int) -> str:
    platforms = ", ".join(_platform(child) for child in dead)
    return (
        f"the pinned index is there, but {len(dead)} of the {asked} images that count are gone: {platforms} (404 twice)"
    )


def _platform(child: Descriptor) -> str:
    platform = child.platform
    if platform is None:
        return f"{child.digest.algorithm}:{child.digest.short}…"
    return f"{platform} ({platform.os_version})" if platform.os_version else str(platform)


def _remedy(pin: Pin, is_current: bool) -> str:
    if is_current:
        return (
            f"the tag itself is broken: {pin.reference.tag} names this index, and a refresh would not mend it; "
            "pin another version until its publisher has pushed it again"
        )
    return "run `pinbot bump` to replace it" if pin.reference.tag else "find the tag that it had, and pin that"
