"""What may be done with a reference: the values that rules, settings and remarks give it, and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.source.finding import Finding

Mode = Literal["ignore", "watch", "pin", "bump"]
Level = Literal["digest", "patch", "minor", "major"]
ChangeKind = Literal["pin", "refresh", "patch", "minor", "major", "replace", "remove"]

LEVELS: tuple[Level, ...] = ("digest", "patch", "minor", "major")
NO_COOLDOWN = timedelta(0)
SETTLE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Values:
    """What applies to one reference (semantics "4." and "5."); the defaults are those of the one-shot command.

    `platforms` are those the repository's owner cares about, none for all. `until` holds everything up to that day.
    `allowed_tags` and `denied_tags` are RE2 patterns. `group`, `labels`, `verify` and `auto_merge` are for pull
    requests.
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
    verify: str | None = None
    auto_merge: bool = False


@dataclass(frozen=True, slots=True)
class IgnorePolicy:
    """What an organisation asks of `# pinbot: ignore` remarks; one that does not comply does not count."""

    forbidden: bool = False
    reason_required: bool = False
    until_required: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """All that settings say about references; this one says nothing but its defaults."""

    defaults: Values = field(default_factory=Values)
    ignores: IgnorePolicy = IgnorePolicy()

    def of(self, finding: Finding, kind: ChangeKind | None = None) -> Values:
        """Return the values for a reference; with `kind`, for a change of that kind to it."""
        del finding, kind
        return self.defaults

    def denial(self, reference: Reference) -> str | None:
        """Say why the digest of a reference must not be used; None where it may."""
        del reference
        return None

    def distrust(self, reference: Reference) -> str | None:
        """Say why the registry of a reference is not trusted; None where it is."""
        del reference
        return None

    def tag_refusal(self, values: Values, tag: str) -> str | None:
        """Say why a tag may not be taken; None where it may."""
        del values, tag
        return None

    def is_urgent(self, reference: Reference) -> bool:
        """Whether `--now` names this image: no cooldown, no settling."""
        del reference
        return False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run goes by: its policy, and its time (UTC)."""

    policy: Policy
    now: datetime

    @property
    def today(self) -> date:
        """The day, for what expires."""
        return self.now.date()
