"""A GitHub to test against: the stand-in with one repository, and the forge with a clock that moves when it sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pinbot.forge._base import Owner, World
from pinbot.forge.github import GitHub, Options
from pinbot.planning.patch import Patch
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Standing
from pinbot.secret import Secret
from tests.fakes.github.server import GitHubServer
from tests.fakes.github.state import Actor, Hub, Repo

TOKEN = "ghp_0123456789abcdefABCDEF"
BRANCH = "pinbot/pin"
START = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


class Time:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds
        self.slept.append(seconds)

    def clock(self) -> float:
        """Return the seconds since the start."""
        return self.passed

    def now(self) -> datetime:
        """Return the moment."""
        return START + timedelta(seconds=self.passed)

    @property
    def world(self) -> World:
        """Clocks and sleep for a forge."""
        return World(self.clock, self.sleep, self.now)


@dataclass
class Bench:
    """A stand-in, a repository of it, and a forge that talks to it."""

    server: GitHubServer
    time: Time
    repo: Repo
    warnings: list[str] = field(default_factory=list)

    @property
    def hub(self) -> Hub:
        """What the stand-in knows."""
        return self.server.hub

    def forge(self, **more: Any) -> GitHub:
        """Return a forge with the account `pinner`, for the organisation acme."""
        options = Options(
            account=Secret(TOKEN),
            base_url=self.server.url,
            owner=Owner("organisation", "acme"),
            world=self.time.world,
            warn=self.warnings.append,
        )
        return GitHub(replace(options, **more))

    def repository(self) -> Repository:
        """Return the repository as the forge lists it."""
        return Repository(self.repo.id, self.repo.name, self.repo.default_branch)

    def push(self, branch: str = BRANCH, text: str = "FROM alpine:3.20@sha256:0\n", author: str = "pinbot") -> str:
        """Let a branch have a commit more than the default branch; return it."""
        base = self.repo.heads.tip(branch) or self.repo.heads.tip(self.repo.default_branch)
        assert base
        made = self.repo.heads.make(base, {"Dockerfile": text.encode()}, "Pin alpine\n", author)
        self.repo.heads.move(branch, made)
        return made

    def standing(self, forge: GitHub | None = None) -> Standing:
        """Return where the repository stands."""
        found = (forge or self.forge()).standings([self.repository()])[self.repo.id]
        assert isinstance(found, Standing), found
        return found

    def pull(self) -> PullRequest:
        """Return the one open pull request."""
        (pull,) = self.standing().pulls
        return pull


@contextmanager
def bench(prefix: str = "") -> Iterator[Bench]:
    """Run a stand-in with the repository acme/api; when it ends, all that was said must have been as described."""
    time = Time()
    hub = Hub(time.now)
    hub.tokens[TOKEN] = Actor("pinner")
    repo = hub.add("acme/api", milestones=["v1", "Images"])
    with GitHubServer(hub, prefix) as server:
        made = Bench(server, time, repo)
        yield made
    assert server.violations == []
    assert hub.most_open_at_once() <= 1


def proposal(**more: Any) -> Proposal:
    """Return a proposal for the branch."""
    patch = Patch("Dockerfile", "FROM alpine:3.20\n", "FROM alpine:3.20@sha256:0\n", ())
    whole = Proposal("pin", BRANCH, "main", "Pin 1 image", "Pins alpine.", "Pin alpine", (patch,))
    return replace(whole, **more)


DRESSED = Dressing(labels=("images",), reviewers=("ann", "acme/images"), assignees=("bob",), milestone="Images")
