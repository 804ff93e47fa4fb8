"""What a source of logins is, and the chain of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pinbot.secret import Secret


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password for a registry."""

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The decision to ask without a login; unlike None it ends the search."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the sources may read: logins by registry from the settings, and Docker's `config.json` (None: not read)."""

    settings: Mapping[str, Login] = field(default_factory=dict)
    docker_config: Path | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a login is wanted for: a repository, the registry's name, and the host that is really asked for it.

    The two names differ where the settings give an endpoint: what was saved for Docker Hub is not for a mirror
    that stands in its place (CVE-2026-33540 is of this kind). `host` is as logins are saved: `docker.io`, `r:5000`.
    """

    registry: str
    host: str
    path: str


# Returns the login for a registry's repository, None where the source knows nothing of it.
Lookup = Callable[[Wanted], Login | Anonymous | None]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of source: `rank` decides who is asked first, `open` reads what it needs and may warn the user."""

    name: str
    rank: int
    open: Callable[[Sources, Callable[[str], None]], Lookup]


def first_answer(lookups: Sequence[Lookup], wanted: Wanted) -> Login | Anonymous:
    """Return the first answer of the sources; nobody knowing anything means anonymous."""
    for lookup in lookups:
        if (answer := lookup(wanted)) is not None:
            return answer
    return Anonymous()
