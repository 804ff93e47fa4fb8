"""What the ledger tells a person: the stretches in which tags named digests, and what is known of those digests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Sighting
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Config, Content, Facts, ImageConfig, Question

# Of an index, one child tells when the image was made: the platform that most people mean.
_USUAL = Platform("linux", "amd64")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One sighting with its tag, and what is known of its digest: None and nothing where that was never asked."""

    registry: str
    path: str
    tag: str
    sighting: Sighting
    media_type: str | None = None
    platforms: tuple[Platform, ...] = ()
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """The answer for `text`: by tag, and within a tag the newest first. `ledger` is where it was looked up.

    `is_brief` where a repository was asked for, and a person wants its tags rather than every stretch.
    """

    text: str
    ledger: str | None
    stretches: tuple[Stretch, ...]
    is_brief: bool = False


def stretches(
    histories: Mapping[tuple[str, str, str], History], facts: Facts, digest: Digest | None = None
) -> tuple[Stretch, ...]:
    """Return the stretches of tags, by registry, repository and tag; only those of a digest where one is given."""
    return tuple(
        _stretch(tag, one, facts)
        for tag, history in sorted(histories.items(), key=lambda item: item[0])
        for one in sorted(history.sightings, key=lambda s: (s.first, s.source == "seen", s.last), reverse=True)
        if digest is None or one.digest == digest
    )


def missing(found: Iterable[Stretch], facts: Facts) -> list[Question]:
    """Return what is still to be looked up about the digests; nothing where all that can be is known."""
    asked: dict[Question, None] = {}
    for one in found:
        content = Content(one.registry, one.path, one.sighting.digest)
        asked[content] = None
        if telling := _telling(one.sighting.digest, facts.get(content)):
            asked[Config(one.registry, one.path, telling)] = None
    return [question for question in asked if question not in facts]


def _stretch(tag: tuple[str, str, str], one: Sighting, facts: Facts) -> Stretch:
    registry, path, name = tag
    content = facts.get(Content(registry, path, one.digest))
    telling = _telling(one.digest, content)
    config = facts.get(Config(registry, path, telling)) if telling else None
    created = config.created if isinstance(config, ImageConfig) else None
    media_type = content.media_type if isinstance(content, Index | Manifest) else None
    return Stretch(registry, path, name, one, media_type, _platforms(content, config), created)


def _telling(digest: Digest, content: object) -> Digest | None:
    """Return the manifest whose configuration tells about the whole."""
    if not isinstance(content, Index):
        return digest
    usual = [c for c in content.images if c.platform and c.platform.normal() == _USUAL]
    return next((c.digest for c in (*usual, *content.images)), None)


def _platforms(content: object, config: object) -> tuple[Platform, ...]:
    if isinstance(content, Index):
        return tuple(c.platform for c in content.images if c.platform)
    return (config.platform,) if isinstance(config, ImageConfig) else ()
