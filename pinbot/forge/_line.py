"""One host over checked connections: limited answers, nothing followed, nothing repeated, no credentials of its own.

What libraries for forges (PyGithub, python-gitlab) are given in place of their own connections, which would follow
redirects, read any length, and take proxies, certificates and passwords from wherever requests finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import urllib3
from urllib3 import exceptions as broken
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from pinbot.errors import (
    AddressRefused,
    AnswerTooLarge,
    BrokenAnswer,
    CannotConnect,
    CannotResolveName,
    TimedOut,
    TlsFailed,
)
from pinbot.forge._base import World
from pinbot.net.address import ONE_SHOT, AddressPolicy
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies
from pinbot.net.tls import tls_context

# What 100 repositories with many pull requests take; no honest answer is longer.
_MOST_BYTES = 32 * 1024 * 1024
_CONNECT_SECONDS = 10.0
# Forges end a request after 10 to 30 s; an answer that trickles is not waited for.
_WHOLE_SECONDS = 60.0
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wire:
    """How the host is reached: certificates beside the system's, proxies, which addresses, seconds for an answer.

    `plain_http` lets another machine be asked without TLS, where the settings of the operator say so.
    """

    ca_file: str | None = None
    proxies: Proxies = field(default_factory=Proxies)
    addresses: AddressPolicy = ONE_SHOT
    timeout_seconds: int = 15
    plain_http: bool = False


def open_line(base_url: str, wire: Wire, world: World) -> Line:
    """Return the line to the host of that API.

    Raises AddressRefused for plain http to another machine, and for addresses of metadata services.
    """
    origin = Origin.parse(base_url)
    if origin.scheme == "http" and not (origin.is_loopback or wire.plain_http):
        raise AddressRefused(
            f"{origin}: a forge is asked over https; plain http is for this machine, or needs `allow-http: true`"
        )
    if refusal := wire.addresses.refusal_of_name(origin.host):
        raise AddressRefused(f"{origin}: {refusal}")
    return Line(origin, _pool(origin, wire), wire.timeout_seconds, world)


@dataclass(frozen=True, slots=True)
class Line:
    """The connections to one host, for as many requests as there are."""

    origin: Origin
    pool: urllib3.PoolManager
    timeout_seconds: float
    world: World

    def ask(self, verb: str, target: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, Any, bytes]:
        """Return the status, the headers and the whole body of what answers a request for `target` (path and query).

        Raises NetError: `CannotConnect`, `CannotResolveName`, `AddressRefused` and `TlsFailed` where nothing was sent.
        """
        until = self.world.clock() + _WHOLE_SECONDS
        try:
            answer = self.pool.urlopen(
                verb,
                f"{self.origin}{target}",
                headers={**headers, "Accept-Encoding": "identity"},
                body=body,
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=self.timeout_seconds),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return answer.status, answer.headers, self._read(answer, until)
            except BaseException:
                answer.close()
                raise
            finally:
                answer.release_conn()
        except broken.HTTPError as error:
            _explain(self.origin, error)

    def close(self) -> None:
        """Close all connections."""
        self.pool.clear()

    def _read(self, answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
        if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise BrokenAnswer(f"{self.origin}: the answer is encoded though it was asked for as it is")
        body = bytearray()
        try:
            for piece in answer.stream(_PIECE, decode_content=False):
                body += piece
                if len(body) > _MOST_BYTES:
                    raise AnswerTooLarge(f"{self.origin}: the answer is longer than {_MOST_BYTES:,} bytes, the limit")
                if self.world.clock() > until:
                    raise TimedOut(f"{self.origin}: no complete answer within {_WHOLE_SECONDS:g} s")
        except broken.SSLError:
            # Not the handshake any more: the request was sent.
            raise BrokenAnswer(f"{self.origin}: TLS broke in the middle of the answer") from None
        return bytes(body)


def _pool(origin: Origin, wire: Wire) -> urllib3.PoolManager:
    tls = tls_context(wire.ca_file)
    server = wire.proxies.server_for(origin)
    if server is None:
        pool = urllib3.PoolManager(ssl_context=tls, maxsize=4)
        pool.pool_classes_by_scheme = _checked_pools(origin.host, wire.addresses)
        return pool
    # The operator chose the proxy; where the request ends is then its policy.
    password = server.password.reveal() if server.password else ""
    login = f"{server.username}:{password}" if server.username is not None else None
    headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
    return urllib3.ProxyManager(
        str(server.origin), ssl_context=tls, proxy_ssl_context=tls_context(wire.ca_file), proxy_headers=headers
    )


def _checked_pools(host: str, policy: AddressPolicy) -> dict[str, Any]:
    """Return the pools whose connections look at whom they reached, before they send a request."""

    def check(connection: HTTPConnection) -> None:
        address = connection.sock.getpeername()[0] if connection.sock else ""
        if refusal := policy.refusal(host, address):
            connection.close()
            raise AddressRefused(f"{host}: {refusal}")

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            check(self)

    class Tls(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            check(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _explain(origin: Origin, error: broken.HTTPError) -> NoReturn:
    """Raise what happened in our own words; those of urllib3 may quote the URL and the headers."""
    match error:
        case broken.NameResolutionError():
            raise CannotResolveName(f"{origin}: the name has no address") from None
        case broken.ConnectTimeoutError():
            raise CannotConnect(f"{origin}: no connection within {_CONNECT_SECONDS:g} s") from None
        case broken.NewConnectionError() | broken.ProxyError():
            raise CannotConnect(f"{origin}: nobody listens there, or the proxy does not let us through") from None
        case broken.SSLError():
            raise TlsFailed(f"{origin}: the certificate is not good, or the handshake failed") from None
        case broken.TimeoutError():
            raise TimedOut(f"{origin}: no answer in time") from None
        case _:
            raise BrokenAnswer(f"{origin}: the connection ended before the answer did") from None
