"""Gitea's merging when checks succeed: asked for and taken back, and never where it would merge at once.

It waits for the checks that the protection of the base branch requires; where that requires none, it merges at once
(`services/automerge/` and `services/pull/commit_status.go`, of Gitea and Forgejo). The request is bound to no commit:
`head_commit_id` counts only for a merge at once, so the head is looked at before.
"""

from __future__ import annotations

from collections.abc import Callable

from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._gitea_standing import Lookout
from pinbot.forge._json import Object
from pinbot.forge._rest import NotThere, Refused, Rest, Unanswered, segment
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository

_STYLES = ("merge", "rebase", "rebase-merge", "squash", "fast-forward-only")
# What was pushed is looked into by the forge for a moment, and is not merged as long as that takes.
_AGAIN_SECONDS = (0.0, 2.0, 5.0)
_CONFLICT, _NOT_NOW = 409, 405


class Merging:
    """Writes for one account; `sleep` waits for so many seconds."""

    def __init__(self, rest: Rest, lookout: Lookout, sleep: Callable[[float], None]) -> None:
        self._rest, self._lookout, self._sleep = rest, lookout, sleep

    def ask(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let it be merged when its checks have succeeded. Raises ForgeError with a sentence for people."""
        if pull.is_draft:
            raise ForgeForbids(f"{pull.url}: it does not merge itself: it is a draft")
        now = self._at(repository, pull, head)
        if now.flag("merged"):
            return
        base = now.child("base")
        self._refuse_unguarded(repository, pull, base.text("ref"))
        style = base.child("repo").text("default_merge_style")
        fields = {
            "Do": style if style in _STYLES else "merge",
            "merge_when_checks_succeed": True,
            "head_commit_id": head,
            "delete_branch_after_merge": True,
        }
        self._ask(f"{_path(repository, pull)}/merge", pull, fields)

    def stop(self, repository: Repository, pull: PullRequest) -> None:
        """Take it back; nothing is written where there is nothing to take back. Raises ForgeError."""
        if self._rest.run(self._lookout.armed(repository, pull.number)) is None:
            return
        path = f"{_path(repository, pull)}/merge"
        try:
            self._rest.write("DELETE", path)
        except NotThere:
            self._look(repository, pull)  # nothing to take back, unless it is not there at all
        except Unanswered:
            try:
                self._rest.write("DELETE", path)
            except NotThere:
                self._look(repository, pull)

    def _ask(self, path: str, pull: PullRequest, fields: dict[str, object]) -> None:
        for pause in _AGAIN_SECONDS:
            self._sleep(pause)
            try:
                self._rest.write("POST", path, fields)
            except Refused as error:
                if error.status == _CONFLICT:
                    return  # it was told before
                if error.status == _NOT_NOW and pause != _AGAIN_SECONDS[-1] and "again" in str(error):
                    continue
                raise ForgeForbids(f"{pull.url}: it does not merge itself: {error}") from error
            except Unanswered:
                continue  # once more: what was told before is told (409)
            return
        raise ForgeError(f"{pull.url}: nobody knows whether it merges itself: the forge does not answer")

    def _at(self, repository: Repository, pull: PullRequest, head: str) -> Object:
        """Return it once that commit is its head."""
        for pause in _AGAIN_SECONDS:
            self._sleep(pause)
            now = self._look(repository, pull)
            if now.flag("merged") or now.child("head").text("sha") == head:
                break
        else:
            raise ForgeError(f"{pull.url}: it does not merge itself: its head is another commit by now")
        if now.text("state") != "open" and not now.flag("merged"):
            raise ForgeError(f"{pull.url}: it does not merge itself: it is closed")
        return now

    def _refuse_unguarded(self, repository: Repository, pull: PullRequest, base: str) -> None:
        branch = f"/repos/{segment(repository.name, keep='/')}/branches/{segment(base, keep='/')}"
        found = self._rest.run(self._rest.get(branch)).object()
        if not (found.flag("enable_status_check") and found.texts("status_check_contexts")):
            raise ForgeForbids(
                f"{pull.url}: it does not merge itself: the protection of {base} names no checks that must succeed, so"
                " it would be merged at once"
            )

    def _look(self, repository: Repository, pull: PullRequest) -> Object:
        return self._rest.run(self._rest.get(_path(repository, pull))).object()


def _path(repository: Repository, pull: PullRequest) -> str:
    return f"/repos/{segment(repository.name, keep='/')}/pulls/{pull.number}"
