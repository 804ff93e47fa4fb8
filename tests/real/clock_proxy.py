"""A registry at another time: stands before the real one, passes everything on, and gives the date of a test's clock.

pinbot goes by the earlier of its own clock and the registry's `Date`, so a test that moves only its own clock would
wait for ever. What is counted here is what a registry sees: every request, by its kind.
"""

from __future__ import annotations

import http.client
import re
import ssl
import threading
from collections import Counter
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Literal

from tests.fakes.server import Reply, Seen, Server

Kind = Literal["head", "alive", "content", "by tag", "tags", "blob", "greeting", "other"]
# What a proxy says anew on each of its connections (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1).
_HOPS = {"connection", "date", "keep-alive", "transfer-encoding"}

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("alive", r"HEAD /v2/.+/manifests/sha256:[0-9a-f]+"),
    ("head", r"HEAD /v2/.+/manifests/[^/]+"),
    ("content", r"GET /v2/.+/manifests/sha256:[0-9a-f]+"),
    ("by tag", r"GET /v2/.+/manifests/[^/]+"),
    ("tags", r"GET /v2/.+/tags/list.*"),
    ("blob", r"GET /v2/.+/blobs/.+"),
    ("greeting", r"GET /v2/"),
)


class ClockProxy(Server):
    """Passes requests on to the registry at `behind` (`127.0.0.1:port`); `now` is the time that it tells, in UTC."""

    def __init__(
        self, behind: str, now: datetime, *, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1"
    ) -> None:
        super().__init__(self._passed_on, tls=tls, name=name)
        self.now = now
        self._behind = behind
        self._own = threading.local()
        self._connections: list[http.client.HTTPConnection] = []

    def pass_by(self, **span: float) -> None:
        """Let time go by: `days=1`."""
        self.now += timedelta(**span)

    def counted(self) -> dict[Kind, int]:
        """Return how many requests there were since the last call, by kind."""
        counts = Counter(kind(seen) for seen in self.log)
        self.log.clear()
        return dict(counts)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        for connection in self._connections:
            connection.close()

    def _passed_on(self, seen: Seen) -> Reply:
        connection = self._connection()
        connection.request(seen.method, seen.target, headers={k: v for k, v in seen.headers.items() if k != "host"})
        answer = connection.getresponse()
        body = answer.read()
        headers = [(k, v) for k, v in answer.getheaders() if k.lower() not in _HOPS]
        headers.append(("Date", format_datetime(self.now, usegmt=True)))
        return Reply(answer.status, tuple(headers), body)

    def _connection(self) -> http.client.HTTPConnection:
        """Return the connection of this thread, which serves one connection of pinbot."""
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection(self._behind)
            self._connections.append(self._own.connection)
        connection: http.client.HTTPConnection = self._own.connection
        return connection


def kind(seen: Seen) -> Kind:
    """Say what a request asks for."""
    line = f"{seen.method} {seen.target}"
    return next((kind for kind, pattern in _KINDS if re.fullmatch(pattern, line)), "other")
