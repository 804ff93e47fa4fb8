"""Mirrors: registries that hold copies of another's repositories, under a prefix of their own.

A reference may be written by the upstream's name (`nginx:1.27`) or by the mirror's (`registry.corp/dockerhub/library/
nginx:1.27`, an alias); either way it is one image, of which one of both is asked. Harbor calls this a proxy cache
(https://goharbor.io/docs/main/administration/configure-proxy-cache/), distribution a pull-through cache
(https://distribution.github.io/distribution/recipes/mirror/).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from pinbot.oci.reference import DEFAULT_REGISTRY, Reference

Mode = Literal["verify", "resolve"]
MODES: tuple[Mode, ...] = ("verify", "resolve")
# A cache that looks again once a day is on time.
STALE_AFTER = timedelta(hours=24)
# https://github.com/distribution/reference/blob/main/reference.go (NameTotalLengthMax)
_MOST_PATH = 255


@dataclass(frozen=True, slots=True)
class Place:
    """A repository of a registry."""

    registry: str
    path: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.path}"


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where the copies of one registry are: at `registry`, below `prefix`, which may be empty.

    In the mode `verify` the upstream is asked, and a digest is taken when the mirror serves it; in the mode `resolve`
    the mirror is asked. `rewrite` is whether references are to be written by the mirror's name. A mirror that has
    something else under a tag for longer than `stale_after` is called stale; None asks nobody about that.
    """

    upstream: str
    registry: str
    prefix: str = ""
    mode: Mode = "verify"
    rewrite: bool = False
    stale_after: timedelta | None = STALE_AFTER

    def __str__(self) -> str:
        return f"{self.registry}/{self.prefix}" if self.prefix else self.registry

    def copy_of(self, path: str) -> Place:
        """Return where the copy of an upstream's repository is."""
        return Place(self.registry, f"{self.prefix}/{path}" if self.prefix else path)

    def original_of(self, registry: str, path: str) -> Place | None:
        """Return whose copy a repository is; None where it is none of this mirror's."""
        if registry.lower() != self.registry:
            return None
        below = path.removeprefix(f"{self.prefix}/") if self.prefix else path
        if self.prefix and below == path:
            return None
        # Mirrors of Docker Hub take short names as Docker does.
        is_short = self.upstream == DEFAULT_REGISTRY and "/" not in below
        return Place(self.upstream, f"library/{below}" if is_short else below)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One repository with its two places; `is_alias` is whether it is written by the mirror's name."""

    mirror: Mirror
    upstream: Place
    copy: Place
    is_alias: bool

    @property
    def asked(self) -> Place:
        """The place that says what tags name: the one whose history counts."""
        return self.upstream if self.mirror.mode == "verify" else self.copy

    def rewritten(self, reference: Reference) -> Reference | None:
        """Return a reference by the mirror's name; None where it is so already, or that would be no name."""
        if self.is_alias or len(self.copy.path) > _MOST_PATH:
            return None
        return replace(reference, registry=self.copy.registry, path=self.copy.path, name=str(self.copy))


@dataclass(frozen=True, slots=True)
class Mirrors:
    """All mirrors of the settings, at most one of each registry."""

    all: tuple[Mirror, ...] = ()

    def of(self, reference: Reference) -> Mirrored | None:
        """Return the two places of a reference's repository; None for one that has no mirror.

        An alias is one first, so that a copy is never mirrored again; of nested prefixes the longest counts.
        """
        if not self.all:
            return None
        registry, path = reference.registry.lower(), reference.path
        copies = [(m, original) for m in self.all if (original := m.original_of(registry, path))]
        if copies:
            mirror, original = max(copies, key=lambda copy: len(copy[0].prefix))
            return Mirrored(mirror, original, Place(registry, path), is_alias=True)
        mirror_of = next((m for m in self.all if m.upstream == registry), None)
        if mirror_of is None:
            return None
        return Mirrored(mirror_of, Place(registry, path), mirror_of.copy_of(path), is_alias=False)

    def asked(self, reference: Reference) -> Place:
        """Return the place that is asked what the tags of a reference's repository name."""
        found = self.of(reference)
        return found.asked if found else Place(reference.registry, reference.path)

    def original(self, reference: Reference) -> Place | None:
        """Return the upstream's name of an alias; None for what is written by its own name."""
        found = self.of(reference)
        return found.upstream if found and found.is_alias else None
