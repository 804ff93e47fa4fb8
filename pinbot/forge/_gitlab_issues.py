"""The dashboard among the issues of a project, opened once whatever happens. https://docs.gitlab.com/api/issues/."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pinbot.errors import ForgeForbids
from pinbot.forge._gitlab_account import path_of
from pinbot.forge._gitlab_pulls import Pulls
from pinbot.forge._gitlab_survey import Survey
from pinbot.forge._gitlab_values import issue_of, plain
from pinbot.forge._rest import NotThere, Unanswered
from pinbot.forge._words import clip
from pinbot.proposals.issue import Issue
from pinbot.proposals.repository import Repository

_TITLE, _BODY = 255, 65_536


@dataclass(frozen=True, slots=True)
class Issues:
    """Reads and writes the dashboards of one account."""

    pulls: Pulls
    survey: Survey

    def write(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open it, or give it that title and text, as ports.Forge.write_issue has it. Raises ForgeError."""
        wanted = {"title": " ".join(title.split())[:_TITLE].rstrip(), "description": clip(plain(body), _BODY).rstrip()}
        if issue is None:
            return self._existing(repository) or self._opened(repository, wanted)
        if (issue.title, issue.body.rstrip()) == (wanted["title"], wanted["description"]):
            return issue
        found = self.pulls.look(repository, issue)
        now = issue_of(found, issue.number)
        if not now.is_as(issue):
            return now
        wanted["title"] = now.title_for(issue, wanted["title"])
        self.pulls.put(repository, issue, wanted)
        return replace(now, title=wanted["title"], body=wanted["description"])

    def _opened(self, repository: Repository, wanted: dict[str, str]) -> Issue:
        try:
            found = self.pulls.account.api.write("POST", f"{path_of(repository)}/issues", wanted).object()
        except Unanswered:
            there = self.pulls.look_after(lambda: self._existing(repository))
            if not isinstance(there, Issue):
                raise
            return there
        return issue_of(found, found.number("iid"))

    def _existing(self, repository: Repository) -> Issue | None:
        try:
            return self.survey.dashboard(repository)
        except NotThere:
            raise
        except ForgeForbids as error:
            raise ForgeForbids(f"{repository.name}: it keeps no issues, or this account may not see them") from error
