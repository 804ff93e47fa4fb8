"""A forward proxy with a password: tunnels by CONNECT, counts them, and knows names that nobody else does.

https://www.rfc-editor.org/rfc/rfc9110#name-connect. Plain http is not passed on: registries are asked by https.
"""

from __future__ import annotations

import base64
import select
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.fakes.server import Seen, Watched, watch

_IDLE_SECONDS = 20.0
_MOST_HEAD = 65536


@dataclass(frozen=True)
class Tunnel:
    """One request for a tunnel: `host:port`, what was said of us, and the answer."""

    target: str
    authorization: str
    status: int


@dataclass
class ForwardProxy:
    """Listens on a loopback port; `names` says at which loopback port a name and its port are really."""

    user: str
    password: str
    names: Mapping[str, int] = field(default_factory=dict)
    log: list[Tunnel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fresh: list[Seen] = []
        self._is_over = False
        watch(Watched(lambda: self.url, self._taken, lambda: (self.password,), set, lambda: self._is_over))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        """Its URL, without a login."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake up `accept`.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self._is_over = True

    def _taken(self) -> list[Seen]:
        fresh, self._fresh = self._fresh, []
        return fresh

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(_IDLE_SECONDS)
            head = _head(connection)
            method, target = head[0].split(" ")[:2]
            pairs = [line.partition(":") for line in head[1:] if line]
            self._fresh.append(Seen(method, target, {name.strip().lower(): value.strip() for name, _, value in pairs}))
            values = [value.strip() for name, _, value in pairs if name.lower() == _HEADER]
            said = values[0] if values else ""
            known = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            status = 407 if said != f"Basic {known}" else 200 if method == "CONNECT" and target in self.names else 502
            self.log.append(Tunnel(target, said, status))
            connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
            if status == 200:
                with socket.create_connection(("127.0.0.1", self.names[target])) as there:
                    _join(connection, there)


_HEADER = "proxy-authorization"


def _head(connection: socket.socket) -> list[str]:
    """Return the lines of a request's head."""
    read = b""
    while b"\r\n\r\n" not in read and len(read) < _MOST_HEAD:
        part = connection.recv(4096)
        if not part:
            break
        read += part
    return (read or b"NONE none").decode("latin-1").split("\r\n")


def _join(one: socket.socket, other: socket.socket) -> None:
    """Pass on what either side sends, until one of them ends."""
    while True:
        ready, _, _ = select.select([one, other], [], [], _IDLE_SECONDS)
        for source in ready:
            part = source.recv(65536)
            if not part:
                return
            (other if source is one else one).sendall(part)
        if not ready:
            return
