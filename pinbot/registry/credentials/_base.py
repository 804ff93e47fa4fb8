"""What a source of credentials is asked, what it may answer, and what of this machine it may look at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pinbot.net.origin import Origin
from pinbot.secret import Secret


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password for a registry.

    `source` says who gave it, such as "the settings"; two of one content are one, whoever gave them. `realms` are hosts
    that the source itself names as token servers for it.
    """

    username: str
    password: Secret
    source: str = field(default="", compare=False)
    realms: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A refresh token, which a token server changes for an access token (OAuth2).

    `username` goes with it to a token server that knows GET alone.
    https://distribution.github.io/distribution/spec/auth/oauth/
    """

    token: Secret
    source: str = field(default="", compare=False)
    username: str = field(default="<token>", compare=False)


@dataclass(frozen=True, slots=True)
class RegistryToken:
    """A bearer token that the registry takes as it is; no token server sees it."""

    token: Secret
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The decision to ask without credentials; unlike None it ends the search."""


Known = Login | IdentityToken | RegistryToken
Who = Known | Anonymous


def described(who: Who) -> str:
    """Return what credentials are in use and who gave them, in words for a person."""
    match who:
        case Login(username=username, password=password):
            # Some registries give a token that is user name and password at once.
            return f"the login{'' if username == password.reveal() else f' of {username!r}'}{_from(who)}"
        case IdentityToken():
            return f"the identity token{_from(who)}"
        case RegistryToken():
            return f"the token{_from(who)}"
        case Anonymous():
            return "no credentials"


def _from(known: Known) -> str:
    return f" from {known.source}" if known.source else ""


def login(username: str, password: str, source: str) -> Login | None:
    """Return a login of two texts that a file or a program gave; None where they cannot be one (RFC 7617)."""
    if not username or not password or ":" in username or not is_plain(username + password):
        return None
    return Login(username, Secret(password), source)


def is_plain(text: str) -> bool:
    """Whether a text is free of control characters, which no user name, password or token has."""
    return not any(ord(character) < 0x20 or ord(character) == 0x7F for character in text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What credentials are wanted for: a repository, the registry's name, and who is really asked for it.

    The two names differ where the settings give an endpoint: what was saved for Docker Hub is not for a mirror
    that stands in its place (CVE-2026-33540 is of this kind). `host` is as logins are saved: `docker.io`, `r:5000`;
    `origin` is where requests go.
    """

    registry: str
    host: str
    path: str
    origin: Origin

    @property
    def is_elsewhere(self) -> bool:
        """Whether another machine stands in the registry's place, which is not shown what a cloud gives for it."""
        return self.host != self.registry and not self.origin.is_loopback


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the settings ask for a registry's credentials: aws, azure, github, google, helper or none; with its keys."""

    kind: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ambient:
    """What of this machine the sources may look at; by default nothing.

    `docker_config` is Docker's `config.json`, `containers_auth` the files of Podman and its kin, in their
    order. `helpers` are the names of the credential helpers that may run, None for all. `foreign` are folders whose
    files others wrote, such as the repository that is scanned: nothing is read or run from there. `unattended` says
    that nobody watches, and that nothing is to be had from another program that somebody logged in to.
    `helper_seconds` is how long a helper may take.
    """

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    docker_config: Path | None = None
    containers_auth: tuple[Path, ...] = ()
    helpers: tuple[str, ...] | None = ()
    foreign: tuple[Path, ...] = ()
    unattended: bool = False
    helper_seconds: float = 10.0

    def is_foreign(self, path: Path) -> bool:
        """Whether a path leads into a foreign folder, as it is written or where links lead."""
        folders = {way for folder in self.foreign for way in _ways(folder)}
        return any(way.is_relative_to(folder) for way in _ways(path) for folder in folders)


def _ways(path: Path) -> tuple[Path, Path]:
    return Path(os.path.normpath(path)), Path(os.path.realpath(path))
