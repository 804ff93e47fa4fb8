"""Letting GitLab merge by itself, and only what a pipeline has checked.

GitLab merges at once what it is told to merge "when the pipeline succeeds" and has none: so it is told so only where
there is one. https://docs.gitlab.com/api/merge_requests/#merge-a-merge-request,
https://gitlab.com/gitlab-org/gitlab/-/merge_requests/228142.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._commit_name import is_name
from pinbot.forge._gitlab_account import path_of
from pinbot.forge._gitlab_pulls import Pulls
from pinbot.forge._json import Object
from pinbot.forge._rest import NotThere, Refused, Unanswered
from pinbot.forge._words import shown
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository

# Others are over without success, or wait for a person: https://docs.gitlab.com/api/pipelines/#list-project-pipelines
_HOPEFUL = frozenset(
    {"created", "waiting_for_resource", "waiting_for_callback", "preparing", "pending", "running", "scheduled"}
    | {"success"}
)
# So long after a change it may be that there is none yet.
_JUST = timedelta(minutes=2)
_SETTLE_SECONDS = (2.0, 5.0, 8.0)
# A pipeline of merged results has a commit of its own, made of the base and the head:
# https://docs.gitlab.com/ci/pipelines/merged_results_pipelines/. After a push `head_pipeline` still is that of the
# commit before for a while, which GitLab itself then takes for none.
_OF_THE_MERGE = ("refs/merge-requests/", ("/merge", "/train"))


@dataclass(frozen=True, slots=True)
class Merging:
    """Auto-merge, for one account."""

    pulls: Pulls

    def start(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let GitLab merge it once its pipeline has succeeded and its rules are met, while `head` is its commit.

        Raises ForgeForbids where there is no pipeline, or the project does not allow it; ForgeError.
        """
        what = f"{pull.url}: it does not merge itself"
        if pull.is_draft:
            raise ForgeForbids(f"{what}: it is a draft")
        now = self._settled(repository, pull, head)
        if now.text("state") == "merged" or (now.flag("merge_when_pipeline_succeeds") and now.text("sha") == head):
            return
        if now.text("state") != "opened" or now.text("sha") != head:
            raise ForgeError(f"{what}: it is closed, or its head is another commit by now")
        if reason := self._unchecked(repository, now, head):
            raise ForgeForbids(f"{what}: {reason}, so it would be merged unchecked")
        habits = self.pulls.habits
        fields: dict[str, object] = {
            # The same by its old name, for versions before 17.11.
            "auto_merge": True,
            "merge_when_pipeline_succeeds": True,
            "sha": head,
            "should_remove_source_branch": habits.remove_source_branch,
        }
        if habits.squash is not None:
            fields["squash"] = habits.squash
        self._merge(repository, pull, what, fields)

    def stop(self, repository: Repository, pull: PullRequest) -> None:
        """Take that back; where nothing is to be taken back, nothing is written. Raises ForgeError."""
        if not self._is_set(repository, pull):
            return
        path = f"{path_of(repository, pull)}/cancel_merge_when_pipeline_succeeds"
        try:
            self.pulls.account.api.write("POST", path, {})
        except (Unanswered, Refused):
            if self._is_set(repository, pull):
                raise

    def _settled(self, repository: Repository, pull: PullRequest, head: str) -> Object:
        """Return it as it is: after a push, its commit and the pipeline of that take a moment to be there."""
        world = self.pulls.account.api.world
        now = self.pulls.look(repository, pull)
        for pause in _SETTLE_SECONDS:
            changed = now.moment("updated_at")
            is_fresh = changed is not None and world.now() - changed <= _JUST
            is_there = now.text("sha") == head and not (is_fresh and self._is_missing(repository, now, head))
            if now.text("state") != "opened" or is_there:
                break
            world.sleep(pause)
            now = self.pulls.look(repository, pull)
        return now

    def _merge(self, repository: Repository, pull: PullRequest, what: str, fields: dict[str, object]) -> None:
        try:
            self.pulls.account.api.write("PUT", f"{path_of(repository, pull)}/merge", fields)
        except Unanswered:
            now = self.pulls.look(repository, pull)
            if not (now.flag("merge_when_pipeline_succeeds") or now.text("state") == "merged"):
                raise
        except NotThere:
            raise
        except ForgeForbids as error:
            # It says 401 where the account may not merge into that branch.
            raise ForgeForbids(f"{what}: this account may not merge there: {error}") from error
        except Refused as error:
            if error.status not in {405, 406, 422}:
                raise
            raise ForgeForbids(f"{what}: {self._why(repository, pull)}") from error

    def _why(self, repository: Repository, pull: PullRequest) -> str:
        status = self.pulls.look(repository, pull).text("detailed_merge_status")
        return f"its status is {shown(status)!r}" if status else "it gives no reason"

    def _unchecked(self, repository: Repository, now: Object, head: str) -> str:
        """Return why nothing checks a merge request, empty where a pipeline does."""
        if self._is_missing(repository, now, head):
            return "there is no pipeline for its last commit"
        status = _pipeline(now).text("status")
        return "" if status in _HOPEFUL else f"its pipeline is {shown(status)!r}"

    def _is_missing(self, repository: Repository, now: Object, head: str) -> bool:
        """Return whether an open merge request has no pipeline for that commit, or for a merge of it."""
        pipeline, (start, ends) = _pipeline(now), _OF_THE_MERGE
        sha, ref = pipeline.text("sha"), pipeline.text("ref")
        if now.text("state") != "opened" or sha == head:
            return False
        is_of_merge = ref.startswith(start) and ref.endswith(ends) and is_name(sha)
        return not (is_of_merge and head in self._parents(repository, sha))

    def _parents(self, repository: Repository, sha: str) -> tuple[str, ...]:
        try:
            found = self.pulls.account.api.get(f"{path_of(repository)}/repository/commits/{sha}").object()
        except NotThere:
            return ()
        return found.texts("parent_ids")

    def _is_set(self, repository: Repository, pull: PullRequest) -> bool:
        now = self.pulls.look(repository, pull)
        return now.flag("merge_when_pipeline_succeeds") and now.text("state") == "opened"


def _pipeline(now: Object) -> Object:
    """Return the pipeline of its last commit as GitLab finds it, without fields where there is none."""
    return now.child("head_pipeline")
