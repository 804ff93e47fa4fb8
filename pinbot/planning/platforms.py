"""How the images of two digests compare, platform by platform (semantics "3. Digests": no-op, settling, child pins)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import ImageConfig, Served
from pinbot.planning.known import Known

# Of an index, one child tells for all when and from what it was made: the platform that most people mean.
USUAL = Platform("linux", "amd64")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new digest is beside an old one.

    `same`: for the platforms that count, the images are equal. `lacking` and `added` are platforms that only the old or
    only the new one has. `unknown` says why nothing can be said.
    """

    same: bool = False
    lacking: tuple[Platform, ...] = ()
    added: tuple[Platform, ...] = ()
    unknown: str | None = None
    # Whether all images that both have are equal.
    kept: bool = False

    @property
    def grew(self) -> bool:
        """Whether platforms were added and nothing else happened."""
        return bool(self.added) and not self.lacking and self.kept


def compare(known: Known, old: Served, new: Served, declared: Sequence[Platform]) -> Comparison:
    """Compare two digests by the platforms that count: the declared ones, or all where none are declared.

    Contents are asked for only where one of both is an index: single images with two digests are two images.
    """
    if not old.is_index and not new.is_index:
        return Comparison()
    known.need(known.content_question(old.digest), known.content_question(new.digest))
    before, after = images(known, old), images(known, new)
    if isinstance(before, str) or isinstance(after, str):
        return Comparison(unknown=before if isinstance(before, str) else str(after))
    wanted = {p.normal() for p in declared}
    before = {p: d for p, d in before.items() if not wanted or p in wanted}
    after = {p: d for p, d in after.items() if not wanted or p in wanted}
    return Comparison(
        same=before == after and bool(before),
        lacking=_only(before, after),
        added=_only(after, before),
        kept=all(before[p] == after[p] for p in before.keys() & after.keys()),
    )


def _only(some: Iterable[Platform], others: Iterable[Platform]) -> tuple[Platform, ...]:
    return tuple(sorted(set(some) - set(others), key=str))


def images(known: Known, served: Served) -> dict[Platform, tuple[Digest, ...]] | str:
    """Return the images of a digest by their platforms, or why they cannot be told."""
    content = known.content(served.digest)
    match content:
        case Index():
            by_platform: defaultdict[Platform, list[Digest]] = defaultdict(list)
            for child in content.images:
                if child.platform:
                    by_platform[child.platform.normal()].append(child.digest)
            return {platform: tuple(digests) for platform, digests in by_platform.items()}
        case Manifest():
            config = known.config(served.digest)
            if isinstance(config, ImageConfig):
                return {config.platform.normal(): (served.digest,)}
            return config.reason
        case _:
            return content.reason


def child_for(platform: Platform, index: Index) -> Descriptor | None:
    """Return the image of an index that runs on exactly this platform."""
    wanted = platform.normal()
    return next((c for c in index.images if c.platform and c.platform.normal() == wanted), None)


def telling(content: Manifest | Index, platform: Platform | None = None) -> Digest | None:
    """Return the manifest that speaks for all of a digest: of an index, the one for `platform`, or the usual one."""
    if isinstance(content, Manifest):
        return content.digest
    for wanted in (platform, USUAL):
        child = child_for(wanted, content) if wanted else None
        if child is not None:
            return child.digest
    return next((c.digest for c in content.images), None)


def beside(content: object, manifest: Digest | None) -> list[Mapping[str, str]]:
    """Return what an index says of one of its images in annotations; nothing where it is no index."""
    return [c.annotations for c in content.images if c.digest == manifest] if isinstance(content, Index) else []


def listed(platforms: Iterable[Platform]) -> str:
    """Return platforms in words."""
    return ", ".join(map(str, platforms))
