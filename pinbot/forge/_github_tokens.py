"""Who we are to GitHub: a token as it is, or an App that makes tokens of its own, for few repositories each.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pinbot.errors import ForgeForbids, UsageError
from pinbot.forge._base import World
from pinbot.forge._github_answer import Invalid
from pinbot.forge._github_read import dig, moment, number, text
from pinbot.secret import Secret

Scope = frozenset[int] | None
# GitHub narrows a token to 500 repositories at most.
_MOST_REPOSITORIES = 500
_SPARE = timedelta(minutes=5)
_LIST: Mapping[str, str] = {"metadata": "read"}
_WRITE: Mapping[str, str] = {"metadata": "read", "contents": "write", "pull_requests": "write"}
_WORKFLOWS: Mapping[str, str] = {"workflows": "write"}
_ISSUES: Mapping[str, str] = {"issues": "write"}


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App: its id, its private key (PEM), and the installation where that is known."""

    id: str
    private_key: Secret
    installation: int | None = None


class Minter(Protocol):
    """What makes tokens out of a JWT."""

    def get_as(self, path: str, authorization: str) -> object:
        """Return the JSON of a GET with that Authorization header."""

    def mint(self, path: str, body: Mapping[str, object], authorization: str) -> object:
        """Return the JSON of a POST with that Authorization header."""


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A personal access token, or that of a job: it is what it is."""

    token: Secret

    def header(self, _scope: Scope) -> str:
        """Return the header's value."""
        return f"Bearer {self.token.reveal()}"

    def plain(self, _scope: Scope) -> Secret:
        """Return the token, for git."""
        return self.token

    def renew(self, _scope: Scope) -> bool:
        """There is no other."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Return what must not be shown."""
        return (self.token.reveal(),)


@dataclass(frozen=True, slots=True)
class _Live:
    scope: Scope
    token: Secret
    ends: datetime


@dataclass(slots=True)
class AppTokens:
    """Tokens of one installation, each narrowed to the repositories and permissions that a request needs.

    `home` is the path below which GitHub tells where the App is installed, if the App does not say it.
    `writes_workflows` says whether the last token for writing may change workflow files, `writes_issues` whether it may
    write issues; before the first, whether that is wanted. Raises UsageError for a key
    that is none.
    """

    app: App
    world: World
    home: str = ""
    minter: Minter | None = None
    writes_workflows: bool = True
    writes_issues: bool = False
    _live: list[_Live] = field(default_factory=list)
    _installation: int | None = None
    _sign: Callable[[], str] = field(init=False)

    def __post_init__(self) -> None:
        self._installation = self.app.installation
        self._sign = _signer(self.app)

    def header(self, scope: Scope) -> str:
        """Return the header's value: a token that lives for some minutes more, made anew where there is none."""
        return f"Bearer {self.plain(scope).reveal()}"

    def plain(self, scope: Scope, *, exactly: bool = False) -> Secret:
        """Return a token for these repositories; `exactly`: for no others."""
        limit = self.world.now() + _SPARE
        for live in self._live:
            fits = live.scope == scope if exactly or scope is None else live.scope is not None and scope <= live.scope
            if fits and live.ends > limit:
                return live.token
        self._live = [live for live in self._live if live.ends > limit][-50:]
        live = self._mint(scope)
        self._live.append(live)
        return live.token

    def renew(self, scope: Scope) -> bool:
        """Forget the tokens for these repositories."""
        self._live = [
            live for live in self._live if live.scope is None or (scope is not None and not scope <= live.scope)
        ]
        if scope is None:
            self._live = [live for live in self._live if live.scope is not None]
        return True

    def secrets(self) -> tuple[str, ...]:
        """Return what must not be shown."""
        return (self.app.private_key.reveal(), *(live.token.reveal() for live in self._live))

    def slug(self) -> str:
        """Return the name of the App as logins have it, without `[bot]`."""
        return text(self._minter.get_as("/app", self._jwt()), "slug")

    def granted(self) -> dict[str, str]:
        """Return what the installation may do, by permission. Raises ForgeError."""
        where = f"/app/installations/{self._where()}"
        found = dig(self._minter.get_as(where, self._jwt()), "permissions")
        return {str(name): str(level) for name, level in found.items()} if isinstance(found, dict) else {}

    @property
    def _minter(self) -> Minter:
        assert self.minter is not None, "wiring sets it"
        return self.minter

    def _jwt(self) -> str:
        return f"Bearer {self._sign()}"

    def _mint(self, scope: Scope) -> _Live:
        if scope is None:
            return self._made(None, _LIST)
        # Workflow files are in pull requests of their own, and a dashboard is not all: nothing else waits for them.
        for extra in self._extras():
            try:
                made = self._made(scope, {**_WRITE, **extra})
            except Invalid as error:
                if "permission" not in error.said.lower() or not extra:
                    return self._made_wider(scope, error)
                continue
            self.writes_workflows, self.writes_issues = (
                _WORKFLOWS.keys() <= extra.keys(),
                _ISSUES.keys() <= extra.keys(),
            )
            return made
        raise AssertionError("the last has no extras")

    def _extras(self) -> list[dict[str, str]]:
        """Return what is asked for beside the least: all that was not refused, then less and less."""
        workflows = _WORKFLOWS if self.writes_workflows else {}
        issues = _ISSUES if self.writes_issues else {}
        found = [{**workflows, **issues}, dict(workflows), dict(issues), {}]
        return [extra for i, extra in enumerate(found) if extra not in found[:i]]

    def _made_wider(self, scope: frozenset[int], error: Invalid) -> _Live:
        """Return a token for all repositories: one of the batch was taken away from the installation."""
        if "permission" in error.said.lower():
            raise ForgeForbids(
                f"{error}; the App needs Contents (write) and Pull requests (write), accepted by the organisation"
            ) from error
        if len(scope) == 1:
            raise ForgeForbids(f"{error}; the installation of the App does not have this repository") from error
        made = self._made(None, {**_WRITE, **self._extras()[0]})
        return _Live(scope, made.token, made.ends)

    def _made(self, scope: Scope, permissions: Mapping[str, str]) -> _Live:
        body: dict[str, object] = {"permissions": dict(permissions)}
        if scope is not None and len(scope) <= _MOST_REPOSITORIES:
            body["repository_ids"] = sorted(scope)
        made = self._minter.mint(f"/app/installations/{self._where()}/access_tokens", body, self._jwt())
        return _Live(scope, Secret(text(made, "token")), moment(made, "expires_at"))

    def _where(self) -> int:
        if self._installation is None:
            if not self.home:
                raise UsageError("an App needs its installation, or the organisation or user that installed it")
            found = self._minter.get_as(f"{self.home}/installation", self._jwt())
            if dig(found, "suspended_at") is not None:
                raise ForgeForbids(f"{self.home}: the installation of the App is suspended")
            self._installation = number(found, "id")
        return self._installation


def _signer(app: App) -> Callable[[], str]:
    from github.Auth import AppAuth

    made = AppAuth(app.id, app.private_key.reveal())
    try:
        made.create_jwt()
    except Exception:  # noqa: BLE001 (PyJWT and cryptography have many; their text may quote the key)
        raise UsageError("the private key of the App cannot be used; it is a PEM file with an RSA key") from None
    return made.create_jwt
