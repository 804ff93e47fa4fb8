"""Commits made by GitHub itself, which shows them as verified, and put in place with updateRefs.

https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch. Only the content of files can be changed
that way: a mode (executable, symbolic link) cannot be given, and GitHub keeps that of a file that is there; what is
written to a symbolic link makes it a plain file, so links must not be among the files.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinbot.errors import BranchMoved
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Invalid, Unclear
from pinbot.forge._github_queries import COMMIT, MOVE_REFS, TIP
from pinbot.forge._github_read import commit_of, dig, sha_of
from pinbot.proposals.pull import Commit
from pinbot.proposals.repository import Repository

_NOWHERE = "0" * 40
_MOVED = ("stale", "expected branch to point", "beforeoid", "before_oid", "reference update failed", "was at")


@dataclass(frozen=True, slots=True)
class Committer:
    """Commits to branches of one repository."""

    account: Account
    repository: Repository

    def commit(self, branch: str, parent: str, message: str, files: Mapping[str, bytes], tip: str | None) -> str:
        """Let a branch whose tip is `tip` (None: it is not there) be one new commit on top of `parent`.

        A branch that is at its parent is committed to at once. Another is left as it is until the commit is made, on a
        branch of its own, and then changes over to it if its tip is still the same, so that its pull request is never
        without changes (GitHub would close it). One, two or three writes. Raises BranchMoved, ForgeError.
        """
        if tip is None:
            self._move([_ref(branch, _NOWHERE, parent)], branch, parent)
        if tip in {None, parent}:
            return self._on(branch, parent, message, files)
        beside = f"{branch}.next"
        self._move([{"name": f"refs/heads/{beside}", "afterOid": parent, "force": True}], beside, parent)
        made = self._on(beside, parent, message, files)
        assert tip is not None
        self._move([_ref(branch, tip, made), _ref(beside, made, _NOWHERE)], branch, made)
        return made

    def _on(self, branch: str, parent: str, message: str, files: Mapping[str, bytes]) -> str:
        headline, _, body = message.partition("\n")
        additions = [{"path": p, "contents": base64.b64encode(c).decode()} for p, c in sorted(files.items())]
        given = {
            "branch": {"repositoryNameWithOwner": self.repository.name, "branchName": branch},
            "expectedHeadOid": parent,
            "message": {"headline": headline, "body": body.strip("\n")},
            "fileChanges": {"additions": additions},
        }
        try:
            return sha_of(self._mutate(COMMIT, given), "createCommitOnBranch", "commit", "oid")
        except Unclear:
            made = self._tip(branch)
            if made is None or made.parents != (parent,) or made.message.strip() != message.strip():
                raise
            return made.sha

    def _move(self, updates: Sequence[Mapping[str, object]], branch: str, wanted: str) -> None:
        try:
            self._mutate(MOVE_REFS, {"repositoryId": self.repository.id, "refUpdates": list(updates)})
        except Unclear:
            tip = self._tip(branch)
            if tip is None or tip.sha != wanted:
                raise

    def _mutate(self, text: str, given: Mapping[str, object]) -> dict[str, object]:
        scope = self.account.scope([self.repository])
        try:
            return self.account.api.query(text, {"input": dict(given)}, scope=scope, is_read=False)[0]
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
