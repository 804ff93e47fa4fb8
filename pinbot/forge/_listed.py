"""Repositories that nobody lists but the settings: remotes by their URLs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pinbot.errors import GitError, UsageError
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable

_SCHEME = re.compile(r"[a-z][a-z0-9+]*://")
_USER = re.compile(r"//[^/@]*@")
# Nobody knows when a branch was pushed; a time that is as good as any.
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tip:
    """The default branch of a remote, and its commit; None where there is none."""

    branch: str
    head: str | None


TipOf = Callable[[Repository], Tip]
"""Asks a remote for its default branch. Raises GitError."""


def repositories_of(urls: Sequence[str]) -> tuple[Repository, ...]:
    """Return the repositories at these URLs or paths, each with its URL as its id and as short a name as tells it.

    Their default branches are not known. Raises UsageError for a URL with a user name or password, and for two names
    that are the same.
    """
    for url in urls:
        if _USER.search(url) and not url.startswith("ssh://"):
            raise UsageError(f"{_USER.sub('//', url)}: a user name or password does not belong into a URL")
    named = {url: _name(url) for url in dict.fromkeys(urls)}
    if len(set(named.values())) < len(named):
        twice = next(name for name in named.values() if list(named.values()).count(name) > 1)
        raise UsageError(f"{twice}: two of the remotes are this repository")
    return tuple(Repository(url, name, default_branch="", url=url) for url, name in named.items())


def standings_of(repositories: Sequence[Repository], tip_of: TipOf | None) -> Mapping[str, Standing | Unreachable]:
    """Return where each stands: at its tip, if there is a way to ask for that."""
    return {repository.id: _standing(repository, tip_of) for repository in repositories}


def pull_of(repository: Repository, proposal: Proposal, url: str = "") -> PullRequest:
    """Return what stands for the pull request of a proposal where there are none: its number is 0."""
    return PullRequest(
        number=0,
        url=url or repository.url,
        state="open",
        branch=proposal.branch,
        base=proposal.base,
        title=proposal.title,
        body=proposal.body,
        author="",
        by_us=True,
        in_repository=True,
        commits=(),
        opened=NO_TIME,
        is_draft=proposal.dressing.is_draft,
    )


def _standing(repository: Repository, tip_of: TipOf | None) -> Standing | Unreachable:
    if tip_of is None:
        return Standing(repository)
    try:
        tip = tip_of(repository)
    except GitError as error:
        return Unreachable(repository, str(error))
    return Standing(replace(repository, default_branch=tip.branch, is_empty=tip.head is None), tip.head)


def _name(url: str) -> str:
    """Return the last two parts of a path as `owner/name`; a folder at the top of a host is `host/name`."""
    parts = list(_parts(url))
    if not parts:
        raise UsageError(f"{url[:200]!r}: not the address of a repository")
    return "/".join(parts[-2:]).removesuffix(".git")


def _parts(url: str) -> Iterator[str]:
    yield from (part for part in _SCHEME.sub("", _USER.sub("//", url)).split("/") if part not in {"", ".", ".."})
