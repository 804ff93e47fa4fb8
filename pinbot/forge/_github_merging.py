"""GitHub's auto-merge: asked for and taken back, and never where GitHub would merge at once.

https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge. GitHub takes it only while something
that the base branch asks for is missing, and else says that the pull request is in clean status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge import _github_queries as queries
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Invalid, Unclear
from pinbot.forge._github_read import dig, sha_of, text
from pinbot.forge._words import shown
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository

_METHODS = (("SQUASH", "squashMergeAllowed"), ("MERGE", "mergeCommitAllowed"), ("REBASE", "rebaseMergeAllowed"))
# A push may take a moment to be the head of a pull request.
_LOOK_AFTER_SECONDS = (0.0, 2.0, 5.0)
_NOTHING_MISSING = ("clean status", "unstable status")


@dataclass(frozen=True, slots=True)
class Merging:
    """Writes for one account."""

    account: Account

    def ask(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let GitHub merge it when it is green. Raises ForgeError with a sentence for people."""
        found = self._at(repository, pull, head)
        if _is_done(found):
            return
        if dig(found, "autoMergeAllowed") is not True:
            raise ForgeForbids(
                f"{pull.url}: it does not merge itself: auto-merge is not allowed in the settings of {repository.name}"
            )
        asked = {
            "pullRequestId": text(found, "pullRequest", "id"),
            "expectedHeadOid": head,
            "mergeMethod": _method(found),
        }
        try:
            self._mutate(repository, queries.MERGE, asked)
        except Unclear:
            if not _is_done(self._look(repository, pull)):
                raise
        except Invalid as error:
            raise _refusal(pull, error) from error

    def stop(self, repository: Repository, pull: PullRequest) -> None:
        """Take it back; nothing is written where there is nothing to take back. Raises ForgeError."""
        found = self._look(repository, pull)
        if not _is_armed(found):
            return
        try:
            self._mutate(repository, queries.STOP_MERGING, {"pullRequestId": text(found, "pullRequest", "id")})
        except (Unclear, Invalid):
            if _is_armed(self._look(repository, pull)):
                raise

    def _at(self, repository: Repository, pull: PullRequest, head: str) -> object:
        """Return what GitHub says of it once that commit is its head."""
        for pause in _LOOK_AFTER_SECONDS:
            self.account.api.world.sleep(pause)
            found = self._look(repository, pull)
            if dig(found, "pullRequest", "state") == "MERGED" or sha_of(found, "pullRequest", "headRefOid") == head:
                break
        else:
            raise ForgeError(f"{pull.url}: it does not merge itself: its head is another commit by now")
        if dig(found, "pullRequest", "state") == "CLOSED":
            raise ForgeError(f"{pull.url}: it does not merge itself: it is closed")
        return found

    def _look(self, repository: Repository, pull: PullRequest) -> object:
        scope, asked = self.account.scope([repository]), {"id": repository.id, "number": pull.number}
        data, errors = self.account.api.query(queries.MERGING, asked, scope=scope)
        if dig(data, "node", "pullRequest") is None:
            why = shown(str(errors[0].get("message", ""))) if errors else "it is not there"
            raise ForgeError(f"{pull.url}: GitHub does not say how it may be merged: {why}")
        return dig(data, "node")

    def _mutate(self, repository: Repository, mutation: str, given: Mapping[str, str]) -> None:
        scope = self.account.scope([repository])
        self.account.api.query(mutation, {"input": dict(given)}, scope=scope, is_read=False)


def _is_armed(found: object) -> bool:
    return dig(found, "pullRequest", "autoMergeRequest") is not None


def _is_done(found: object) -> bool:
    return _is_armed(found) or dig(found, "pullRequest", "state") == "MERGED"


def _method(found: object) -> str:
    """Return how the repository merges: as this account did last, else what is allowed there."""
    allowed = [method for method, field in _METHODS if dig(found, field) is True]
    usual = dig(found, "viewerDefaultMergeMethod")
    return str(usual) if usual in allowed else next(iter(allowed), "MERGE")


def _refusal(pull: PullRequest, error: Invalid) -> ForgeError:
    if any(words in error.said.lower() for words in _NOTHING_MISSING):
        return ForgeForbids(
            f"{pull.url}: it does not merge itself: GitHub has nothing to wait for: {pull.base} asks for no checks or"
            " reviews, or all of them are there; pinbot merges nothing by itself"
        )
    return ForgeError(f"{pull.url}: it does not merge itself: {error}")
