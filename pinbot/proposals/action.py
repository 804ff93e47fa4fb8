"""What is to be done about the pull requests of a repository, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest


@dataclass(frozen=True, slots=True)
class Open:
    """Push the branch and open a pull request; `tip` is the commit that the branch has now, None where it is not.

    `is_pushed` is whether the branch has the content already, so that only the opening is left.
    """

    proposal: Proposal
    tip: str | None = None
    reason: str = ""
    is_pushed: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Replace what the branch of an open pull request holds, and its text."""

    pull: PullRequest
    proposal: Proposal
    reason: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Give an open pull request what the run that opened it could not: its text, labels, reviewers."""

    pull: PullRequest
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Close:
    """Close a pull request with the reason, and delete its branch where that is still at the head of it."""

    pull: PullRequest
    reason: str
    delete_branch: bool = True


@dataclass(frozen=True, slots=True)
class Prune:
    """Delete a branch of ours that no open pull request is from: a run died, or somebody closed it and left it."""

    branch: str
    tip: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Do nothing about a pull request, one that is there or one that should be; `comment` is said there once.

    `waits` is whether it is only a matter of time: of limits, a window, its week; `is_unsure` is whether what is wanted
    is not known, as not everything could be looked up.
    """

    reason: str
    pull: PullRequest | None = None
    proposal: Proposal | None = None
    comment: str | None = None
    waits: bool = False
    is_unsure: bool = False


@dataclass(frozen=True, slots=True)
class Disarm:
    """Take back that the forge is to merge a pull request by itself; `comment` is said there once."""

    pull: PullRequest
    reason: str
    proposal: Proposal | None = None
    comment: str | None = None


Action = Open | Update | Finish | Close | Prune | Disarm | Leave
