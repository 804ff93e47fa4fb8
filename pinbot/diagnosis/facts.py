"""Facts about registries, forges, the ledger and the settings, as those who ask bring them: no judgement, no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

# How a registry lets people in: nothing is asked for, a user name and password, a token, or what nobody can answer.
Challenge = Literal["open", "basic", "bearer", "unknown"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A question without an answer: the word for it (`dns`, `refused`, `tls`, `timeout`, …), and the sentence."""

    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contact:
    """That a server answered: `origin` is who did in the end, `status` what it said.

    `skew` is how far its clock is ahead of ours (None: it does not say), `certificate_ends` the end of its
    certificate (None: no TLS, or the system does not say).
    """

    origin: str
    status: int
    seconds: float
    skew: timedelta | None = None
    certificate_ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a server says of its limit: `limit` and `remaining` are requests; when it is counted anew, where told."""

    limit: int | None
    remaining: int
    window: timedelta | None = None
    resets: datetime | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to a registry: the source that answered, and its user name. None for a source: a stranger."""

    source: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of asking for something: `what` names it, `status` is the answer's, `reason` why it is no success.

    `is_own` is whether it stands in the files that were scanned; else it is there for everyone. `as_stranger` is
    whether it was only given without the login that there is.
    """

    what: str
    status: int | None
    reason: str | None = None
    is_own: bool = True
    as_stranger: bool = False
    is_login_bad: bool = False


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """One registry. `origins` are the servers asked for it, by what each is for; `references` are how many use it.

    `misconfigured` is why the settings for it cannot be used as they are.
    """

    name: str
    origins: Mapping[str, str] = field(default_factory=dict)
    references: int = 0
    is_in_settings: bool = False
    proxy: str | None = None
    plain_http: bool = False
    misconfigured: str | None = None
    contact: Contact | Failure | None = None
    looks_like_registry: bool = False
    challenge: Challenge | None = None
    login: Login = Login()
    trial: Trial | None = None
    budget: Budget | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """As whom a forge knows us: `kind` is that of the credential; `permissions` as the forge words them, if it does."""

    name: str
    kind: str
    permissions: tuple[str, ...] | None = None
    lacking: tuple[str, ...] = ()
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForgeFacts:
    """One forge, or one remote without any. `account` None: there is none to be known by.

    `repository` is the first that the settings select, `git` what came of asking it by git: its default branch, or
    why not; None where nothing was asked.
    """

    name: str
    kind: str
    origin: str | None = None
    proxy: str | None = None
    misconfigured: str | None = None
    contact: Contact | Failure | None = None
    account: Account | Failure | None = None
    budget: Budget | None = None
    repository: str | Failure | None = None
    git: str | Failure | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The ledger: where it is (None: there is none), whether it is there already, and what came of trying it.

    `sightings` is how many stretches of tags it has seen. `unreadable` and `unwritable` are why not; whether it can be
    written was not tried unless `is_written` says so.
    """

    where: str | None
    exists: bool = False
    sightings: int | None = None
    unreadable: str | None = None
    unwritable: str | None = None
    is_written: bool = True


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """What a run goes by: the settings file (None: the defaults), that of the repository, and Docker's.

    `proxies` are those through which hosts are asked, without their logins, and `useless` says what is wrong with
    others. `unreadable` are files that the settings name and that cannot be read, each with the reason.
    """

    file: str | None
    repository_file: str | None = None
    docker_config: str | None = None
    proxies: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    useless: tuple[str, ...] = ()
