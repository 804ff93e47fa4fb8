"""What judging a reference yields: a problem, or a lookup that failed; and what a judgement goes by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pinbot.oci.digest import Digest
from pinbot.oci.mirrors import Mirrored
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Barred, Failed
from pinbot.planning.checks import LEVELS, Level, Rule
from pinbot.planning.policy import Terms, Values
from pinbot.source.finding import Finding

PIN_IT = "run `pinbot pin`, or mark the line with `# pinbot: ignore`"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a finding, and how to mend it."""

    rule: Rule
    finding: Finding
    message: str
    remedy: str

    @property
    def level(self) -> Level:
        """`error` fails the check, `note` does not."""
        return LEVELS[self.rule]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A finding of which not everything could be looked up, and why; `status` is what the registry answered."""

    finding: Finding
    reason: str
    status: str | None = None


Item = Problem | Unchecked


@dataclass(frozen=True, slots=True)
class Gate:
    """What a check goes by: the terms of the run, and how far a pin may lag behind its tag (None: as far as it likes).

    `builds_for` are the platforms that the repository builds for, None where that is unknown.
    """

    terms: Terms
    max_lag: timedelta | None = None
    builds_for: tuple[Platform, ...] | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned reference before the gate, with the values that its policy gives it.

    `heads` are what tags of its repository name now, as far as this run asked; `held` the pairs of tag and digest that
    the files have of it; `elsewhere` references of the same files to the same digest under another repository's name;
    `mirrored` its two places, where it has a mirror.
    """

    finding: Finding
    reference: Reference
    values: Values
    gate: Gate
    heads: Mapping[str, Digest] = field(default_factory=dict)
    held: Collection[tuple[str, Digest]] = ()
    elsewhere: tuple[Finding, ...] = ()
    mirrored: Mirrored | None = None

    def problem(self, rule: Rule, message: str, remedy: str) -> Problem:
        """Return a problem of this reference."""
        return Problem(rule, self.finding, message, remedy)

    def unchecked(self, answer: Failed | Barred, what: str = "") -> Unchecked:
        """Say that something about this reference could not be looked up."""
        status = answer.status if isinstance(answer, Failed) else None
        return Unchecked(self.finding, f"{what}{answer.reason}", status)
