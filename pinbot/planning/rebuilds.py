"""A full version whose digest moved: was it rebuilt, or replaced by something else? (semantics "5. Time and trust")

The witnesses are labels of the images (https://github.com/opencontainers/image-spec/blob/main/annotations.md), or
their forerunners (http://label-schema.org/rc1/). They are the publisher's word: a stolen account can copy them, so
agreement says `rebuilt`, never `safe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pinbot.oci.resolution import ImageConfig

Verdict = Literal["rebuilt", "replaced", "unverified"]

_SOURCE = ("org.opencontainers.image.source", "org.label-schema.vcs-url")
_VERSION = ("org.opencontainers.image.version", "org.label-schema.version")
_REVISION = ("org.opencontainers.image.revision", "org.label-schema.vcs-ref")
# A label may be a page long; a reason is a sentence.
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What two images under one full version are to each other; `reason` is a sentence with the evidence."""

    verdict: Verdict
    reason: str


def compare(old: ImageConfig | None, new: ImageConfig | None, immutable: bool) -> Rebuild:
    """Judge two images that one full version named one after the other; None for one that cannot be looked at.

    Both are for the same platform. `immutable` says that the tag must never move, by its registry or by a rule. A
    changed source or version label proves a replacement; a rebuild needs both labels, unchanged.
    """
    if immutable:
        return Rebuild("replaced", "the tag is declared immutable, and its digest moved")
    if old is None or new is None:
        which = "both images" if old is new else "the earlier image" if old is None else "the present image"
        return Rebuild("unverified", f"{which} could not be looked at, so nothing tells a rebuild from a replacement")
    changed = [*_changed("source", _SOURCE, old, new), *_changed("version", _VERSION, old, new)]
    if changed:
        return Rebuild("replaced", " and ".join(changed))
    source, version = _label(new, _SOURCE), _label(new, _VERSION)
    if source and version and _label(old, _SOURCE) and _label(old, _VERSION):
        revision = " and ".join(_changed("revision", _REVISION, old, new))
        tail = f"; {revision}" if revision else ""
        return Rebuild("rebuilt", f"same source {_shown(source)} and same version label {_shown(version)}{tail}")
    return Rebuild("unverified", f"{_lacking(old, new)}, so nothing tells a rebuild from a replacement")


def _changed(what: str, names: tuple[str, ...], old: ImageConfig, new: ImageConfig) -> list[str]:
    before, after = _label(old, names), _label(new, names)
    if not before or not after or _normal(before) == _normal(after):
        return []
    return [f"the {what} label changed from {_shown(before)} to {_shown(after)}"]


def _lacking(old: ImageConfig, new: ImageConfig) -> str:
    words = [
        word
        for word, names in (("source", _SOURCE), ("version", _VERSION))
        if not (_label(old, names) and _label(new, names))
    ]
    return f"the images do not both name their {' and '.join(words)} in labels"


def _label(config: ImageConfig, names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := config.labels.get(name, "").strip())), "")


def _normal(value: str) -> str:
    """One spelling of a source or a version: hosts ignore case, `.git` and a leading `v` say nothing."""
    plain = value.casefold().removesuffix("/").removesuffix(".git")
    for scheme in ("git+https://", "https://", "http://", "git://", "ssh://git@"):
        plain = plain.removeprefix(scheme)
    return plain[1:] if plain[:1] == "v" and plain[1:2].isdigit() else plain


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
