"""What a fake Forgejo knows: accounts, repositories with git on disk, pull requests, and all that ever happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.bare import Bare

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class User:
    """An account; an organisation is one too."""

    id: int
    login: str
    is_organisation: bool = False


@dataclass(slots=True)
class Ticket:
    """An issue."""

    number: int
    author: User
    title: str
    body: str
    state: str = "open"


@dataclass(slots=True)
class Repo:
    """A repository; `labels` and `milestones` are numbers by name, `checks` those that its branches require."""

    id: int
    owner: User
    name: str
    git: Bare
    default_branch: str = "main"
    topics: tuple[str, ...] = ()
    is_archived: bool = False
    fork_of: int | None = None
    labels: dict[str, int] = field(default_factory=dict)
    milestones: dict[str, int] = field(default_factory=dict)
    members: list[User] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    was: list[str] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    has_issues: bool = True
    checks: tuple[str, ...] = ("ci/test",)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def is_empty(self) -> bool:
        """Whether it has no branch."""
        return not self.git.branches()


@dataclass(slots=True)
class Comment:
    """Something that was said about a pull request."""

    id: int
    author: User
    body: str
    at: datetime


@dataclass(slots=True)
class Pull:
    """A pull request; `head` is its last commit, also when its branch is gone."""

    number: int
    repo: Repo
    head_repo: Repo | None
    branch: str
    base: str
    author: User
    title: str
    body: str
    opened: datetime
    head: str
    state: str = "open"
    closed: datetime | None = None
    merged: bool = False
    labels: list[int] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    milestone: int | None = None
    reviewers: list[User] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    merging: User | None = None
    events: list[tuple[str, User]] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int, str, str]:
        """What no two open ones may share."""
        return self.repo.id, self.head_repo.id if self.head_repo else -1, self.branch, self.base


@dataclass(frozen=True, slots=True)
class Event:
    """A write that was done, by whom, and the keys of all open pull requests after it."""

    what: str
    by: str
    open: tuple[tuple[int, int, str, str], ...]


class State:
    """All of it; `history` is only ever added to."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.tokens: dict[str, User] = {}
        self.org_labels: dict[str, dict[str, int]] = {}
        self.repos: dict[int, Repo] = {}
        self.pulls: list[Pull] = []
        self.history: list[Event] = []
        self._last = 0
        self._now = START

    def next(self) -> int:
        """Return a number that was never used."""
        self._last += 1
        return self._last

    def now(self) -> datetime:
        """Return the time, which goes on by a second."""
        self._now += timedelta(seconds=1)
        return self._now

    def user(self, login: str, is_organisation: bool = False) -> User:
        """Return an account, a new one where there is none."""
        if login not in self.users:
            self.users[login] = User(self.next(), login, is_organisation)
        return self.users[login]

    def named(self, owner: str, name: str) -> tuple[Repo | None, bool]:
        """Return the repository of a name, and whether that is an old name of it."""
        full = f"{owner}/{name}".lower()
        for repo in self.repos.values():
            if repo.full_name.lower() == full:
                return repo, False
        return next((r for r in self.repos.values() if full in map(str.lower, r.was)), None), True

    def pulls_of(self, repo: Repo, state: str = "open") -> Iterator[Pull]:
        """Yield the pull requests of a repository, the latest first."""
        return (p for p in reversed(self.pulls) if p.repo is repo and state in {"all", p.state})

    def follow(self, repo: Repo) -> None:
        """Let the open pull requests of a repository have the commits that their branches have by now."""
        for pull in self.pulls_of(repo):
            head = pull.head_repo.git.branches().get(pull.branch, pull.head) if pull.head_repo else pull.head
            if head != pull.head:
                pull.head = head
                repo.git.keep(f"refs/pull/{pull.number}/head", head)

    def record(self, what: str, by: User) -> None:
        """Add to the history what was done."""
        self.history.append(Event(what, by.login, tuple(p.key for p in self.pulls if p.state == "open")))
