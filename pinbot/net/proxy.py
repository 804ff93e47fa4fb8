"""Proxies, as the settings or the environment name them: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, in either case.

The rules are those of Go's https://pkg.go.dev/golang.org/x/net/http/httpproxy, which container tools follow:
this machine is never asked through a proxy. Through a proxy, names are looked up there, so the address check
is the proxy's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from pinbot.errors import CannotConnect
from pinbot.net.origin import Origin
from pinbot.secret import Secret

# A bare IPv6 address has colons too, but no port.
_WITH_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class ProxyServer:
    """One proxy: where it is, and who we are to it."""

    origin: Origin
    username: str | None = None
    password: Secret | None = None

    @property
    def url(self) -> Secret:
        """It as one URL, user name and password included, for programs that want it so."""
        if self.username is None:
            return Secret(str(self.origin))
        password = quote(self.password.reveal() if self.password else "", safe="")
        return Secret(f"{self.origin.scheme}://{quote(self.username, safe='')}:{password}@{self.origin.authority}")


@dataclass(frozen=True, slots=True)
class Proxies:
    """Which proxy each origin is asked through; `Proxies()` is none at all."""

    http: Secret | None = None
    https: Secret | None = None
    exceptions: tuple[str, ...] = field(default=())

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the proxy variables of an environment; lower case wins, as in curl."""
        every = _value(environ, "all_proxy")
        http, https = _value(environ, "http_proxy") or every, _value(environ, "https_proxy") or every
        return cls(Secret(http) if http else None, Secret(https) if https else None, _exceptions(environ))

    @classmethod
    def through(cls, server: ProxyServer, environ: Mapping[str, str] | None = None) -> Self:
        """Return one proxy for all that is asked, but for the exceptions that NO_PROXY of an environment makes."""
        return cls(server.url, server.url, _exceptions(environ or {}))

    def server_for(self, origin: Origin) -> ProxyServer | None:
        """Return the proxy that `origin` is asked through, None where it is asked directly.

        Raises CannotConnect when the variable names a proxy that cannot be used.
        """
        setting = self.https if origin.scheme == "https" else self.http
        if setting is None or origin.is_loopback or any(_covers(e, origin) for e in self.exceptions):
            return None
        return _read(setting.reveal())


def _value(environ: Mapping[str, str], name: str) -> str | None:
    # A CGI program's HTTP_PROXY is a request header (https://httpoxy.org).
    upper = None if name == "http_proxy" and "REQUEST_METHOD" in environ else environ.get(name.upper())
    return environ.get(name) or upper or None


def _exceptions(environ: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in (_value(environ, "no_proxy") or "").split(",") if part.strip())


def _read(setting: str) -> ProxyServer:
    """Read `[http://][user:password@]host[:port]`."""
    url = setting if "://" in setting else f"http://{setting}"
    try:
        parts = urlsplit(url)
        host, port, user, password = parts.hostname, parts.port, parts.username, parts.password
    except ValueError:
        raise CannotConnect("The proxy in the environment is not a URL; check HTTPS_PROXY and HTTP_PROXY") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise CannotConnect(
            "The proxy in the environment cannot be used; http:// and https:// proxies can. "
            "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
        )
    bracketed = f"[{host}]" if ":" in host else host
    origin = Origin.parse(f"{parts.scheme}://{bracketed}{f':{port}' if port else ''}")
    if user is None:
        return ProxyServer(origin)
    return ProxyServer(origin, unquote(user), Secret(unquote(password or "")))


def _covers(exception: str, origin: Origin) -> bool:
    """Whether an entry of NO_PROXY (`*`, name, `.suffix`, address, network, each maybe with a port) names a host."""
    if exception == "*":
        return True
    if with_port := _WITH_PORT.fullmatch(exception):
        exception, port = with_port.groups()
        if int(port) != origin.port:
            return False
    exception = exception.strip("[]")
    try:
        address = ipaddress.ip_address(origin.host)
    except ValueError:
        suffix = exception.removeprefix("*").removeprefix(".")
        return bool(suffix) and (origin.host.endswith(f".{suffix}") or (origin.host == exception))
    try:
        return address in ipaddress.ip_network(exception, strict=False)
    except ValueError:
        return False
