"""What may be said of a reference: each key of the settings with its type, its default and its spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Literal

from pinbot.oci.platform import Platform
from pinbot.source.directive import Level

Mode = Literal["ignore", "watch", "pin", "bump"]
ChangeKind = Literal["pin", "refresh", "patch", "minor", "major", "replace", "remove"]

MODES: tuple[Mode, ...] = ("ignore", "watch", "pin", "bump")
KINDS: tuple[ChangeKind, ...] = ("pin", "refresh", "patch", "minor", "major", "replace")
_DURATION = re.compile(r"([0-9]{1,5})(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
NO_COOLDOWN = timedelta(0)
UNATTENDED_COOLDOWN = timedelta(days=3)
SETTLE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Verify:
    """Who must have signed a digest: a public key in the file `key`, or an `identity` that `issuer` vouches for.

    `key` is a path beside the settings or, where `in_repository`, one of the repository.
    """

    key: str | None = None
    identity: str | None = None
    issuer: str | None = None
    in_repository: bool = False

    def __str__(self) -> str:
        return f"key {self.key}" if self.key else f"{self.identity} (by {self.issuer})"


@dataclass(frozen=True, slots=True)
class Values:
    """What applies to one reference (semantics "4." and "5."); the defaults are those of the one-shot command.

    `platforms` are those the repository's owner cares about, none for all. `until` holds everything up to that day.
    `allowed_tags` are RE2 patterns, all of which must be found in a tag that is taken, and `denied_tags` ones of which
    none may be. `group`, `labels` and `auto_merge` are for pull requests; every one of `verify` must be satisfied.
    """

    mode: Mode = "bump"
    level: Level = "digest"
    cooldown: timedelta = NO_COOLDOWN
    settle: timedelta = SETTLE
    tag: Literal["keep", "precise"] = "keep"
    suffix: Literal["keep", "follow"] = "keep"
    platforms: tuple[Platform, ...] = ()
    qualify: bool = False
    restore_tag: bool = False
    immutable: bool = False
    until: date | None = None
    allowed_tags: tuple[str, ...] = ()
    denied_tags: tuple[str, ...] = ()
    group: str | None = None
    labels: tuple[str, ...] = ()
    verify: tuple[Verify, ...] = ()
    auto_merge: bool = False


FIELDS = tuple(f.name for f in fields(Values))


@dataclass(frozen=True, slots=True)
class IgnorePolicy:
    """What an organisation asks of `# pinbot: ignore` remarks; one that does not comply does not count."""

    forbidden: bool = False
    reason_required: bool = False
    until_required: bool = False

    def stricter(self, other: IgnorePolicy) -> IgnorePolicy:
        """Return what both ask."""
        return IgnorePolicy(
            self.forbidden or other.forbidden,
            self.reason_required or other.reason_required,
            self.until_required or other.until_required,
        )


def key_of(field: str) -> str:
    """Return how a field of Values is spelled in the settings."""
    return field.replace("_", "-")


def field_of(key: str) -> str:
    """Return the field of Values that a key of the settings means."""
    return key.replace("-", "_")


def duration(text: str) -> timedelta | None:
    """Read `3d`, `12h`, `30m`, `2w` or `0`; None for anything else."""
    if text == "0":
        return timedelta(0)
    found = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def shown(value: object) -> str:
    """Return a value as the settings would write it; `-` where there is none."""
    match value:
        case None | ():
            return "-"
        case bool():
            return "true" if value else "false"
        case timedelta():
            return _spelled(value)
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _spelled(value: timedelta) -> str:
    """Return a time in the largest unit that holds it whole: `3d`, `36h`, `90m`, `0`."""
    minutes = int(value.total_seconds() // 60)
    units = ((24 * 60, "d"), (60, "h"), (1, "m"))
    return next((f"{minutes // size}{unit}" for size, unit in units if minutes and minutes % size == 0), "0")
