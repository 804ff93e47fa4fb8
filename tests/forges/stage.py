"""What the contract of forges needs of a fake, whichever forge it stands in for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from pinbot.planning.patch import Patch
from pinbot.ports import Forge
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository
from tests.fakes.server import Fault, Server

BEFORE = "FROM python:3.12\n"


class Stage(Protocol):
    """A forge before its fake: `us` is the account that pinbot uses, `secret` its token, and `acme/api` is there."""

    @property
    def forge(self) -> Forge:
        """What is tested."""

    @property
    def server(self) -> Server:
        """Where it asks."""

    @property
    def us(self) -> str:
        """The login of the account."""

    @property
    def secret(self) -> str:
        """The token."""

    def close(self) -> None:
        """End the forge's connections."""

    def add(self, name: str, archived: bool = False, fork: bool = False, topics: Sequence[str] = ()) -> Repository:
        """Add a repository of the same owner, with one commit on `main` that holds BEFORE as `Dockerfile`."""

    def push(self, repository: Repository, wanted: Proposal, base: str = "main") -> str:
        """Put a commit of ours on the branch of a proposal, on top of a branch, and return its name."""

    def person_pushes(self, repository: Repository, branch: str) -> str:
        """Put a commit of somebody else on top of a branch, and return its name."""

    def base_moves(self, repository: Repository, text: str) -> str:
        """Put a commit on `main` in which `Dockerfile` holds `text`, and return its name."""

    def opened_by(self, repository: Repository, login: str, branch: str, from_fork: bool = False) -> int:
        """Open a pull request to `main` as somebody would in a browser, and return its number."""

    def ended(self, repository: Repository, number: int, merged: bool = False) -> None:
        """Close or merge a pull request as a person would."""

    def open_pulls(self, repository: Repository) -> list[tuple[int, str]]:
        """Return the numbers and branches of what is open, the oldest first."""

    def text(self, repository: Repository, number: int) -> tuple[str, str]:
        """Return the title and the body of a pull request."""

    def dress(self, repository: Repository, number: int) -> Dressing:
        """Return what a pull request has beside its text."""

    def said(self, repository: Repository, number: int) -> list[str]:
        """Return the comments on a pull request."""

    def issues(self, repository: Repository) -> list[tuple[int, str, str]]:
        """Return the issues of a repository, with title and text, the oldest first."""

    def issue_by(self, repository: Repository, login: str, body: str) -> int:
        """Open an issue as somebody would in a browser, and return its number."""

    def issue_becomes(
        self, repository: Repository, number: int, body: str | None = None, closed: bool = False, title: str = ""
    ) -> None:
        """Change the text or the title of an issue as a person would, or close it."""

    def without_issues(self, repository: Repository) -> None:
        """Let a repository keep no issues."""

    def unguarded(self, repository: Repository) -> None:
        """Let `main` ask for nothing before something is merged; in `add` it asks for a check that nobody has done."""

    def armed_by(self, repository: Repository, number: int, login: str) -> None:
        """Let somebody tell the forge to merge a pull request when it is green."""

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name."""

    def rename_branch(self, repository: Repository, name: str) -> None:
        """Give the default branch another name."""

    def archive(self, repository: Repository) -> None:
        """Make a repository read-only."""

    def remove(self, repository: Repository) -> None:
        """Delete a repository."""

    def on_write(self, fault: Fault) -> None:
        """Bend the answers to writes: pull requests opened or changed, comments, reviews."""

    def on_read(self, fault: Fault) -> None:
        """Bend the answers to questions."""

    def limit(self, seconds: int, times: int, writes: bool) -> None:
        """Refuse the next requests (writes, or questions), doing nothing, with a rate limit that ends so much later."""


Make = Callable[[Path], AbstractContextManager[Stage]]


def wanted(
    branch: str = "pinbot/all", title: str = "Pin 1 image", body: str = "text", base: str = "main", **dressing: object
) -> Proposal:
    """Return a proposal that changes the `Dockerfile` of `add`."""
    after = BEFORE.replace("3.12", f"3.12@sha256:{'a' * 64}")
    patches = (Patch("Dockerfile", BEFORE, after, ()),)
    message = f"{title}\n\nBecause."
    return Proposal("all", branch, base, title, body, message, patches, ("c1",), Dressing(**dressing))  # type: ignore[arg-type]  # rows of tables
