"""Commits, pull requests and proposals to build scenes from: each with what matters, the rest as usual."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pinbot.planning.patch import Patch
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import Commit, PullRequest

OPENED = datetime(2026, 11, 20, 12, tzinfo=UTC)
BRANCH = "pinbot/refresh"


def draft(text: str = "new", branch: str = BRANCH, base: str = "main", covers: tuple[str, ...] = ()) -> Proposal:
    """Return a proposal that turns the text of a file into `text`."""
    patch = Patch("Dockerfile", "FROM old\n", f"FROM {text}\n", ())
    return Proposal("refresh", branch, base, "Refresh 1 image", "What changed.", "Refresh 1 image", (patch,), covers)


def our_commit(proposal: Proposal, sha: str = "c1", *, tree: str = "t1", parent: str = "b1") -> Commit:
    """Return the commit that a run made of a proposal."""
    return Commit(sha, tree, (parent,), proposal.signed(tree), "pinbot")


def changed_since(commit: Commit) -> Commit:
    """Return a commit of ours that somebody amended: the message is as it was, and the tree another."""
    return replace(commit, sha="amended", tree="t9")


def their_commit(sha: str = "p1", parent: str = "c1") -> Commit:
    """Return a commit of a person."""
    return Commit(sha, "t2", (parent,), "Mend the build\n", "Jane")


def merge_of_base(sha: str = "m1", parent: str = "c1") -> Commit:
    """Return a merge of the base branch into ours, made by a person."""
    return Commit(sha, "t3", (parent, "b2"), "Merge branch 'main' into pinbot/refresh\n", "Jane")


def pull(
    *commits: Commit,
    number: int = 7,
    branch: str = BRANCH,
    base: str = "main",
    by_us: bool = True,
    in_repository: bool = True,
    conflicts: bool | None = False,
    body: str = "",
) -> PullRequest:
    """Return an open pull request with these commits."""
    return PullRequest(
        number=number,
        url=f"https://forge.example/acme/api/pull/{number}",
        state="open",
        branch=branch,
        base=base,
        title="Refresh 1 image",
        body=body,
        author="pinbot[bot]" if by_us else "jane",
        by_us=by_us,
        in_repository=in_repository,
        commits=commits,
        opened=OPENED,
        conflicts=conflicts,
    )
