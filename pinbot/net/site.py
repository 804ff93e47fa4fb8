"""One origin while a run goes on: its connections, and its memory of pauses, failures and retries."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpcore
import httpx

from pinbot.errors import AddressRefused, TimedOut
from pinbot.net.backend import CONNECT_SECONDS, GuardedBackend, Lookup, system_lookup
from pinbot.net.host import Breaker, Budget, Pace, Pause
from pinbot.net.origin import Origin, shorten
from pinbot.net.proxy import ProxyServer
from pinbot.net.response import Response, is_encoded, read_body
from pinbot.net.retry import told_wait, window_left
from pinbot.net.tls import certificate_end
from pinbot.net.transport import CONNECTIONS_PER_HOST, GuardedTransport

_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": None, "write": None, "pool": None}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client takes from the world; tests give stand-ins. `clock` is monotonic seconds."""

    lookup: Lookup = system_lookup
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    sockets: httpcore.AsyncNetworkBackend | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it will be sent; header names as written."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def is_question(self) -> bool:
        """Whether it changes nothing, so that it may be sent again: https://www.rfc-editor.org/rfc/rfc9110#name-safe-methods."""
        return self.method in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Manners:
    """How an origin is asked: so many requests at a time, so many a minute (None: as they come)."""

    concurrency: int = CONNECTIONS_PER_HOST
    requests_per_minute: int | None = None


class Site:
    """One origin, with at most eight connections, asked one attempt at a time per lane.

    `answered` holds the methods to which there has been a whole answer, whatever its status: a host that greets may
    still be silent about all else.
    """

    def __init__(
        self,
        origin: Origin,
        backend: GuardedBackend,
        proxy: ProxyServer | None,
        tls: ssl.SSLContext | None,
        world: Surroundings,
        wait_cap_seconds: float,
        manners: Manners,
        proxy_tls: ssl.SSLContext | None = None,
    ) -> None:
        self.origin = origin
        self.answered: set[str] = set()
        self._first_asked: dict[str, float] = {}
        self._is_proxied = proxy is not None
        self.lanes = asyncio.Semaphore(min(manners.concurrency, CONNECTIONS_PER_HOST))
        self.pace = Pace(world.clock, manners.requests_per_minute)
        self.breaker = Breaker(world.clock)
        self.budget = Budget()
        self.pause = Pause(world.clock, wait_cap_seconds)
        self._world = world
        self._certificate_ends: datetime | None = None
        self._has_certificate: bool | None = None
        self._backend = backend
        self._transport = GuardedTransport(backend, tls, proxy, proxy_tls)

    def patience(self, method: str, seconds: float) -> float:
        """Return how long to wait where nobody has been answered yet: `seconds` from the first request on.

        Whoever asks later gets a fifth at least, so that one question that hangs is not the end of all others.
        """
        now = self._world.clock()
        return max(seconds - (now - self._first_asked.setdefault(method, now)), seconds / 5)

    @property
    def is_inside(self) -> bool:
        """Whether it was reached at an address of this machine or a private network.

        Behind a proxy that is not known, so it is taken for a public one, which cannot lead us inside.
        """
        return not self._is_proxied and self.origin.host in self._backend.inside

    async def attempt(self, outgoing: Outgoing, limit: int, seconds: float, late: str) -> Response:
        """Send one request and read its answer. Raises NetError; after `seconds` it is TimedOut, which says `late`."""
        # Built by hand, so that httpx adds no header and no cookie of its own.
        try:
            request = httpx.Request(
                outgoing.method,
                self.origin.spell(outgoing.url),
                headers=dict(outgoing.headers),
                content=outgoing.body or None,
                extensions={"timeout": _TIMEOUTS},
            )
        except httpx.InvalidURL as error:
            raise AddressRefused(f"{shorten(outgoing.url)}: not a URL that can be asked") from error
        try:
            async with asyncio.timeout(seconds):
                return await self._send(request, limit)
        except TimeoutError:
            raise TimedOut(f"{shorten(outgoing.url)}: {late}") from None

    async def close(self) -> None:
        """Close its connections."""
        await self._transport.aclose()

    async def _send(self, request: httpx.Request, limit: int) -> Response:
        # Not through httpx.AsyncClient: it reads Location and Set-Cookie even where it follows and keeps nothing,
        # and raises for those that it cannot read.
        answer = await self._transport.handle_async_request(request)
        answer.request = request
        try:
            headers = dict(answer.headers.items())
            # What is encoded is not read at all; the client refuses it.
            body = b"" if is_encoded(headers) else await read_body(answer, limit)
        finally:
            await answer.aclose()
        self.answered.add(request.method)
        wait = told_wait(headers, body, self._world.now()) if answer.status_code >= 400 else None
        if wait is None and answer.status_code == 429:
            wait = window_left(headers, body)
        ends = self._certificate_end(answer)
        return Response(self.origin, str(request.url), answer.status_code, headers, body, wait, ends)

    def _certificate_end(self, answer: httpx.Response) -> datetime | None:
        """Return when the certificate ends; it is read once, since all connections of a run are shown the same."""
        if self._has_certificate is None:
            stream = answer.extensions.get("network_stream")
            self._certificate_ends = certificate_end(stream.get_extra_info("ssl_object") if stream else None)
            self._has_certificate = self._certificate_ends is not None
        return self._certificate_ends
