"""The dashboard among the issues of a repository, opened once whatever happens: https://docs.github.com/en/rest/issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pinbot.errors import ForgeForbids
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Unclear
from pinbot.forge._github_read import dig, entries, issue_of_rest, login_of
from pinbot.forge._words import clip
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.repository import Repository

_BODY, _TITLE = 65_536, 256
# What was written may take a moment to be told of.
_LOOK_AFTER_SECONDS = (0.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Issues:
    """Reads and writes for one account."""

    account: Account

    def write(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open the dashboard, or give it that title and text, as ports.Forge.write_issue has it. Raises ForgeError."""
        title, body = " ".join(title.split())[:_TITLE].rstrip(), clip(body, _BODY).rstrip()
        if issue is None:
            return self.found(repository) or self._opened(repository, title, body)
        changes = _changes(issue, title, body)
        if not changes:
            return issue
        now = self._now(repository, issue)
        if not now.is_as(issue):
            return now
        return self._patched(repository, now, _changes(now, now.title_for(issue, title), body))

    def found(self, repository: Repository) -> Issue | None:
        """Return the oldest that we have opened; GitHub lists pull requests among the issues."""
        asked = {"state": "all", "creator": self.account.login, "sort": "created", "direction": "asc"}
        scope = self.account.scope([repository])
        for page in self.account.api.pages(self.account.path(repository, "issues"), asked, scope=scope):
            for data in entries(page):
                is_ours = login_of(dig(data, "user")) == self.account.login and dig(data, "pull_request") is None
                if is_ours and DASHBOARD in str(dig(data, "body")):
                    return issue_of_rest(data, self.account.page(repository))
        return None

    def _opened(self, repository: Repository, title: str, body: str) -> Issue:
        path, fields = self.account.path(repository, "issues"), {"title": title, "body": body}
        try:
            data = self.account.api.write("POST", path, fields, scope=self.account.scope([repository]))
        except Unclear:
            for pause in _LOOK_AFTER_SECONDS:
                self.account.api.world.sleep(pause)
                if (found := self.found(repository)) is not None:
                    return found
            raise
        except ForgeForbids as error:
            raise ForgeForbids(
                f"{error}; the dashboard needs the permission Issues (write), and issues there"
            ) from error
        return issue_of_rest(data, self.account.page(repository))

    def _patched(self, repository: Repository, issue: Issue, changes: Mapping[str, str]) -> Issue:
        path = self.account.path(repository, f"issues/{issue.number}")
        if changes:
            try:
                self.account.api.write("PATCH", path, changes, scope=self.account.scope([repository]))
            except Unclear:
                if _changes(self._now(repository, issue), changes.get("title", issue.title), changes.get("body", "")):
                    raise
        return replace(issue, title=changes.get("title", issue.title), body=changes.get("body", issue.body))

    def _now(self, repository: Repository, issue: Issue) -> Issue:
        path, scope = self.account.path(repository, f"issues/{issue.number}"), self.account.scope([repository])
        return issue_of_rest(self.account.api.get(path, scope=scope), self.account.page(repository))


def _changes(issue: Issue, title: str, body: str) -> dict[str, str]:
    told = {"title": (issue.title, title), "body": (issue.body.rstrip(), body)}
    return {name: wanted for name, (there, wanted) in told.items() if wanted and there != wanted}
