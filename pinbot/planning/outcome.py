"""What becomes of a reference: a change, or the one named reason why it stays as it is (semantics "2. Places")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pinbot.oci.reference import Reference
from pinbot.planning.policy import ChangeKind
from pinbot.source.finding import Finding

Outcome = Literal["current", "held", "refused", "lookup-failed", "variable", "local", "ignored", "invalid"]

NO_TAG = "a digest without a tag: nothing says which tag it should follow"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run may do: `pin` adds digests where there are none, `refresh` renews those that are there."""

    pin: bool
    refresh: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A finding whose reference becomes `new`; `reason` says more than the kind does, or is empty.

    `rescues` is whether what `old` pins is not served any more, so that waiting would break somebody's build.
    """

    kind: ChangeKind
    finding: Finding
    old: Reference
    new: Reference
    reason: str = ""
    rescues: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding that stays as it is: the outcome, why, and for `held` until when.

    `status` is what the registry answered for `lookup-failed`.
    """

    finding: Finding
    outcome: Outcome
    reason: str
    until: datetime | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every finding in exactly one of two places."""

    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
