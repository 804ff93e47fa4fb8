"""The dashboard among the issues of a repository at Gitea, opened once whatever happens."""

from __future__ import annotations

from dataclasses import replace

from pinbot.errors import ForgeForbids
from pinbot.forge._gitea_standing import Lookout
from pinbot.forge._gitea_values import issue_of
from pinbot.forge._rest import Rest, Unanswered, segment
from pinbot.forge._words import clip
from pinbot.proposals.issue import Issue
from pinbot.proposals.repository import Repository

_TITLE, _BODY = 255, 65_536


class Issues:
    """Reads and writes the dashboards of one account."""

    def __init__(self, rest: Rest, lookout: Lookout) -> None:
        self._rest, self._lookout = rest, lookout

    def write(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open it, or give it that title and text, as ports.Forge.write_issue has it. Raises ForgeError."""
        wanted = " ".join(title.split())[:_TITLE].rstrip(), clip(body, _BODY).rstrip()
        if issue is None:
            return self._existing(repository) or self._opened(repository, *wanted)
        if (issue.title, issue.body.rstrip()) == wanted:
            return issue
        now = self._now(repository, issue)
        if not now.is_as(issue):
            return now
        return self._patched(repository, now, now.title_for(issue, wanted[0]), wanted[1])

    def _opened(self, repository: Repository, title: str, body: str) -> Issue:
        try:
            found = self._rest.write("POST", f"{_path(repository)}/issues", {"title": title, "body": body}).object()
        except Unanswered:
            if (there := self._existing(repository)) is None:
                raise
            return there
        except ForgeForbids as error:
            raise ForgeForbids(f"{error}; the dashboard needs the scope write:issue, and issues there") from error
        return issue_of(found)

    def _existing(self, repository: Repository) -> Issue | None:
        return self._rest.run(self._lookout.dashboard(repository))

    def _patched(self, repository: Repository, issue: Issue, title: str, body: str) -> Issue:
        path = f"{_path(repository)}/issues/{issue.number}"
        try:
            self._rest.write("PATCH", path, {"title": title, "body": body})
        except Unanswered:
            now = self._now(repository, issue)
            if (now.title, now.body.rstrip()) != (title, body):
                raise
        return replace(issue, title=title, body=body)

    def _now(self, repository: Repository, issue: Issue) -> Issue:
        return issue_of(self._rest.run(self._rest.get(f"{_path(repository)}/issues/{issue.number}")).object())


def _path(repository: Repository) -> str:
    return f"/repos/{segment(repository.name, keep='/')}"
