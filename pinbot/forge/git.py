"""Any git remote without an API: the branch is the proposal, and a server may make more of it from the push.

Two servers do. Some open a pull request for push options (https://docs.gitlab.com/topics/git/commit/#push-options),
others for a push to `refs/for/` (https://forgejo.org/docs/latest/user/agit-support/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, get_args

from pinbot.errors import ForgeForbids, UsageError
from pinbot.forge._base import About, chooser
from pinbot.forge._listed import TipOf, pull_of, repositories_of, standings_of
from pinbot.proposals.issue import Issue
from pinbot.proposals.owners import Dialect
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.proposals.route import Route

FORGE = About("git", "a git remote without an API")

Flow = Literal["branch", "merge-request", "agit"]
"""What a push to the server does: nothing more, or a pull request from push options or from `refs/for/`."""

# `services/agit/agit.go`, ProcReceive: the same commit again is an error there.
_SAME_COMMIT = "new commit is the same as the old commit"
_OPTION = 1000


class Git:
    """The remotes at `urls`; `flow` is what their servers make of a push.

    `tip_of` asks a remote where it stands; without it, that is left to whoever opens the repository. Raises UsageError.
    """

    pushes = True
    has_pull_requests = False
    has_issues = False
    has_merging = False
    dialect: Dialect = "github"

    def __init__(
        self,
        urls: Sequence[str],
        *,
        flow: Flow = "branch",
        selection: Selection | None = None,
        tip_of: TipOf | None = None,
    ) -> None:
        if flow not in get_args(Flow):
            raise UsageError(f"{flow!r} is no way to push; say one of {', '.join(get_args(Flow))}")
        self.warnings: list[str] = []
        self._flow = flow
        self._repositories = repositories_of(urls)
        self._counts = chooser(selection or Selection())
        self._tip_of = tip_of

    def repositories(self) -> Iterable[Repository]:
        """Yield the remotes that count, as they were listed."""
        return filter(self._counts, self._repositories)

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands; a remote knows nothing of pull requests."""
        return standings_of(repositories, self._tip_of)

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:  # noqa: ARG002
        """Return nothing: a remote does not tell."""
        return ()

    def diff(self, repository: Repository, pull: PullRequest) -> str:  # noqa: ARG002
        """Return nothing: a remote does not tell."""
        return ""

    def route(self, proposal: Proposal) -> Route:
        """Return how its commit is pushed, with all that the server can be told so."""
        match self._flow:
            case "merge-request":
                return Route(options=tuple(_line(option) for option in _merge_request_options(proposal)))
            case "agit":
                options = tuple(_line(option) for option in _agit_options(proposal))
                return Route(f"refs/for/{proposal.base}", options, _SAME_COMMIT)
            case "branch":
                return Route()

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Return the branch as what stands for a pull request: the push has done all."""
        if self._flow != "merge-request":
            self._tell_of_the_rest(repository, proposal)
        return pull_of(repository, proposal)

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Do nothing: the push has done all."""

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Tell nobody: there is nothing that could be marked."""

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Do nothing: whoever asks for this deletes the branch."""

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        """Tell the user instead: nobody can be told there."""
        self._warn(f"{repository.name}: {pull.branch}: {text}")

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:  # noqa: ARG002
        """Refuse: a git remote merges nothing by itself. Raises ForgeForbids."""
        raise ForgeForbids(f"{repository.name}: a git remote merges nothing by itself")

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        """Do nothing: nothing is going to be merged."""

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:  # noqa: ARG002
        """Refuse: a git remote keeps no issues. Raises ForgeForbids."""
        raise ForgeForbids(f"{repository.name}: a git remote keeps no issues")

    def _tell_of_the_rest(self, repository: Repository, proposal: Proposal) -> None:
        if not proposal.dressing.is_bare:
            self._warn(f"{repository.name}: its server takes no labels, reviewers, assignees or milestone with a push")

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _merge_request_options(proposal: Proposal) -> Iterable[str]:
    yield "merge_request.create"
    yield f"merge_request.target={proposal.base}"
    yield f"merge_request.title={proposal.title}"
    if summary := _summary(proposal):
        yield f"merge_request.description={summary}"
    dressing = proposal.dressing
    if dressing.is_draft:
        yield "merge_request.draft"
    if dressing.milestone:
        yield f"merge_request.milestone={dressing.milestone}"
    yield from (f"merge_request.label={label}" for label in dressing.labels)
    yield from (f"merge_request.assign={name}" for name in dressing.assignees)


def _agit_options(proposal: Proposal) -> Iterable[str]:
    # The topic is what tells two proposals for one base apart: the branch, which is never made.
    yield f"topic={proposal.branch}"
    yield f"title={'WIP: ' if proposal.dressing.is_draft else ''}{proposal.title}"
    if summary := _summary(proposal):
        yield f"description={summary}"
    # Each update replaces the commit that was there.
    yield "force-push=true"


def _summary(proposal: Proposal) -> str:
    """Return the first paragraph of the text: an option is one line, and servers take `\\n` for what it is."""
    return proposal.body.strip().partition("\n\n")[0]


def _line(option: str) -> str:
    """Return an option that git takes: one line without control characters, not long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in option).split())
    return plain if len(plain) <= _OPTION else f"{plain[: _OPTION - 1]}…"
