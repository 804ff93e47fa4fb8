"""Stand-ins for what a client takes from the world: names, sockets, time and chance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpcore

from pinbot.net.backend import system_lookup
from pinbot.net.client import Client
from pinbot.net.response import Response
from pinbot.net.site import Surroundings

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Time:
    """A clock that moves only when somebody sleeps; `slept` lists the pauses."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Return monotonic seconds."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


class Names:
    """A resolver with answers of its own; names that it does not know are the system's. Counts the lookups."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(rounds) for name, rounds in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the next answer for a host; the last one repeats."""
        self.asked.append(host)
        if host not in self._answers:
            return await system_lookup(host, port)
        rounds = self._answers[host]
        return rounds.pop(0) if len(rounds) > 1 else rounds[0]


class Sockets(httpcore.AnyIOBackend):
    """Connects every address to this machine, and remembers which were asked for; `dead` ones never answer."""

    def __init__(self, dead: Sequence[str] = (), refused: Sequence[str] = ()) -> None:
        self._dead = dead
        self._refused = refused
        self.connected: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to 127.0.0.1 whatever the address."""
        self.connected.append(host)
        if host in self._dead:
            await asyncio.sleep(timeout or 60)
            raise httpcore.ConnectTimeout
        if host in self._refused:
            raise ConnectionRefusedError(111, "Connection refused")
        return await super().connect_tcp("127.0.0.1", port, timeout, local_address, socket_options)


def patient(time: Time | None = None, random: float = 1.0) -> Surroundings:
    """Return surroundings in which pauses cost nothing."""
    time = time or Time()
    return Surroundings(clock=time.clock, now=lambda: NOW, sleep=time.sleep, random=lambda: random)


def get(url: str, client: Client | None = None, limit: int = 1_000_000, **options: Any) -> Response:
    """Ask once with a client that is closed afterwards."""

    async def ask() -> Response:
        async with client or Client(world=patient()) as asked:
            return await asked.request(options.pop("method", "GET"), url, limit=limit, **options)

    return asyncio.run(ask())
