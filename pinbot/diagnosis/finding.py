"""A judgement: what was looked at, how it is, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pinbot.diagnosis.facts import ForgeFacts, LedgerFacts, RegistryFacts, SettingsFacts

Level = Literal["ok", "note", "problem"]
Facts = SettingsFacts | RegistryFacts | ForgeFacts | LedgerFacts


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `what` was looked at, what came of it, and the `remedy` of a problem, in words."""

    what: str
    level: Level
    text: str
    remedy: str | None = None

    def __post_init__(self) -> None:
        assert self.level != "problem" or self.remedy, f"{self.what}: a problem needs a remedy"


@dataclass(frozen=True, slots=True)
class Subject:
    """All checks of one registry, forge, ledger, or of the settings, with the facts behind them."""

    kind: Literal["settings", "registry", "forge", "ledger"]
    name: str
    checks: tuple[Check, ...]
    facts: Facts

    @property
    def has_problem(self) -> bool:
        """Whether something has to be done."""
        return any(check.level == "problem" for check in self.checks)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was looked at, in the order in which it is shown."""

    subjects: tuple[Subject, ...]

    def count(self, level: Level) -> int:
        """Return how many checks ended so."""
        return sum(check.level == level for subject in self.subjects for check in subject.checks)
