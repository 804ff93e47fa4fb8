"""Commits made by GitHub itself, which shows them as verified, and put in place with updateRefs.

https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch. Only the content of files can be changed
that way: a mode (executable, symbolic link) cannot be given, and GitHub keeps that of a file that is there; what is
written to a symbolic link makes it a plain file, so links must not be among the files.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pinbot.errors import BranchMoved, ForgeError
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Invalid, Unclear
from pinbot.forge._github_queries import COMMIT, COMMIT_ANEW, MOVE_REFS, TIP
from pinbot.forge._github_read import commit_of, dig, sha_of
from pinbot.proposals.pull import Commit
from pinbot.proposals.repository import Repository

_NOWHERE = "0" * 40
_MOVED = ("stale", "expected branch to point", "beforeoid", "before_oid", "reference update failed", "was at")


@dataclass(frozen=True, slots=True)
class _Work:
    branch: str
    parent: str
    message: str
    files: Mapping[str, bytes]

    def input(self, name: str) -> dict[str, object]:
        """Return what createCommitOnBranch is given, for a repository."""
        headline, _, body = self.message.partition("\n")
        additions = [{"path": p, "contents": base64.b64encode(c).decode()} for p, c in sorted(self.files.items())]
        return {
            "branch": {"repositoryNameWithOwner": name, "branchName": self.branch},
            "expectedHeadOid": self.parent,
            "message": {"headline": headline, "body": body.strip("\n")},
            "fileChanges": {"additions": additions},
        }


@dataclass(frozen=True, slots=True)
class Committer:
    """Commits to branches of one repository."""

    account: Account
    repository: Repository

    def commit(self, branch: str, parent: str, message: str, files: Mapping[str, bytes], tip: str | None) -> str:
        """Let a branch whose tip is `tip` (None: it is not there) be one new commit on top of `parent`.

        One that is not there is made together with its commit, in one write. Another is left as it is until the commit
        is made, on a branch beside it, and then changes over to it if its tip is the same still, in two writes: its
        pull request is never without changes, for which GitHub would close it. Raises BranchMoved, ForgeError.
        """
        work = _Work(branch, parent, message, files)
        if tip is None:
            try:
                return self._made(work, [_ref(branch, _NOWHERE, parent)])
            except ForgeError:
                self._take_away(branch, parent)
                raise
        if tip == parent:
            return self._made(work, [])
        beside = f"{branch}.next"
        start = {"name": f"refs/heads/{beside}", "afterOid": parent, "force": True}
        made = self._made(replace(work, branch=beside), [start])
        self._move([_ref(branch, tip, made), _ref(beside, made, _NOWHERE)], branch, made)
        return made

    def _made(self, work: _Work, refs: Sequence[Mapping[str, object]]) -> str:
        """Put refs where they belong, and commit, in one request."""
        moves = {"repositoryId": self.repository.id, "refUpdates": list(refs)}
        given = {"input": work.input(self.repository.name), **({"refs": moves} if refs else {})}
        try:
            return sha_of(self._mutate(COMMIT_ANEW if refs else COMMIT, given), "createCommitOnBranch", "commit", "oid")
        except Unclear:
            made = self._tip(work.branch)
            if made is None or made.parents != (work.parent,) or made.message.strip() != work.message.strip():
                raise
            return made.sha

    def _take_away(self, branch: str, parent: str) -> None:
        """Delete a branch that has no commit of its own: it was made, and the commit on it refused."""
        with suppress(ForgeError, BranchMoved):
            self._move([_ref(branch, parent, _NOWHERE)], branch, _NOWHERE)

    def _move(self, updates: Sequence[Mapping[str, object]], branch: str, wanted: str) -> None:
        try:
            self._mutate(MOVE_REFS, {"input": {"repositoryId": self.repository.id, "refUpdates": list(updates)}})
        except Unclear:
            tip = self._tip(branch)
            if (tip.sha if tip else _NOWHERE) != wanted:
                raise

    def _mutate(self, text: str, given: Mapping[str, object]) -> dict[str, object]:
        scope = self.account.scope([self.repository])
        try:
            return self.account.api.query(text, given, scope=scope, is_read=False)[0]
        except Invalid as error:
            if any(word in error.said.lower() for word in _MOVED):
                raise BranchMoved(
                    f"{self.repository.name}: a branch is not what it was thought to be: {error}"
                ) from error
            raise

    def _tip(self, branch: str) -> Commit | None:
        asked = {"id": self.repository.id, "ref": f"refs/heads/{branch}"}
        data, _ = self.account.api.query(TIP, asked, scope=self.account.scope([self.repository]))
        target = dig(data, "node", "ref", "target")
        return commit_of(target) if target is not None else None


def _ref(branch: str, before: str, after: str) -> dict[str, object]:
    return {"name": f"refs/heads/{branch}", "beforeOid": before, "afterOid": after, "force": True}
