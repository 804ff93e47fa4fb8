"""A loopback HTTP server that remembers every request, and can answer in ways that no honest server does.

Standard library only. A `Fault` takes a request and the honest reply to it, and returns what is really sent.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

# A request head that does not come within this time ends the connection, so that no thread outlives a test for long.
_IDLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's values by name."""
        return parse_qs(urlsplit(self.target).query)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send: `body` is bytes or chunks, `length` the Content-Length to claim (None: none is sent).

    `pause_seconds` is waited before each chunk; `reset` ends the connection with RST after the chunks.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterable[bytes] = b""
    length: int | None = None
    pause_seconds: float = 0.0
    head_pause_seconds: float = 0.0
    reset: bool = False

    def header(self, name: str) -> str | None:
        """Return the value of a header, None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_header(self, name: str, value: str | None) -> Self:
        """Return this reply with that header instead of any of that name; None takes it away."""
        kept = tuple((k, v) for k, v in self.headers if k.lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)) if value is not None else kept)


Fault = Callable[[Seen, Reply], Reply]
Honest = Callable[[Seen], Reply]


@dataclass(frozen=True, slots=True)
class Watched:
    """Something that is sent requests: what came since it was last looked at, which secrets are its own, which it may
    see beside them, and whether it is over.
    """

    name: Callable[[], str]
    fresh: Callable[[], list[Seen]]
    owned: Callable[[], Iterable[str]]
    may_see: Callable[[], set[str]]
    is_over: Callable[[], bool]


# Everything that is sent requests by the present test; what outlives a test stays until it is over.
watched: list[Watched] = []


def watch(one: Watched) -> None:
    """Let what a server is sent be searched for the secrets of others, after each test and at the end of the run."""
    watched.append(one)


class Server:
    """Serves `honest` on a loopback port, bent by `faults`; keeps `log`, oldest request first.

    `may_see` holds the secrets that may be shown to it, and `owned` tells those that are its own; after each test
    what it was sent is searched for others (canary.py), also what a test has taken out of `log`.
    """

    def __init__(
        self, honest: Honest | None = None, *, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1"
    ) -> None:
        self.faults: list[Fault] = []
        self.may_see: set[str] = set()
        self.owned: Callable[[], Iterable[str]] = tuple
        self.log: list[Seen] = []
        self._unchecked: list[Seen] = []
        self._is_open = True
        watch(Watched(lambda: self.url, self.fresh, self._owned, lambda: self.may_see, lambda: not self._is_open))
        self.connections = 0
        self._honest = honest or (lambda _seen: Reply(404))
        self._tls = tls
        self._name = name
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._http.owner = self
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    @property
    def host(self) -> str:
        """`name:port`, as a registry is written in a reference."""
        return f"{self._name}:{self.port}"

    @property
    def url(self) -> str:
        """Its origin, such as `http://127.0.0.1:34567`."""
        return f"{'https' if self._tls else 'http'}://{self.host}"

    def requests(self, method: str | None = None, containing: str = "") -> list[Seen]:
        """Return the requests so far of that method whose target contains that text."""
        return [s for s in self.log if method in {None, s.method} and containing in s.target]

    def record(self, seen: Seen) -> None:
        """Put a request into the log, and among those that are still to be searched."""
        self.log.append(seen)
        self._unchecked.append(seen)

    def fresh(self) -> list[Seen]:
        """Return the requests since the last call."""
        fresh, self._unchecked = self._unchecked, []
        return fresh

    def _owned(self) -> Iterable[str]:
        return self.owned()

    def reply(self, seen: Seen) -> Reply:
        """Return what is sent for a request: the honest reply, bent by each fault in turn."""
        reply = self._honest(seen)
        for fault in list(self.faults):
            reply = fault(seen, reply)
        return reply

    def accept(self, connection: socket.socket) -> socket.socket:
        """Wrap a new connection, in TLS where this server has a certificate."""
        self.connections += 1
        if not self._tls:
            return connection
        connection.settimeout(_IDLE_SECONDS)
        wrapped = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        try:
            wrapped.do_handshake()
        except OSError:
            with suppress(OSError), socket.socket(fileno=wrapped.detach()) as bare:
                # What is not read when a socket closes becomes a reset, which would overtake the alert that says why.
                bare.settimeout(1)
                bare.shutdown(socket.SHUT_WR)
                while bare.recv(4096):
                    pass
            raise
        return wrapped

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._is_open = False


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    owner: Server

    def server_bind(self) -> None:
        # HTTPServer.server_bind looks its own name up in DNS; there is no need for that.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        # In the connection's own thread, since a handshake may stall.
        connection = self.owner.accept(request)
        try:
            super().finish_request(connection, client_address)
        finally:
            connection.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up or refuses the certificate is no news."""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _IDLE_SECONDS
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            seen = Seen(self.command, self.path, headers, self.rfile.read(int(headers.get("content-length", "0"))))
            server.record(seen)
            reply = server.reply(seen)
            time.sleep(reply.head_pause_seconds)
            try:
                self._send(reply)
            except OSError:
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            head = _head(reply)
            chunks = _chunks(reply.body if self.command != "HEAD" else b"")
            if reply.pause_seconds == 0 and isinstance(reply.body, bytes):
                self.wfile.write(head + b"".join(chunks))
            else:
                self.wfile.write(head)
                for chunk in chunks:
                    time.sleep(reply.pause_seconds)
                    self.wfile.write(chunk)
            sent_all = isinstance(reply.body, bytes) and reply.length in {None, len(reply.body)}
            self.close_connection = not sent_all and self.command != "HEAD"
            if reply.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                self.close_connection = True

        do_GET = do_HEAD = do_CONNECT = _answer  # noqa: N815 (http.server looks for these names)
        do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 (likewise)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
            """Say nothing: the log is `Server.log`."""

    return Handler


def _head(reply: Reply) -> bytes:
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Odd"
    headers = list(reply.headers)
    names = {name.lower() for name, _ in headers}
    length = reply.length if reply.length is not None else len(reply.body) if isinstance(reply.body, bytes) else None
    if "content-length" not in names and "transfer-encoding" not in names:
        headers.append(("Content-Length", str(length)) if length is not None else ("Connection", "close"))
    lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _chunks(body: bytes | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
    else:
        yield from body
