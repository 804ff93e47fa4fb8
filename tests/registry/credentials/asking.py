"""Asks one source of credentials, or all of them, as a run would."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pinbot.net.origin import Origin
from pinbot.registry.credentials._base import Ambient, Chosen, IdentityToken, Login, RegistryToken, Wanted, Who
from pinbot.registry.credentials._helper import Helpers
from pinbot.registry.credentials._source import Post, Source, Sources
from pinbot.registry.options import RegistryOptions, endpoint_of


def wanted(registry: str, path: str = "a/b", endpoint: str | None = None) -> Wanted:
    """Return the question for credentials; with an `endpoint`, that is who is really asked."""
    origin = Origin.parse(endpoint) if endpoint else endpoint_of(registry, RegistryOptions())
    return Wanted(registry, origin.authority if endpoint else registry, path, origin)


@dataclass
class Asked:
    """A source that can be asked, with the warnings it gave so far."""

    source: Source
    ambient: Ambient = field(default_factory=Ambient)
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    settings: Mapping[str, Who] = field(default_factory=dict)
    post: Post | None = None
    clock: Callable[[], float] = lambda: 0.0
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        helpers = Helpers(self.ambient, self.warnings.append)
        more = {"post": self.post} if self.post else {}
        sources = Sources(self.settings, self.chosen, self.ambient, helpers, clock=self.clock, **more)
        self._lookup = self.source.open(sources, self.warnings.append)

    def who(self, *questions: Wanted) -> Who | None:
        """Return the answer to the last of these questions; all are asked in one run."""

        async def ask() -> Who | None:
            return [await self._lookup(question) for question in questions][-1]

        return asyncio.run(ask())

    def secret(self, registry: str, path: str = "a/b") -> str | None:
        """Return the secret of the answer for a registry, None where there is none."""
        return secret_of(self.who(wanted(registry, path)))


def secret_of(who: Who | None) -> str | None:
    """Return the secret of an answer."""
    match who:
        case Login(password=secret) | IdentityToken(token=secret) | RegistryToken(token=secret):
            return secret.reveal()
        case _:
            return None


def entry(secret: str, user: str = "user") -> dict[str, str]:
    """Return an entry of `auths`."""
    return {"auth": base64.b64encode(f"{user}:{secret}".encode()).decode()}


def config(folder: Path, auths: object = None, **more: object) -> Path:
    """Write a `config.json` and return its path."""
    path = folder / "config.json"
    path.write_text(json.dumps({**({} if auths is None else {"auths": auths}), **more}))
    return path
