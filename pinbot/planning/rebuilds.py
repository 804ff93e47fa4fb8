"""A full version whose digest moved: was it rebuilt, or replaced by something else? (semantics "5. Time and trust")

The witnesses are the labels of the images. They are the publisher's word: a stolen account can copy them, so agreement
says `rebuilt`, never `safe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pinbot.planning.labels import Labels, normal

Verdict = Literal["rebuilt", "replaced", "unverified"]

# A label may be a page long; a reason is a sentence.
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What two images under one full version are to each other; `reason` is a sentence with the evidence."""

    verdict: Verdict
    reason: str


def compare(old: Labels | None, new: Labels | None, immutable: bool) -> Rebuild:
    """Judge two images that one full version named one after the other; None for one that cannot be looked at.

    Both are for the same platform. `immutable` says that the tag must never move, by its registry or by a rule. A
    changed source or version label proves a replacement; a rebuild needs both labels, unchanged.
    """
    if immutable:
        return Rebuild("replaced", "the tag is declared immutable, and its digest moved")
    if old is None or new is None:
        which = "both images" if old is new else "the earlier image" if old is None else "the present image"
        return Rebuild("unverified", f"{which} could not be looked at, so nothing tells a rebuild from a replacement")
    changed = [*_changed("source", old.source, new.source), *_changed("version", old.version, new.version)]
    if changed:
        return Rebuild("replaced", " and ".join(changed))
    if old.source and new.source and old.version and new.version:
        revision = " and ".join(_changed("revision", old.revision, new.revision))
        tail = f"; {revision}" if revision else ""
        return Rebuild(
            "rebuilt", f"same source {_shown(new.source)} and same version label {_shown(new.version)}{tail}"
        )
    return Rebuild("unverified", f"{_lacking(old, new)}, so nothing tells a rebuild from a replacement")


def _changed(what: str, before: str, after: str) -> list[str]:
    if not before or not after or normal(before) == normal(after):
        return []
    return [f"the {what} label changed from {_shown(before)} to {_shown(after)}"]


def _lacking(old: Labels, new: Labels) -> str:
    sides = (("source", old.source and new.source), ("version", old.version and new.version))
    return f"the images do not both name their {' and '.join(word for word, both in sides if not both)} in labels"


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
