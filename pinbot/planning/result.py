"""What one run found, decided and wrote: the value that reports are made of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pinbot.formats._scan import Scanned
from pinbot.oci.platform import Platform
from pinbot.planning.set_aside import set_aside
from pinbot.source.finding import BuiltFor, Finding, Idle, Skip
from pinbot.source.suspect import Suspect
from pinbot.source.text import SourceFile

# A scan makes none of these; loading what makes them takes as long as reading a small repository.
if TYPE_CHECKING:
    from pinbot.oci.candidates import Candidate
    from pinbot.planning.outcome import Change, Kept
    from pinbot.planning.patch import Patch
    from pinbot.planning.problem import Problem, Unchecked


@dataclass(frozen=True, slots=True)
class Context:
    """What a result depends on beside the files: so that two results can be compared later."""

    version: str
    commit: str | None
    settings: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that scanning a repository yields; `files` are the ones with findings, by path.

    `scanned` are the files that some format had a reason to look into, before they were joined, `idle` the digests
    that nothing consumes.
    """

    files: dict[str, SourceFile]
    findings: tuple[Finding, ...]
    skips: tuple[Skip, ...]
    suspects: tuple[Suspect, ...]
    scanned: tuple[Scanned, ...] = ()
    idle: tuple[Idle, ...] = ()

    @property
    def platforms(self) -> frozenset[Platform]:
        """The platforms for which files of the repository build images, as far as they name them."""
        relations = (r for s in self.scanned if not set_aside(s.path, s.generated) for r in s.relations)
        return frozenset(p.normal() for r in relations if isinstance(r, BuiltFor) for p in r.platforms)

    @property
    def barren(self) -> tuple[Scanned, ...]:
        """The files that some format looked into, and in which nothing was found or missed."""
        return tuple(s for s in self.scanned if s.formats and not s.findings and not s.skips)

    @property
    def readers(self) -> dict[str, set[str]]:
        """Which files with findings look into a file beside its own formats, by its path."""
        readers: dict[str, set[str]] = defaultdict(set)
        for file in self.scanned:
            for path in file.read if file.findings else ():
                readers[path].add(file.path)
        return readers


@dataclass(frozen=True, slots=True)
class Update:
    """What `pin` or `bump` did, or would do: changes and kept add up to the findings of the survey.

    `unwritten` are those of `kept` whose file could not be written. `at_once` is how many of the changes took something
    new that no cooldown held back.
    """

    survey: Survey
    changes: tuple[Change, ...]
    kept: tuple[Kept, ...]
    patches: tuple[Patch, ...]
    unwritten: tuple[Kept, ...] = ()
    at_once: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """What `check` found among the findings that it was to judge."""

    survey: Survey
    judged: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    unchecked: tuple[Unchecked, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one reference, and the tags of its repository with the reason why each is not taken."""

    finding: Finding
    decision: Change | Kept
    tags: tuple[Candidate, ...]
