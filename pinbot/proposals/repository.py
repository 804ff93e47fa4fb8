"""A repository on a forge, and where it stands: what a forge says of many of them in one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinbot.proposals.issue import Issue
from pinbot.proposals.pull import Commit, PullRequest


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; `id` is the forge's own and stays when the repository is renamed, `name` is `owner/name`."""

    id: str
    name: str
    default_branch: str
    topics: tuple[str, ...] = ()
    is_archived: bool = False
    is_fork: bool = False
    is_empty: bool = False
    url: str = ""

    def named_base(self, base: str) -> str | None:
        """Return a base branch as the names of groups have it: None for the default branch."""
        return None if base == self.default_branch else base


@dataclass(frozen=True, slots=True)
class Standing:
    """What a forge says of a repository now.

    `repository` is as it is now: it may have been renamed, archived or emptied since it was listed. `head` is the
    commit of the default branch, None where there is none or the forge does not tell. `pulls` are all that are open;
    a forge without pull requests has none. `branches` are the tips of those whose names begin with our prefix, None
    where the forge does not tell. `issue` is our dashboard, where there is one and the forge was to look for it;
    `no_issues` says why there can be none, empty where there can.
    """

    repository: Repository
    head: str | None = None
    pulls: tuple[PullRequest, ...] = ()
    branches: Mapping[str, Commit] | None = None
    issue: Issue | None = None
    no_issues: str = ""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A repository about which the forge gave no answer, and why; it is looked at again by the next run."""

    repository: Repository
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the listed repositories count: the globs over `owner/name`, topics, archived ones and forks."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    archived: bool = False
    forks: bool = False
    names: tuple[str, ...] = field(default=())
