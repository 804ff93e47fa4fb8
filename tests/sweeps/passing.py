"""Passes over a forge in memory: repositories, a registry, a ledger and a clock, and what people do between the runs.

world = Passing(repository("acme/api", {"Dockerfile": b"FROM nginx:1.27\n"}))
world.registry.push("1.27", "a")
done = world.sweep()
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.formats.github_actions import FORMAT as ACTIONS
from pinbot.oci.reference import Reference
from pinbot.planning.policy import Asked, Policy, Values
from pinbot.ports import Doors
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.result import Sweep, Visit
from pinbot.proposals.style import Grants, Limits, Style
from pinbot.run import Scope
from pinbot.sweep.tools import Order, Rules, Tools
from pinbot.sweep.whole import sweep
from tests.core.days import Days
from tests.fakes.forge import MemoryCheckouts, MemoryForge, MemoryRepository

PROPOSE = Grants("propose")


class Killed(BaseException):
    """A run that was killed; no `except Exception` stops it."""


class Passing:
    """The world of a bot: a forge, its repositories, one registry, and the time."""

    def __init__(
        self, *repositories: MemoryRepository, values: Values | None = None, style: Style | None = None
    ) -> None:
        self.forge, self.registry = MemoryForge(*repositories), Days()
        self.checkouts = MemoryCheckouts(self.forge)
        self.values = values or Values()
        self.style = style or Style(grants=PROPOSE, limits=Limits(None, None))
        self.asked = Asked()
        self.write = True
        self.is_meant: Callable[[Reference], bool] | None = None

    @property
    def repository(self) -> MemoryRepository:
        """The first repository."""
        return next(iter(self.forge.held.values()))

    def pass_by(self, **span: float) -> None:
        """Let time go by."""
        self.registry.now += timedelta(**span)

    def sweep(self, failpoint: Callable[[str], None] = lambda _name: None, opened: int = 0) -> Sweep:
        """Run once, as a process of its own would."""
        self.forge.calls.clear()
        self.forge.writes = 0
        self.checkouts.opened.clear()
        self.registry.shelf.asked.clear()
        self.registry.shelf.date = self.registry.now
        for held in self.forge.held.values():
            held.now = max(held.now, self.registry.now)
        doors = Doors(self.registry.shelf, self.registry.ledger)
        tools = Tools(self.forge, self.checkouts, doors, failpoint=failpoint)
        policy = Policy(self.values, asked=self.asked)
        rules = Rules(policy, Scope(Claims([FORMAT, ACTIONS])))
        order = Order(lambda _repo, _checkout: rules, self.style, self.registry.now, self.write, self.is_meant)
        return sweep(tools, order, lambda: self.registry.now, opened)

    def visit(self) -> Visit:
        """Run once over the one repository that there is."""
        (visit,) = self.sweep().visits
        return visit

    @property
    def open(self) -> list[PullRequest]:
        """The open pull requests of the first repository."""
        return [self.repository.seen(p) for p in self.repository.pulls.values() if p.state == "open"]

    def text(self, branch: str, path: str = "Dockerfile") -> str:
        """Return a file of a branch of the first repository."""
        return self.repository.files(branch)[path].decode()

    def allow(self, **style: object) -> None:
        """Change the style, by its fields."""
        self.style = replace(self.style, **style)  # type: ignore[arg-type] # by name


def does(visit: Visit) -> list[str]:
    """Return what was done, or was to be done, in the words of the types, each with the branch it is about."""
    from pinbot.report import _deeds

    return [f"{_deeds.word(deed.action)} {_deeds.branch(deed.action)}" for deed in visit.deeds]
