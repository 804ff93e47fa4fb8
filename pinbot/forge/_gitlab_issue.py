"""The dashboard of a project: one issue, opened once whatever happens. https://docs.gitlab.com/api/issues/."""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.forge._gitlab_account import path_of
from pinbot.forge._gitlab_pulls import Pulls
from pinbot.forge._gitlab_values import issue_of, plain
from pinbot.forge._rest import Unanswered
from pinbot.forge._words import clip
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.repository import Repository

_TITLE = 255
_BODY = 60_000


@dataclass(frozen=True, slots=True)
class Issues:
    """Writes it, for one account."""

    pulls: Pulls

    def write(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open it where there is none, else give it that title and text if they differ. Raises ForgeError."""
        wanted = {"title": title[:_TITLE], "description": _text(body)}
        if issue is None:
            return self._opened(repository, wanted)
        now = {"title": issue.title, "description": issue.body}
        if changed := {name: value for name, value in wanted.items() if value.rstrip() != now[name].rstrip()}:
            self.pulls.put(repository, issue, changed)
        return Issue(issue.number, issue.url, wanted["title"], wanted["description"], issue.is_open)

    def _opened(self, repository: Repository, wanted: dict[str, str]) -> Issue:
        try:
            found = self.pulls.account.api.write("POST", f"{path_of(repository)}/issues", wanted).object()
        except Unanswered:
            there = self.pulls.look_after(lambda: self._newest(repository))
            if not isinstance(there, Issue):
                raise
            return there
        return issue_of(found, found.number("iid"))

    def _newest(self, repository: Repository) -> Issue | None:
        """Return the issue that we may have opened a moment ago."""
        query = {"author_id": self.pulls.account.number, "scope": "all", "order_by": "created_at", "sort": "desc"}
        found = self.pulls.account.api.get(f"{path_of(repository)}/issues", query).objects()
        return next((issue_of(one, one.number("iid")) for one in found if DASHBOARD in one.text("description")), None)


def _text(body: str) -> str:
    text = clip(plain(body), _BODY)
    return text if DASHBOARD in text or DASHBOARD not in body else f"{text}\n\n{DASHBOARD}"
