"""What a fake GitLab knows: accounts, projects with git on disk, merge requests, issues, and all that ever happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.bare import Bare

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    id: int
    username: str


@dataclass(slots=True)
class Project:
    """A project in a group or of a user, whose path `namespace` is; `milestones` are numbers by title.

    `pipelines` are the states of pipelines by commits, `ci` that of all others (None: they have none), `merger` what a
    refused merge is answered with.
    """

    id: int
    namespace: str
    name: str
    git: Bare
    default_branch: str = "main"
    topics: tuple[str, ...] = ()
    is_archived: bool = False
    fork_of: int | None = None
    has_merge_requests: bool = True
    has_issues: bool = True
    labels: list[str] = field(default_factory=list)
    milestones: dict[str, int] = field(default_factory=dict)
    members: list[User] = field(default_factory=list)
    pipelines: dict[str, str] = field(default_factory=dict)
    ci: str | None = None
    merger: int | None = None
    was: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The full path, `group/sub/name`."""
        return f"{self.namespace}/{self.name}"

    def pipeline(self, sha: str) -> str | None:
        """Return the state of the pipeline of a commit, None where there is none."""
        return self.pipelines.get(sha, self.ci)

    @property
    def is_empty(self) -> bool:
        """Whether it has no branch."""
        return not self.git.branches()


@dataclass(slots=True)
class Note:
    """Something that was said about a merge request."""

    id: int
    author: User
    body: str
    at: datetime


@dataclass(slots=True)
class Pull:
    """A merge request; `head` is its last commit, also when its branch is gone, and `checked` what was last merged.

    `result` is the commit and the state of its last pipeline of merged results, whatever was pushed since.
    """

    number: int
    project: Project
    source: Project | None
    branch: str
    base: str
    author: User
    title: str
    body: str
    opened: datetime
    head: str
    since: str = ""
    state: str = "opened"
    closed: datetime | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    reviewers: list[User] = field(default_factory=list)
    milestone: int | None = None
    squash: bool = False
    removes_branch: bool = False
    merging: User | None = None
    checked: tuple[str, str] = ("", "")
    notes: list[Note] = field(default_factory=list)
    result: tuple[str, str] | None = None

    @property
    def status(self) -> str | None:
        """The state of the pipeline of its last commit, as GitLab finds it (`diff_head_pipeline`)."""
        if self.result is not None:
            return self.result[1] if self.head in self.project.git.read(self.result[0]).parents else None
        return self.project.pipeline(self.head)

    @property
    def key(self) -> tuple[int, int, str, str]:
        """What no two open ones may share."""
        return self.project.id, self.source.id if self.source else -1, self.branch, self.base


@dataclass(slots=True)
class Issue:
    """An issue."""

    number: int
    project: Project
    author: User
    title: str
    body: str
    opened: datetime
    state: str = "opened"


@dataclass(frozen=True, slots=True)
class Event:
    """A write that was done, by whom, and the keys of all open merge requests after it."""

    what: str
    by: str
    open: tuple[tuple[int, int, str, str], ...]


class State:
    """All of it; `history` is only ever added to."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.tokens: dict[str, User] = {}
        self.groups: set[str] = set()
        self.projects: dict[int, Project] = {}
        self.pulls: list[Pull] = []
        self.issues: list[Issue] = []
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

    def user(self, username: str) -> User:
        """Return an account, a new one where there is none."""
        if username not in self.users:
            self.users[username] = User(self.next(), username)
        return self.users[username]

    def named(self, path: str) -> tuple[Project | None, bool]:
        """Return the project at a path, and whether that is where it was before."""
        for project in self.projects.values():
            if project.path.lower() == path.lower():
                return project, False
        return next((p for p in self.projects.values() if path in p.was), None), True

    def pulls_of(self, project: Project, state: str = "opened") -> Iterator[Pull]:
        """Yield the merge requests of a project, the latest first."""
        return (p for p in reversed(self.pulls) if p.project is project and state in {"all", p.state})

    def follow(self, project: Project) -> None:
        """Let the open merge requests of a project have the commits that their branches have by now."""
        tips = project.git.branches()
        for pull in self.pulls_of(project):
            head = pull.source.git.branches().get(pull.branch, pull.head) if pull.source else pull.head
            if head != pull.head:
                pull.head, pull.merging = head, None
                project.git.keep(f"refs/merge-requests/{pull.number}/head", head)
            if pull.base in tips:
                pull.since = project.git.merge_base(tips[pull.base], pull.head)

    def record(self, what: str, by: User) -> None:
        """Add to the history what was done."""
        self.history.append(Event(what, by.username, tuple(p.key for p in self.pulls if p.state == "opened")))
