"""What the stand-in knows: repositories, pull requests, accounts and tokens; and the history, which only grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.github.heads import Heads, Made, MemoryHeads

EVERYTHING = {
    "metadata": "write",
    "contents": "write",
    "pull_requests": "write",
    "workflows": "write",
    "issues": "write",
}


@dataclass(frozen=True)
class Event:
    """Something that happened to a repository (by its number), in the order of the history."""

    kind: str
    repository: int
    number: int = 0
    branch: str = ""
    by: str = ""


@dataclass(frozen=True)
class Actor:
    """Whom a token belongs to, what it may, and which repositories it may see (None: all).

    `scopes` are those of a classic token; a token that `ends` says so, as that of a person does.
    """

    login: str
    kind: str = "User"
    permissions: Mapping[str, str] = field(default_factory=lambda: EVERYTHING)
    repositories: frozenset[int] | None = None
    ends: datetime | None = None
    scopes: str | None = None

    def may(self, permission: str) -> bool:
        """Whether it may write that."""
        return self.permissions.get(permission) == "write"


@dataclass
class Pull:
    """A pull request; `commits` and `head` are as they were last seen, and stay when it is closed."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    author: Actor
    opened: datetime
    is_draft: bool = False
    from_fork: int | None = None
    state: str = "OPEN"
    closed: datetime | None = None
    head: str = ""
    commits: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    milestone: str | None = None
    reviewers: list[str] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)
    merged_by: Actor | None = None


@dataclass
class Ticket:
    """An issue."""

    number: int
    title: str
    body: str
    author: Actor
    state: str = "OPEN"


@dataclass
class Repo:
    """A repository; `is_guarded` is whether its branches ask for something that is not there yet."""

    number: int
    name: str
    heads: Heads
    default_branch: str = "main"
    topics: tuple[str, ...] = ()
    is_archived: bool = False
    is_fork: bool = False
    is_disabled: bool = False
    is_locked: bool = False
    is_gone: bool = False
    names: list[str] = field(default_factory=list)
    milestones: list[str] = field(default_factory=list)
    collaborators: tuple[str, ...] = ("ann", "bob")
    teams: tuple[str, ...] = ("images",)
    pulls: list[Pull] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    has_issues: bool = True
    may_merge: bool = True
    is_guarded: bool = True
    methods: tuple[str, ...] = ("MERGE", "SQUASH", "REBASE")

    @property
    def id(self) -> str:
        """The name of its node."""
        return f"R_{self.number}"

    def next(self) -> int:
        """Return the next number: issues and pull requests share them."""
        numbers = (*(pull.number for pull in self.pulls), *(ticket.number for ticket in self.tickets))
        return 1 + max(numbers, default=0)

    def ticket(self, number: int) -> Ticket:
        """Return an issue. Raises KeyError where it is not there."""
        for ticket in self.tickets:
            if ticket.number == number:
                return ticket
        raise KeyError(number)

    def pull(self, number: int) -> Pull:
        """Return a pull request. Raises KeyError where it is not there."""
        for pull in self.pulls:
            if pull.number == number:
                return pull
        raise KeyError(number)


class Hub:
    """The whole of the stand-in's memory; `now` may be a test's clock."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.repos: list[Repo] = []
        self.history: list[Event] = []
        self.tokens: dict[str, Actor] = {}
        self.app_slug, self.app_id, self.app_key = "pinbot", "1", ""
        self.installation: Mapping[str, str] = EVERYTHING
        self.installed_at: frozenset[int] | None = None
        self.minted: list[Mapping[str, object]] = []
        self.kinds: dict[str, str] = {}
        # Whether GraphQL finds the issues of an App by the name that REST gives it.
        self.knows_bots = True

    def add(self, name: str, heads: Heads | None = None, **more: object) -> Repo:
        """Add a repository; without `heads` it has one commit in memory."""
        if heads is None:
            heads = MemoryHeads()
            heads.move("main", heads.make(None, {"Dockerfile": b"FROM alpine:3.20\n"}, "Begin\n"))
        repo = Repo(len(self.repos) + 1000, name, heads, names=[name], **more)  # type: ignore[arg-type]
        self.repos.append(repo)
        return repo

    def rename(self, repo: Repo, name: str) -> None:
        """Give a repository another name; the old one leads to it."""
        repo.name = name
        repo.names.append(name)

    def named(self, name: str) -> Repo | None:
        """Return the repository that has this name, or had it."""
        lower = name.lower()
        found = [r for r in self.repos if not r.is_gone and lower in map(str.lower, r.names)]
        return next((r for r in found if r.name.lower() == lower), found[0] if found else None)

    def actor(self, token: str) -> Actor | None:
        """Return whom a token belongs to; None where it is not good (any more)."""
        actor = self.tokens.get(token)
        return None if actor is None or (actor.ends is not None and actor.ends <= self.now()) else actor

    def mint(self, repositories: frozenset[int] | None, permissions: Mapping[str, str]) -> tuple[str, datetime]:
        """Return a new token of the installation, and when it ends."""
        token, ends = f"ghs_{len(self.minted):04}CANARYLESS", self.now() + timedelta(hours=1)
        seen = repositories if repositories is not None else self.installed_at
        self.tokens[token] = Actor(f"{self.app_slug}[bot]", "Bot", permissions, seen, ends)
        self.minted.append({"repositories": repositories, "permissions": dict(permissions)})
        return token, ends

    def tell(self, kind: str, repo: Repo, pull: Pull | None = None, branch: str = "", by: str = "") -> None:
        """Add to the history."""
        number, named = (pull.number, pull.branch) if pull else (0, branch)
        self.history.append(Event(kind, repo.number, number, named, by))

    def refresh(self, repo: Repo) -> None:
        """Let open pull requests follow their branches.

        One whose branch is gone, or has no commit of its own any more, is closed, as GitHub does.
        """
        for pull in repo.pulls:
            if pull.state != "OPEN" or pull.from_fork is not None:
                continue
            tip, base = repo.heads.tip(pull.branch), repo.heads.tip(pull.base)
            if tip is None:
                self.close(repo, pull, "CLOSED", "")
            elif base is not None and (tip, base) != (pull.head, ""):
                pull.head = tip
                pull.commits = repo.heads.between(base, tip)
                if not pull.commits:
                    self.close(repo, pull, "CLOSED", "")

    def open(self, repo: Repo, actor: Actor, branch: str, base: str, title: str, body: str, **more: object) -> Pull:
        """Open a pull request; what may not be is refused before."""
        pull = Pull(repo.next(), branch, base, title, body, actor, self.now(), **more)  # type: ignore[arg-type]
        repo.pulls.append(pull)
        self.refresh(repo)
        self.tell("pull opened", repo, pull, by=actor.login)
        return pull

    def close(self, repo: Repo, pull: Pull, state: str, by: str) -> None:
        """Close a pull request, as CLOSED or MERGED."""
        pull.state, pull.closed, pull.merged_by = state, self.now(), None
        self.tell("pull merged" if state == "MERGED" else "pull closed", repo, pull, by=by)

    def most_open_at_once(self) -> int:
        """Return how many pull requests were open from one branch, not of a fork, at the worst moment of all."""
        worst = 0
        now: dict[tuple[int, str], int] = {}
        of_forks = {(r.number, p.number) for r in self.repos for p in r.pulls if p.from_fork is not None}
        for event in self.history:
            key = (event.repository, event.branch)
            if event.kind.startswith("pull ") and (event.repository, event.number) not in of_forks:
                now[key] = now.get(key, 0) + (1 if event.kind == "pull opened" else -1)
                worst = max(worst, now[key])
        return worst

    def made(self, repo: Repo, sha: str) -> Made:
        """Return a commit."""
        return repo.heads.commit(sha)
