"""What can be said about one reference: its digest, kind, platforms and age (the verb `resolve`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import (
    Alive,
    Barred,
    Config,
    Content,
    Dead,
    Facts,
    Failed,
    Head,
    ImageConfig,
    Question,
    Served,
)

# Of an index, one child tells when the image was made: the platform that most people mean.
_USUAL = Platform("linux", "amd64")


@dataclass(frozen=True, slots=True)
class Inspection:
    """The answer for one reference; `error` says why the rest is unknown.

    `created` is what the publisher wrote into the image, None where it says nothing.
    """

    text: str
    reference: Reference | None
    digest: Digest | None = None
    media_type: str | None = None
    platforms: tuple[Platform, ...] = ()
    created: datetime | None = None
    error: str | None = None


def missing(references: Iterable[Reference], facts: Facts) -> frozenset[Question]:
    """Return the questions that are still open about `references`; empty when all is known that can be."""
    unknown = (next((q for q in _questions(r, facts) if q not in facts), None) for r in references)
    return frozenset(q for q in unknown if q is not None)


def inspect(text: str, reference: Reference, facts: Facts) -> Inspection:
    """Return what `facts` say about a reference."""
    served = facts[_first(reference)]
    if not isinstance(served, Served):
        return Inspection(text, reference, error=_why(served))
    content = facts[Content(reference.registry, reference.path, served.digest)]
    config = _config(reference, served, facts)
    return Inspection(
        text,
        reference,
        served.digest,
        served.media_type,
        _platforms(content, config),
        config.created if isinstance(config, ImageConfig) else None,
        _why(content) or _why(config),
    )


def _first(reference: Reference) -> Question:
    """A written digest is the reference's meaning; its tag is for people."""
    if reference.digest is not None:
        return Alive(reference.registry, reference.path, reference.digest)
    return Head(reference.registry, reference.path, reference.effective_tag or "")


def _questions(reference: Reference, facts: Facts) -> Iterable[Question]:
    first = _first(reference)
    yield first
    served = facts.get(first)
    if not isinstance(served, Served):
        return
    yield Content(reference.registry, reference.path, served.digest)
    if manifest := _telling(reference, served, facts):
        yield Config(reference.registry, reference.path, manifest)


def _telling(reference: Reference, served: Served, facts: Facts) -> Digest | None:
    """The manifest whose configuration tells about the whole: the usual child of an index, or the one there is."""
    content = facts.get(Content(reference.registry, reference.path, served.digest))
    if not isinstance(content, Index):
        return served.digest
    usual = [c for c in content.images if c.platform and c.platform.normal() == _USUAL]
    return next((c.digest for c in (*usual, *content.images)), None)


def _config(reference: Reference, served: Served, facts: Facts) -> object:
    manifest = _telling(reference, served, facts)
    return facts.get(Config(reference.registry, reference.path, manifest)) if manifest else None


def _platforms(content: object, config: object) -> tuple[Platform, ...]:
    if isinstance(content, Index):
        return tuple(c.platform for c in content.images if c.platform)
    return (config.platform,) if isinstance(config, ImageConfig) else ()


def _why(answer: object) -> str | None:
    return answer.reason if isinstance(answer, Failed | Barred | Dead) else None
