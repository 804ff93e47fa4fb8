"""The doors to the outside, as Protocols: what the pure floors ask for, and the edges provide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pinbot.oci.history import Observation
    from pinbot.oci.resolution import Facts, Question
    from pinbot.proposals.issue import Issue
    from pinbot.proposals.owners import Dialect
    from pinbot.proposals.proposal import Proposal
    from pinbot.proposals.pull import Commit, PullRequest
    from pinbot.proposals.repository import Repository, Standing, Unreachable
    from pinbot.proposals.route import Route


class Resolver(Protocol):
    """Asks registries."""

    def answer(self, questions: Collection[Question]) -> Facts:
        """Return an answer for every question, a failure where there is no other; raises nothing of ours."""


class Ledger(Protocol):
    """Remembers what registries answered. Losing it costs history, never correctness."""

    def known(self, questions: Collection[Question]) -> Facts:
        """Return answers from earlier runs: to every Remembered, and to a Content or Config that was once answered.

        A question that it cannot answer is left out.
        """

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Remember what tags named, and the answers to Content and Config, which hold for ever.

        A ledger that cannot be written says so to the user in its own way, and raises nothing of ours.
        """


class NoLedger:
    """A ledger that remembers nothing."""

    def known(self, questions: Collection[Question]) -> Facts:
        """Return an empty memory for every repository."""
        from pinbot.oci.history import Memory
        from pinbot.oci.resolution import Remembered

        return {q: Memory() for q in questions if isinstance(q, Remembered)}

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Forget."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Whom a run may ask: the registries, and the ledger of what they answered before.

    `spare` is asked instead of `resolver` for what decides nothing, where there is such a one.
    """

    resolver: Resolver
    ledger: Ledger = field(default_factory=NoLedger)
    spare: Resolver | None = None


class Workspace(Protocol):
    """The files of one repository."""

    def paths(self) -> Sequence[str]:
        """Return the paths of its files, relative and with `/`, in a stable order."""

    def missed(self) -> Sequence[tuple[str, str]]:
        """Return the folders below which files may have been missed, each with the reason."""

    def want(self, paths: Collection[str]) -> None:
        """Hear which files are going to be read, so as to get them at once; others may be read as well."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises UnreadableFile, and AlreadyRead for a second name of a file."""

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Replace a file that holds `before` by `after`, at once or not at all, with its mode kept.

        Raises FileChanged when it holds something else by now, UnreadableFile when it may not be written.
        """


class Checkout(Workspace, Protocol):
    """The files of a repository as a commit of a remote has them, and the way back there: no work tree.

    `head` is that commit. `write` of a Workspace is not for it: it raises UnreadableFile.
    """

    @property
    def head(self) -> str:
        """The object name of the commit whose files these are."""

    def branches(self, prefix: str) -> Mapping[str, Commit]:
        """Return the tips of the remote's branches whose names begin with `prefix`, as they are now.

        Raises GitError.
        """

    def fingerprint(self, commit: str) -> str | None:
        """Return the fingerprint (see `proposal`) of what a commit changes in its first parent; None for a merge.

        Raises GitError.
        """

    def tree(self, files: Mapping[str, tuple[bytes, bytes]]) -> str:
        """Write the tree of `head` with other content in some files, and return its name; modes stay.

        `files` has the content before and after by path. Raises FileChanged where the content before is another.
        """

    def commit(self, tree: str, message: str) -> str:
        """Return a commit of that tree on top of `head`. The same tree and message make the same commit, any time."""

    def push(self, branch: str, commit: str, tip: str | None, route: Route | None = None) -> None:
        """Let the remote's branch be `commit`, if its tip still is `tip` (None: if it is not there).

        `route` is the forge's (see Forge.route): its options go with the push, and where it has a ref, that is pushed
        to instead, without a lease. Raises BranchMoved where the tip is another, PushRefused where the remote does not
        take it, GitError.
        """

    def delete(self, branch: str, tip: str) -> None:
        """Delete the remote's branch, if its tip still is `tip`; one that is gone is fine. Raises as `push` does."""


class Checkouts(Protocol):
    """Opens repositories of a forge."""

    def open(self, repository: Repository, branch: str, head: str | None) -> Checkout:
        """Return the files of a branch; `head` is its tip where that is known, and then nothing known is fetched again.

        Raises GitError; EmptyRepository where the branch has no commit.
        """


class Forge(Protocol):
    """Knows repositories and their pull requests. What it raises is a ForgeError.

    `pushes` is whether a proposal becomes a branch of the remote; where not, `open` alone does what is to be done.
    `has_pull_requests` is whether it tells of them; where not, a branch of ours stands for one. `has_issues` is whether
    it keeps issues, and `has_merging` whether it merges by itself what is green.
    """

    @property
    def pushes(self) -> bool:
        """Whether branches are to be pushed."""

    @property
    def has_pull_requests(self) -> bool:
        """Whether it tells of pull requests."""

    @property
    def has_issues(self) -> bool:
        """Whether it keeps issues; where not, there are no dashboards."""

    @property
    def has_merging(self) -> bool:
        """Whether it merges a pull request by itself, once everything that its base asks for is there."""

    @property
    def dialect(self) -> Dialect:
        """How it reads CODEOWNERS."""

    def repositories(self) -> Iterable[Repository]:
        """Yield the repositories that the settings select, in a stable order."""

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands, by its id; as few requests as the forge permits for all of them."""

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:
        """Return our pull requests from these branches that are not open any more, the latest of each first."""

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        """Return what a pull request changes, as a unified diff; empty where the forge does not tell."""

    def route(self, proposal: Proposal) -> Route:
        """Return how its commit is pushed; `Route()`, the branch itself, where pull requests have an API."""

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Open a pull request from a branch that is there, with everything that it is to have.

        If there is one from that branch already it is returned, whoever was faster: never two. An answer that does not
        come is looked for, not asked for again. One whose proposal `is_pending` is opened with PENDING in its text, and
        keeps it: an `edit` brings the rest.
        """

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Give an open pull request the text of a proposal, and what else it is to have if that is still pending.

        Where the proposal `is_pending`, PENDING is in the text from then on, and nothing else is done.
        """

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Say in a comment why it is going to be closed, once, and write WITHDRAWN into its text.

        Without that the next run would take it for a refusal by a person.
        """

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Close it; one that is closed or merged by now stays so."""

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        """Say something, unless that was said before."""

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let the forge itself merge it once everything that its base asks for is there; asking twice is asking once.

        Only while the commit `head` is its head. Where the forge would merge it at once, or nothing would stop it from
        that, nothing is asked. Raises ForgeError with a sentence, ForgeForbids where the repository does not allow it.
        """

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        """Take back that the forge is to merge it, whoever said so; one of which nobody did is fine."""

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open the dashboard (None), or give it that title and text where they differ; return it as it is then.

        `body` has DASHBOARD in it. One that is there is never joined by a second: it is looked for before, and where
        an answer does not come after. One that somebody has closed since, or whose text is not as `issue` has it
        (somebody has checked a box), is left as it is and returned, and the next run reads that. A title that somebody
        has given it since stays. Raises ForgeError, ForgeForbids where there are no issues.
        """
