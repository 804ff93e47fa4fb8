"""A first look at a repository: where it stands, and what its files hold; nobody is asked about images yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pinbot import run
from pinbot.errors import EmptyRepository, PinbotError
from pinbot.planning.policy import Terms
from pinbot.planning.result import Survey
from pinbot.ports import Checkout
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable
from pinbot.proposals.result import Visit
from pinbot.proposals.style import Mode
from pinbot.run import Scope
from pinbot.sweep.tools import Order, Tools


@dataclass(frozen=True, slots=True)
class Branch:
    """A base branch of a repository: its files, what is in them, and what may be done with that."""

    name: str
    checkout: Checkout
    terms: Terms
    scope: Scope
    seen: Survey


@dataclass(frozen=True, slots=True)
class Look:
    """A repository with the base branches that pull requests go to."""

    standing: Standing
    mode: Mode
    branches: tuple[Branch, ...]

    @property
    def repository(self) -> Repository:
        """The repository as it is now."""
        return self.standing.repository

    def ours(self, prefix: str) -> tuple[PullRequest, ...]:
        """Return the open pull requests that are ours, from branches whose names begin so."""
        return _ours(self.standing, prefix)


def hurried(standing: Standing, prefix: str) -> frozenset[str]:
    """Return what is offered by pull requests that an emergency has opened, as tokens (see proposals.declined)."""
    return frozenset(t for pull in _ours(standing, f"{prefix}now-") for commit in pull.commits for t in commit.covers)


def look(tools: Tools, order: Order, standing: Standing | Unreachable) -> Look | Visit:
    """Read the files of a repository, or say why not."""
    repository = standing.repository
    mode: Mode = "propose" if order.write and order.style.grants.to(repository) else "observe"
    if isinstance(standing, Unreachable):
        return Visit(repository, mode, error=standing.reason)
    if repository.is_archived:
        return Visit(repository, mode, passed_over="archived")
    if repository.is_empty:
        return Visit(repository, mode, passed_over="empty")
    try:
        return Look(standing, mode, tuple(_branch(tools, order, standing, b) for b in order.style.bases_of(repository)))
    except EmptyRepository as error:
        return Visit(repository, mode, passed_over=str(error))
    except PinbotError as error:
        return Visit(repository, mode, error=str(error))
    except Exception as bug:  # noqa: BLE001 # of ours, and the next repository is not to pay for it
        return Visit(repository, mode, error=bug_in(bug))


def _branch(tools: Tools, order: Order, standing: Standing, name: str) -> Branch:
    repository = standing.repository
    head = standing.head if name == repository.default_branch else None
    checkout = tools.checkouts.open(repository, name, head)
    rules = order.rules_of(repository, checkout)
    terms = Terms(rules.policy, order.now, hurried=hurried(standing, order.style.branch_prefix))
    seen = run.survey(checkout, rules.scope, terms)
    if (is_meant := order.is_meant) is not None:
        seen = replace(seen, findings=tuple(f for f in seen.findings if f.reference and is_meant(f.reference)))
    return Branch(name, checkout, terms, rules.scope, seen)


def _ours(standing: Standing, prefix: str) -> tuple[PullRequest, ...]:
    pulls = standing.pulls
    return tuple(p for p in pulls if p.by_us and p.in_repository and p.branch.startswith(prefix))


def bug_in(bug: Exception) -> str:
    """Return what is said where pinbot itself failed."""
    return f"a bug in pinbot, please report it: {type(bug).__name__}: {bug}"
