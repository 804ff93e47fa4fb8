"""Pull requests and their commits as forges tell of them, and which of the commits are ours.

A commit of ours ends with trailers (git-interpret-trailers): `Pinbot-Fingerprint` is what it changes, `Pinbot-Tree`
the tree that it was made with, `Pinbot-Covers` what closing its pull request refuses. Nothing is read from the text of
a pull request but `PENDING` and `WITHDRAWN`: anybody may have edited it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["open", "closed", "merged"]

FINGERPRINT, TREE, COVERS = "Pinbot-Fingerprint", "Pinbot-Tree", "Pinbot-Covers"
# Stands in the body of a pull request until the last of the writes that open it: labels, assignees, reviewers.
PENDING = "<!-- pinbot: being opened -->"
# Stands in the body of one that pinbot itself closed, from the very request that closed it: nobody refused anything.
WITHDRAWN = "<!-- pinbot: closed by pinbot -->"
_TRAILER = re.compile(r"^(?P<key>Pinbot-[A-Z][a-z]+): (?P<value>[!-~ ]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: the object names of itself, its tree and its parents, its message, and who wrote it (a name)."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: str = ""

    @property
    def fingerprint(self) -> str | None:
        """What a commit of ours changes; None for a commit of anybody else, or one whose content was changed since."""
        trailers = self._trailers
        return trailers.get(FINGERPRINT) if trailers.get(TREE) == self.tree else None

    @property
    def claimed_fingerprint(self) -> str | None:
        """The fingerprint that the message names, whatever the commit holds: ours, if its patch has it (a rebase)."""
        return self._trailers.get(FINGERPRINT)

    @property
    def covers(self) -> frozenset[str]:
        """What closing its pull request refuses (see `declined`)."""
        return frozenset(self._trailers.get(COVERS, "").split())

    @property
    def _trailers(self) -> dict[str, str]:
        *_, last = self.message.rstrip().split("\n\n")
        return {found["key"]: found["value"] for found in _TRAILER.finditer(last)}


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request.

    `commits` are those that the base does not have, the oldest first; the last is the head. Where a forge tells of no
    others, it is the head alone. `in_repository` is whether the branch is one of the repository itself, not of a fork;
    `by_us` whether the account that pinbot uses opened it. `conflicts` is None where the forge does not know.
    `merges_itself` is whether the forge was told to merge it as soon as everything is green, by whomever, and
    `merging_by_us` whether the account that pinbot uses told it so.
    """

    number: int
    url: str
    state: State
    branch: str
    base: str
    title: str
    body: str
    author: str
    by_us: bool
    in_repository: bool
    commits: tuple[Commit, ...]
    opened: datetime
    closed: datetime | None = None
    conflicts: bool | None = None
    is_draft: bool = False
    merges_itself: bool = False
    merging_by_us: bool = False

    @property
    def head(self) -> Commit | None:
        """The tip of its branch; None where the forge does not tell."""
        return self.commits[-1] if self.commits else None

    @property
    def is_pending(self) -> bool:
        """Whether the run that opened it did not come to the end of it."""
        return PENDING in self.body

    @property
    def is_withdrawn(self) -> bool:
        """Whether pinbot closed it, as nobody wanted it any more."""
        return WITHDRAWN in self.body
