"""How the settings of a repository narrow those of its organisation: one row for each key (docs/settings.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pinbot.oci.platform import Platform
from pinbot.planning.values import MODES, shown
from pinbot.source.directive import LEVELS

# What is compared has the type of its key in Values.
Narrow = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """How two values of one key become one: `narrow` is given the organisation's and the repository's.

    `words` say so to a person. With `from_default`, a repository narrows the default too where its organisation says
    nothing; without, it may then choose.
    """

    narrow: Narrow
    words: str
    from_default: bool = False


def narrowed(field: str, organisation: object, repository: object) -> object:
    """Return what holds where both give a value to a field of Values."""
    return TABLE[field].narrow(organisation, repository)


def _lower_of(order: Sequence[str]) -> Narrow:
    return lambda one, other: min(one, other, key=order.index)


def _either(word: str) -> Narrow:
    return lambda one, other: word if word in {one, other} else one


def _all_of(one: tuple[object, ...], other: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _common(one: tuple[Platform, ...], other: tuple[Platform, ...]) -> tuple[Platform, ...]:
    """None declared means all; where nothing is common, the organisation's stay."""
    wanted = {platform.normal() for platform in other}
    return tuple(p for p in one if p.normal() in wanted) or one or other


def _repositorys(_one: object, other: object) -> object:
    return other


_BOTH = Row(lambda one, other: one and other, "`true` only where both say so")
_LONGER = Row(max, "the longer one, never below the default", from_default=True)
_FREE = Row(_repositorys, "the repository's")

TABLE: dict[str, Row] = {
    "mode": Row(_lower_of(MODES), f"the lower one of {' < '.join(MODES)}"),
    "level": Row(_lower_of(LEVELS), f"the lower one of {' < '.join(LEVELS)}"),
    "cooldown": _LONGER,
    "settle": _LONGER,
    "tag": Row(_either("keep"), "`keep` where one says so"),
    "suffix": Row(_either("keep"), "`keep` where one says so"),
    "platforms": Row(_common, "those that both name; the organisation's where there are none"),
    "qualify": _BOTH,
    "restore_tag": _BOTH,
    "immutable": Row(lambda one, other: one or other, "`true` where one says so"),
    "until": Row(max, "the later day"),
    "allowed_tags": Row(_all_of, "both must allow a tag"),
    "denied_tags": Row(_all_of, "either may deny a tag"),
    "group": _FREE,
    "labels": _FREE,
    "verify": Row(_all_of, "both must be satisfied"),
    "auto_merge": _BOTH,
}


def told(field: str, organisation: object) -> str:
    """Say what the organisation's value was, and by which row it was narrowed."""
    return f"narrowed from {shown(organisation)}: {TABLE[field].words}"
