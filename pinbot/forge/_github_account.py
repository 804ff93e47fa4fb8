"""One account at one GitHub: its API, where people look, its name, and the numbers of the repositories it has seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pinbot.errors import ForgeError
from pinbot.forge._github_api import Api, Scope
from pinbot.forge._github_queries import NUMBERS, VIEWER
from pinbot.forge._github_read import dig, entries, is_name, text
from pinbot.forge._github_tokens import AppTokens
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret

_BATCH = 100


@dataclass(slots=True)
class Account:
    """What reading and writing share."""

    api: Api
    web: str
    numbers: dict[str, int] = field(default_factory=dict)
    _login: str = ""

    @property
    def login(self) -> str:
        """The login, as authors of pull requests have it: that of an App ends with `[bot]`. Raises ForgeError."""
        if not self._login:
            self.saw(self.api.query(VIEWER, {})[0])
        return self._login

    def saw(self, data: object) -> str:
        """Remember who is told as `viewer` in an answer, and return it."""
        login = text(data, "viewer", "login")
        is_bot = isinstance(self.api.tokens, AppTokens) and not login.endswith("[bot]")
        self._login = f"{login}[bot]" if is_bot else login
        return self._login

    def note(self, key: str, number: object) -> None:
        """Remember the number of a repository, which tokens are narrowed by."""
        if isinstance(number, int):
            self.numbers[key] = number

    def scope(self, repositories: Collection[Repository]) -> Scope:
        """Return what a token for these repositories is narrowed to; None where tokens are what they are."""
        if not isinstance(self.api.tokens, AppTokens):
            return None
        unknown = [r.id for r in repositories if r.id not in self.numbers]
        for batch in batches(unknown, _BATCH):
            for node in entries(self.api.query(NUMBERS, {"ids": batch})[0], "nodes"):
                self.note(text(node, "id"), dig(node, "databaseId"))
        found = frozenset(self.numbers[r.id] for r in repositories if r.id in self.numbers)
        if not found:
            raise ForgeError("the installation of the App does not have these repositories")
        return found

    def path(self, repository: Repository, rest: str) -> str:
        """Return the path of something of a repository, built from its checked name."""
        if not is_name(repository.name):
            raise ForgeError(f"{repository.name[:100]!r} is not the name of a repository at GitHub")
        return f"/repos/{repository.name}/{rest}"

    def page(self, repository: Repository) -> str:
        """Return where people look at a repository."""
        return f"{self.web}/{repository.name}"

    def token(self, repository: Repository) -> Secret:
        """Return a token for git, good for this repository; one of an App for no other."""
        tokens = self.api.tokens
        if isinstance(tokens, AppTokens):
            return tokens.plain(self.scope([repository]), exactly=True)
        return Secret(tokens.header(None).removeprefix("Bearer "))


def batches(items: Iterable[str], size: int) -> list[list[str]]:
    """Return the items in lists of that length at most."""
    every = list(items)
    return [every[i : i + size] for i in range(0, len(every), size)]


def reasons_by_index(errors: Collection[Mapping[str, object]], field_name: str) -> dict[int, str]:
    """Return the first error of each entry of a list in the answer, as `path` tells where it belongs."""
    reasons: dict[int, str] = {}
    for error in errors:
        match error.get("path"):
            case [str(name), int(at), *_] if name == field_name:
                reasons.setdefault(at, str(error.get("message", "")))
    return reasons
