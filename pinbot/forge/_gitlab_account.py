"""Who asks a GitLab, by which API, and how what it has is addressed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pinbot.forge._gitlab_api import Api
from pinbot.proposals.issue import Issue
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository


@dataclass(slots=True)
class Account:
    """An account, which is asked for once: of a project or group token, the bot that GitLab made for it."""

    api: Api
    _who: tuple[int, str] | None = None

    @property
    def number(self) -> int:
        """Its number. Raises ForgeError."""
        return self._asked()[0]

    @property
    def login(self) -> str:
        """Its name. Raises ForgeError."""
        return self._asked()[1]

    def _asked(self) -> tuple[int, str]:
        if self._who is None:
            found = self.api.get("/user").object()
            if found.number("id") <= 0 or not found.text("username"):
                raise found.odd("username")
            self._who = found.number("id"), found.text("username")
        return self._who


def segment(text: str) -> str:
    """Return a text as one part of a path; a slash in it is encoded, as GitLab wants the paths of projects."""
    return quote(text, safe="")


def path_of(repository: Repository, one: PullRequest | Issue | None = None) -> str:
    """Return the path of a project, by its number, which no renaming changes, or of something in it."""
    path = f"/projects/{segment(repository.id)}"
    if one is None:
        return path
    return f"{path}/{'issues' if isinstance(one, Issue) else 'merge_requests'}/{one.number}"
