"""The connection under PyGithub: one host, checked addresses, limited answers, nothing followed, nothing repeated.

PyGithub's own would follow a 301 (a POST too), wait for ever on 202, read any length, and take proxies, certificates
and passwords from wherever requests finds them. Its `Requester` lets the classes of connections be replaced.
"""

from __future__ import annotations

import logging
from collections.abc import ItemsView, Mapping

from github.Requester import HTTPRequestsConnectionClass, Requester, RequestsResponse

from pinbot import __version__
from pinbot.errors import BrokenAnswer
from pinbot.forge._base import World
from pinbot.forge._line import Line, Wire, open_line

_API_VERSION = "2022-11-28"
LED_TO = "pinbot-location"  # the Location header, under a name that PyGithub does not act upon


def open_requester(base_url: str, wire: Wire, world: World) -> Requester:
    """Return a requester for that API: no retries, no pauses, no credentials of its own.

    Its requests raise NetError: `CannotConnect`, `CannotResolveName`, `AddressRefused` and `TlsFailed` where nothing
    was sent. Raises AddressRefused for plain http to another machine, and for addresses of metadata services.
    """
    shared = open_line(base_url, wire, world)

    class Connection(_Connection):
        """One request and its answer, over connections that all of this requester share."""

        line = shared

    class Guarded(Requester):
        """A requester with connections of its own kind; the classes are kept in this class, not in PyGithub's."""

        def close(self) -> None:
            """Close all connections."""
            shared.close()

    # PyGithub's log would hold the header that we pass; nobody listens to this one.
    Guarded.injectLogger(logging.Logger("pinbot", logging.CRITICAL + 1))
    Guarded.injectConnectionClasses(Connection, Connection)  # type: ignore[arg-type]  # one class speaks both
    return Guarded(
        auth=None,
        base_url=base_url.rstrip("/"),
        timeout=wire.timeout_seconds,
        user_agent=f"pinbot/{__version__}",
        per_page=100,
        verify=True,
        retry=None,
        pool_size=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
        api_version=_API_VERSION,
    )


class _Connection(HTTPRequestsConnectionClass):
    """What PyGithub asks of a connection."""

    line: Line

    def __init__(self, host: str, port: int | None = None, *_: object, **__: object) -> None:
        self.host, self.port = host, port  # type: ignore[assignment]  # None is the usual port, as the caller has it

    def getresponse(self) -> RequestsResponse:
        """Send the request, and return the whole answer. Raises NetError."""
        status, headers, answer = self.line.ask(self.verb, self.url, self.headers, _bytes(self.input))
        if status == 202 and self.verb == "GET":
            raise BrokenAnswer(f"{self.line.origin}: the answer is still being made")
        return _Answer(status, headers, answer)

    def close(self) -> None:
        """The connections are shared, and stay."""


class _Answer(RequestsResponse):
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self._headers = {LED_TO if k.lower() == "location" else k.lower(): v for k, v in headers.items()}
        # PyGithub reads these as numbers, whatever they hold.
        for name in ("x-ratelimit-remaining", "x-ratelimit-limit", "x-ratelimit-reset"):
            if not _is_number(self._headers.get(name, "0")):
                del self._headers[name]
        self._body = body

    def getheaders(self) -> ItemsView[str, str]:
        """Return the headers, their names in lower case."""
        return self._headers.items()

    def read(self) -> str:
        """Return the body."""
        return self._body.decode("utf-8", "replace")


def _bytes(body: str | None) -> bytes | None:
    return body.encode() if body is not None else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
