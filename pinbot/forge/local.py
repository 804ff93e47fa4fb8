"""No forge: each proposal is written as a patch into a folder, or handed on to be shown. Nothing is opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._base import About, chooser
from pinbot.forge._listed import TipOf, pull_of, repositories_of, standings_of
from pinbot.planning.diff import diff
from pinbot.proposals.issue import Issue
from pinbot.proposals.owners import Dialect
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.proposals.route import Route

FORGE = About("local", "patches in a folder")

Show = Callable[[Repository, Proposal, str], None]
"""Takes the diff of a proposal; bytes that are not UTF-8 are lone surrogates in it (see source.text.encode)."""

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_NAME = 100


class Local:
    """The remotes (or folders) at `urls`, and where their proposals go: into `to`, a folder, or to a function.

    `tip_of` asks a remote where it stands; without it, that is left to whoever opens the repository. Raises UsageError.
    """

    pushes = False
    has_pull_requests = False
    has_issues = False
    has_merging = False
    dialect: Dialect = "github"

    def __init__(
        self,
        urls: Sequence[str],
        to: Path | Show,
        *,
        selection: Selection | None = None,
        tip_of: TipOf | None = None,
    ) -> None:
        self.warnings: list[str] = []
        self._to = to
        self._repositories = repositories_of(urls)
        self._counts = chooser(selection or Selection())
        self._tip_of = tip_of

    def repositories(self) -> Iterable[Repository]:
        """Yield the repositories that count, as they were listed."""
        return filter(self._counts, self._repositories)

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands; there are no pull requests."""
        return standings_of(repositories, self._tip_of)

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:  # noqa: ARG002
        """Return nothing: what became of a patch is not known."""
        return ()

    def diff(self, repository: Repository, pull: PullRequest) -> str:  # noqa: ARG002
        """Return nothing: there are no pull requests of others."""
        return ""

    def route(self, proposal: Proposal) -> Route:  # noqa: ARG002
        """Return the branch itself, though nothing is pushed."""
        return Route()

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Write the patch, in place of the one that an earlier run wrote for the same group, or hand it on.

        A patch begins with its title and text, which `git apply` and `patch -p1` pass over. Raises ForgeError.
        """
        text = diff(proposal.patches)
        if not isinstance(self._to, Path):
            self._to(repository, proposal, text)
            return pull_of(repository, proposal)
        path = self._to.joinpath(*map(_plain, f"{repository.name}/{proposal.branch}".split("/")))
        path = path.with_name(f"{path.name}.patch")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}.new")
            unfinished.write_bytes(f"{_head(proposal)}{text}".encode("utf-8", "surrogateescape"))
            unfinished.replace(path)
        except OSError as error:
            raise ForgeError(f"{path}: the patch cannot be written: {error.strerror or error}") from error
        return pull_of(repository, proposal, str(path))

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:  # noqa: ARG002
        """Write the patch again."""
        self.open(repository, proposal)

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Tell nobody: there is nothing that could be marked."""

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Do nothing: nothing is open."""

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        """Tell the user instead."""
        sentence = f"{repository.name}: {pull.branch}: {text}"
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:  # noqa: ARG002
        """Refuse: a folder of patches merges nothing by itself. Raises ForgeForbids."""
        raise ForgeForbids(f"{repository.name}: a folder of patches merges nothing by itself")

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        """Do nothing: nothing is going to be merged."""

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:  # noqa: ARG002
        """Refuse: a folder of patches keeps no issues. Raises ForgeForbids."""
        raise ForgeForbids(f"{repository.name}: a folder of patches keeps no issues")


def _head(proposal: Proposal) -> str:
    """Return title and text, each line behind a `#`: no line of them may look like a part of the diff."""
    lines = [proposal.title, "", *proposal.body.splitlines()]
    return "".join(f"# {''.join(c if c.isprintable() else ' ' for c in line)}".rstrip() + "\n" for line in lines) + "\n"


def _plain(name: str) -> str:
    """Return one name of a file for any text; two texts never have the same."""
    plain = _ODD.sub("-", name)[:_NAME].strip("-.")
    return plain if plain == name else f"{plain}-{sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
