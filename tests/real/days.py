"""Days at a real registry: a repository in it, files that name it, a ledger on disk, and one clock for all.

days.push.image("1.27", "a")
days.names("1.27", "1.28.0")
days.bump()                     # what became of each reference, in the order of the lines
days.pass_by(days=1)
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from pinbot.files import LocalFiles
from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Policy, Terms, Values
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.run import Doors, Scope, update
from pinbot.store.ledger import SqlLedger
from pinbot.store.location import Location
from tests.fakes.memory import BUMP
from tests.real.clock_proxy import ClockProxy, Kind
from tests.real.pushing import Pusher
from tests.real.registries import Registry

START = datetime(2026, 11, 1, 4, tzinfo=UTC)


class RealDays:
    """One repository of the registry at a time of ours; `requests` are those of the last run."""

    def __init__(self, registry: Registry, path: str, folder: Path) -> None:
        self.path, self.ledger, self.root = path, folder / "ledger.db", folder / "repository"
        self.root.mkdir()
        self.requests: dict[Kind, int] = {}
        self._stack = ExitStack()
        self.push = self._stack.enter_context(Pusher(registry.host, path))
        self.proxy = self._stack.enter_context(ClockProxy(registry.host, START))
        self.values = Values()
        # By how much this machine's clock is ahead of the registry's.
        self.skew = timedelta()

    def asks(self, **values: object) -> None:
        """Set what the policy says: the fields of Values, by name."""
        self.values = replace(self.values, **values)  # type: ignore[arg-type] # by name

    def names(self, *tags: str, file: str = "Dockerfile") -> None:
        """Let a file of the folder name these tags (or `tag@digest`, or `@digest`)."""
        lines = [f"FROM docker.io/{self.path}{'' if tag[0] == '@' else ':'}{tag} AS s{n}" for n, tag in enumerate(tags)]
        (self.root / file).write_text("\n".join([*lines, ""]))

    def pass_by(self, **span: float) -> None:
        """Let time go by: `days=1`."""
        self.proxy.pass_by(**span)

    def bump(self) -> list[Change | Kept]:
        """Run once, as a process of its own would, and return what became of each reference."""
        self.proxy.counted()
        files = LocalFiles([str(self.root)])
        options = {"docker.io": RegistryOptions(self.proxy.url)}
        terms = Terms(Policy(self.values), self.proxy.now + self.skew)
        with RegistryResolver(options) as resolver, SqlLedger(Location.parse(str(self.ledger))) as ledger:
            done = update(files, Scope(Claims([FORMAT])), Doors(resolver, ledger), BUMP, terms, write=True)
            assert ledger.warnings == []
        self.requests = self.proxy.counted()
        decisions: list[Change | Kept] = [*done.changes, *done.kept]
        ends = {id(decision.finding): decision for decision in decisions}
        return [ends[id(finding)] for finding in done.survey.findings]

    def one(self) -> Change | Kept:
        """Run once, with a single reference."""
        (end,) = self.bump()
        return end

    def references(self, file: str = "Dockerfile") -> list[Reference]:
        """Return the references as they stand in a file now."""
        return [Reference.parse(line.split()[1]) for line in (self.root / file).read_text().splitlines()]

    @property
    def digest(self) -> str:
        """The digest of the only reference."""
        (reference,) = self.references()
        return str(reference.digest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
