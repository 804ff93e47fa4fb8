"""A first look at a repository: where it stands, and what its files hold; nobody is asked about images yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from pinbot import run
from pinbot.errors import EmptyRepository, PinbotError
from pinbot.planning.policy import Terms
from pinbot.planning.result import Survey
from pinbot.ports import Checkout
from pinbot.proposals.branches import within
from pinbot.proposals.grouping import image, is_emergency
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable
from pinbot.proposals.result import Visit
from pinbot.proposals.style import Mode
from pinbot.proposals.wishes import Wishes, wishes
from pinbot.run import Scope
from pinbot.sweep.tools import Order, Rules, Tools


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
    """A repository with the base branches that pull requests go to, and what is asked for on its dashboard."""

    standing: Standing
    mode: Mode
    branches: tuple[Branch, ...]
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def repository(self) -> Repository:
        """The repository as it is now."""
        return self.standing.repository


def _hurried(standing: Standing, prefix: str, base: str | None) -> frozenset[str]:
    """Return what is offered for a base by pull requests that an emergency has opened, as tokens."""
    pulls = (pull for pull in ours(standing, prefix) if is_emergency(pull.branch, prefix, base))
    return frozenset(token for pull in pulls for commit in pull.commits for token in commit.covers)


@dataclass(frozen=True, slots=True)
class Start:
    """A base branch whose files are here, and have not been looked into."""

    name: str
    checkout: Checkout
    rules: Rules
    chosen: run.Chosen


@dataclass(frozen=True, slots=True)
class Reached:
    """A repository whose files are here."""

    standing: Standing
    mode: Mode
    starts: tuple[Start, ...]


def reach(tools: Tools, order: Order, standing: Standing | Unreachable) -> Reached | Visit:
    """Get the files of a repository, or say why not: what takes time there is waiting."""
    repository = standing.repository
    mode: Mode = "propose" if order.write and order.style.grants.to(repository) else "observe"
    if isinstance(standing, Unreachable):
        return Visit(repository, mode, error=standing.reason)
    if repository.is_archived:
        return Visit(repository, mode, passed_over="archived")
    if repository.is_empty:
        return Visit(repository, mode, passed_over="empty")
    try:
        return _reached(tools, order, standing, mode)
    except PinbotError as error:
        return Visit(repository, mode, error=str(error))
    except Exception as bug:  # noqa: BLE001 # of ours, and the next repository is not to pay for it
        return Visit(repository, mode, error=bug_in(bug))


def look(order: Order, reached: Reached | Visit) -> Look | Visit:
    """Look into the files of a repository."""
    if isinstance(reached, Visit):
        return reached
    standing, mode = reached.standing, reached.mode
    try:
        asked = asked_for(order, standing)
        branches = tuple(_branch(order, standing, start, asked.now) for start in reached.starts)
        return Look(standing, mode, branches, asked)
    except PinbotError as error:
        return Visit(standing.repository, mode, error=str(error))
    except Exception as bug:  # noqa: BLE001 # of ours, and the next repository is not to pay for it
        return Visit(standing.repository, mode, error=bug_in(bug))


def _reached(tools: Tools, order: Order, standing: Standing, mode: Mode) -> Reached | Visit:
    """Get the base branches that there are; settings for many repositories name some that one of them lacks."""
    repository, lacks = standing.repository, ""
    checkouts: dict[str, Checkout] = {}
    for name in order.style.bases_of(repository):
        head = standing.head if name == repository.default_branch else None
        try:
            checkouts[name] = tools.checkouts.open(repository, name, head)
        except EmptyRepository as error:
            lacks = str(error)
    if not checkouts:
        return Visit(repository, mode, passed_over=lacks)
    standing = _with_stand_ins(tools, order, standing, checkouts)
    return Reached(standing, mode, tuple(_start(order, repository, *one) for one in checkouts.items()))


def _start(order: Order, repository: Repository, name: str, checkout: Checkout) -> Start:
    rules = order.rules_of(repository, checkout)
    return Start(name, checkout, rules, run.fetch(checkout, rules.scope))


def _with_stand_ins(tools: Tools, order: Order, standing: Standing, checkouts: Mapping[str, Checkout]) -> Standing:
    """Let each branch with our prefix stand for a pull request, where a remote tells of branches alone."""
    if tools.forge.has_pull_requests or not tools.forge.pushes:
        return standing
    prefix, repository = order.style.branch_prefix, standing.repository
    branches = next(iter(checkouts.values())).branches(prefix)
    pulls = tuple(
        PullRequest(
            number=0,
            url="",
            state="open",
            branch=name,
            base=next((b for b in checkouts if within(name, prefix, repository.named_base(b)) is not None), ""),
            title=name,
            body="",
            author="",
            by_us=True,
            in_repository=True,
            commits=(tip,),
            opened=order.now,
        )
        for name, tip in branches.items()
    )
    return replace(standing, pulls=pulls, branches=branches)


def asked_for(order: Order, standing: Standing) -> Wishes:
    """Return what people ask for on the dashboard; a pass about some images alone, or for nobody, reads none."""
    issue = standing.issue
    if issue is None or not issue.is_open or order.is_meant or not order.style.dashboards.on(standing.repository):
        return Wishes()
    return wishes(issue.body)


def _branch(order: Order, standing: Standing, start: Start, now: Collection[str]) -> Branch:
    hurried = _hurried(standing, order.style.branch_prefix, standing.repository.named_base(start.name))
    terms = Terms(start.rules.policy, order.now, hurried=hurried)
    seen = run.survey(start.checkout, start.rules.scope, terms, start.chosen)
    if (is_meant := order.is_meant) is not None:
        seen = replace(seen, findings=tuple(f for f in seen.findings if f.reference and is_meant(f.reference)))
    urgent = sorted({image(f.reference) for f in seen.findings if f.reference}.intersection(now))
    if urgent:
        asked = terms.policy.asked
        policy = replace(terms.policy, asked=replace(asked, now=(*asked.now, *urgent)))
        terms = replace(terms, policy=policy)
    return Branch(start.name, start.checkout, terms, start.rules.scope, seen)


def ours(standing: Standing, prefix: str) -> tuple[PullRequest, ...]:
    """Return the open pull requests that are ours, from branches whose names begin so."""
    pulls = standing.pulls
    return tuple(p for p in pulls if p.by_us and p.in_repository and p.branch.startswith(prefix))


def bug_in(bug: Exception) -> str:
    """Return what is said where pinbot itself failed."""
    return f"a bug in pinbot, please report it: {type(bug).__name__}: {bug}"
