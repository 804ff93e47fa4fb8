"""Whom a rule speaks of: the conditions of its `match`, and what each of them is compared with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pinbot.oci.mirrors import Mirrors
from pinbot.oci.reference import DEFAULT_REGISTRY, Reference
from pinbot.planning.globs import chooser, leading, whole
from pinbot.planning.values import ChangeKind

Stage = Literal["final", "builder"]
Test = Callable[[str], bool]
# `https://host/owner/name.git`, and the short form of ssh, `git@host:owner/name`.
_FORGE_URL = re.compile(r"(?:(?:https?|ssh|git)://[^/\s]+/|(?:[^@/:\s]+@)?[^@/:\s]+:(?!//))(?P<path>\S+)")


@dataclass(frozen=True, slots=True)
class CodeRepository:
    """The repository whose files are read: its `owner/name` where that is known, and its topics."""

    name: str | None = None
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The conditions of a rule: all that are given must hold, of several values of one, any (but see `path`).

    `image`, `registry`, `repository`, `topic` and `tag` are globs; `path` are patterns of .gitignore, of which the
    last that matches decides; `own` is whether the image is the organisation's own.
    """

    kind: tuple[ChangeKind, ...] = ()
    repository: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    registry: tuple[str, ...] = ()
    own: bool | None = None
    path: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    stage: tuple[Stage, ...] = ()
    tag: tuple[str, ...] = ()

    def suits_kind(self, kind: ChangeKind | None) -> bool:
        """Whether it speaks of such changes; one that names kinds speaks of nothing else."""
        return not self.kind or kind in self.kind

    def suits_repository(self, code: CodeRepository) -> bool:
        """Whether it speaks of this repository; names are compared without their case, as forges do."""
        name = (code.name or "").lower()
        return (not self.repository or (bool(name) and whole(_lower(self.repository))(name))) and (
            not self.topic or any(map(whole(_lower(self.topic)), _lower(code.topics)))
        )

    @property
    def needs_image(self) -> bool:
        """Whether it can only hold where the image is known."""
        return bool(self.image or self.registry or self.own is not None)


@dataclass(frozen=True, slots=True)
class Tests:
    """A Match, ready to be asked: the patterns compiled; `owns` tells by the spellings of a name."""

    match: Match
    owns: Callable[[tuple[str, ...]], bool]
    path: Test
    image: Test
    registry: Test
    tag: Test

    @classmethod
    def of(cls, match: Match, owns: Callable[[tuple[str, ...]], bool]) -> Tests:
        """Return the tests of a match."""
        return cls(match, owns, chooser(match.path, ()), *map(whole, (match.image, _lower(match.registry), match.tag)))

    def suits_image(self, names: tuple[str, ...]) -> bool:
        """Whether it speaks of the image with these spellings, of whatever tag; without any it is unknown."""
        match = self.match
        if match.image and not any(map(self.image, names)):
            return False
        if match.registry and not any(self.registry(name.partition("/")[0]) for name in names[:1]):
            return False
        return match.own is None or (bool(names) and self.owns(names) is match.own)

    def suits_tag(self, tag: str | None) -> bool:
        """Whether it speaks of this tag."""
        return not self.match.tag or (tag is not None and self.tag(tag))

    def suits_place(self, format_name: str, stage: str | None) -> bool:
        """Whether it speaks of this format and stage."""
        return (not self.match.format or format_name in self.match.format) and (
            not self.match.stage or stage in self.match.stage
        )


def repository_name(url: str) -> str | None:
    """Return `owner/name` of the URL that a checkout comes from, None where it names no forge (a local path)."""
    found = _FORGE_URL.fullmatch(url.strip())
    path = found["path"].rstrip("/").removesuffix(".git").strip("/") if found else ""
    return path if "/" in path else None


@lru_cache(maxsize=8192)
def spellings(registry: str, path: str) -> tuple[str, ...]:
    """Return the names of an image: the canonical one, then those that mean it on Docker Hub.

    A short name that would be read as one of another registry is none: `docker.io/ghcr.io/x` is not `ghcr.io/x`.
    """
    canonical = f"{registry.lower()}/{path}"
    short = (path, path.removeprefix("library/")) if registry == DEFAULT_REGISTRY else ()
    named = (Reference.parse_or_none(name) for name in dict.fromkeys(short))
    return (canonical, *(r.name for r in named if r and (r.registry, r.path) == (registry, path)))


def names_of(reference: Reference, mirrors: Mirrors) -> tuple[str, ...]:
    """Return the names of an image: that which is written comes first, and an alias has its upstream's as well."""
    names = spellings(reference.registry, reference.path)
    original = mirrors.original(reference)
    return (*names, *spellings(original.registry, original.path)) if original else names


def below(globs: Sequence[str]) -> Callable[[tuple[str, ...]], bool]:
    """Return whether one of the spellings of a name, or what leads it, matches a glob (`ghcr.io/acme`, `*.corp`)."""
    test = leading(globs)
    return lambda names: any(map(test, names))


def _lower(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)
