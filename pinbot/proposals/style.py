"""What settings say about pull requests: to whom they are offered, how many, when, and what they look like."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from pinbot.planning.globs import whole
from pinbot.proposals.repository import Repository
from pinbot.proposals.window import Window

Mode = Literal["observe", "propose"]
Grouping = Literal["default", "directory", "registry", "all"]

GROUPINGS: tuple[Grouping, ...] = ("default", "directory", "registry", "all")
CODEOWNERS = "codeowners"
REFRESH_EVERY = timedelta(days=7)
# Percentages are told apart to hundredths of one.
_SHARES = 10_000


@dataclass(frozen=True, slots=True)
class Grants:
    """Which repositories are offered pull requests; in all others pinbot only observes, and shows what it would do.

    `mode` is that of every repository. Where it is `observe`, any of the others grants `propose`: globs over
    `owner/name`, globs over topics, or a percentage (0 to 100) of all repositories.
    """

    mode: Mode = "observe"
    repositories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    percentage: float = 0

    def to(self, repository: Repository) -> str | None:
        """Return what grants pull requests to a repository, as a phrase; None where nothing does."""
        if self.mode == "propose":
            return "all repositories"
        if whole(_lower(self.repositories))(repository.name.lower()):
            return "its name"
        if topic := next(filter(whole(_lower(self.topics)), _lower(repository.topics)), None):
            return f"its topic {topic}"
        return f"being among {self.percentage:g} %" if _share(repository) < self.percentage * _SHARES / 100 else None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many pull requests at most: open in one repository at a time, and new in one run; None for any number.

    What rescues from a dead digest is not counted against them.
    """

    per_repository: int | None = 3
    per_run: int | None = 30


@dataclass(frozen=True, slots=True)
class Dashboards:
    """Which repositories have an issue that shows where they stand: all, or by globs over `owner/name` or topics.

    `title` is that of a new one; people may give it another.
    """

    everywhere: bool = False
    repositories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    title: str = "Container images"

    @property
    def are_wanted(self) -> bool:
        """Whether there is any."""
        return self.everywhere or bool(self.repositories or self.topics)

    def on(self, repository: Repository) -> bool:
        """Whether a repository has one."""
        if self.everywhere or whole(_lower(self.repositories))(repository.name.lower()):
            return True
        return any(map(whole(_lower(self.topics)), _lower(repository.topics)))


@dataclass(frozen=True, slots=True)
class Style:
    """What pull requests look like, and when there are any.

    `refresh_every` is how long after the last pull request of refreshes the next is opened at the earliest; what is
    open is updated whenever there is something newer. `prefix` begins titles and commit messages (`chore(deps): `).
    `title` and `message` are templates (see `templates`). `reviewers` are names, `org/team`s, or `codeowners` for those
    that the repository's CODEOWNERS names. `sign_off` is `Name <address>`. `bases` are the branches that pull requests
    are for; none means the default branch. `dashboards` says which repositories have one.
    """

    branch_prefix: str = "pinbot/"
    grants: Grants = Grants()
    limits: Limits = Limits()
    refresh_every: timedelta = REFRESH_EVERY
    window: Window | None = None
    groups: Grouping = "default"
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    draft: bool = False
    milestone: str | None = None
    prefix: str = ""
    title: str = "{prefix}{title}"
    message: str = "{prefix}{title}\n\n{changes}"
    sign_off: str | None = None
    bases: tuple[str, ...] = field(default=())
    dashboards: Dashboards = Dashboards()

    def bases_of(self, repository: Repository) -> tuple[str, ...]:
        """Return the branches of a repository that get pull requests, each once."""
        return tuple(dict.fromkeys(self.bases or (repository.default_branch,)))


def _share(repository: Repository) -> int:
    """Return a number below `_SHARES` that a repository keeps for ever: raising the percentage only adds some."""
    return int.from_bytes(hashlib.sha256(repository.id.encode()).digest()[:8], "big") * _SHARES >> 64


def _lower(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)
