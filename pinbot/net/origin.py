"""An origin: scheme, host and port, as in https://www.rfc-editor.org/rfc/rfc6454#section-4, read strictly.

Credentials, connections and limits belong to an origin, and origins compare exactly: no suffixes, no
wildcards, no second spelling. What cannot be read without a doubt is refused.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from pinbot.errors import AddressRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAME_LIMIT = 253
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Printable ASCII without the characters that some parser somewhere reads as another one.
_PLAIN = re.compile(r"[!-~]+")
_AMBIGUOUS = re.compile(r'[\\<>"`]')
# urlsplit passes over what stands between a bracket and the port.
_AUTHORITY = re.compile(r"(?:\[[^\[\]]*:[^\[\]]*\]|[^:\[\]]+)(?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a request goes to; `str()` gives `https://ghcr.io`, with the port where it is not the usual one."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read the origin of an absolute http or https URL.

        Raises AddressRefused for another scheme, a user name in it, a host that is not plain ASCII (or is
        IDNA-encoded), a bad port, white space and control characters.
        """
        shown = shorten(url)
        if not is_plain(url):
            raise AddressRefused(f"{shown}: not a plain URL; white space, control or non-ASCII characters are in it")
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
        except ValueError as error:
            raise AddressRefused(f"{shown}: not a URL: {error}") from error
        if parts.scheme not in _DEFAULT_PORTS:
            raise AddressRefused(f"{shown}: only http and https can be asked")
        if "@" in parts.netloc:
            raise AddressRefused(f"{shown}: a URL with a user name or password in it is never asked")
        if not host or port == 0 or not _AUTHORITY.fullmatch(parts.netloc):
            raise AddressRefused(f"{shown}: the host or the port is missing, or is none")
        return cls(parts.scheme, read_host(host), port or _DEFAULT_PORTS[parts.scheme])

    @property
    def is_loopback(self) -> bool:
        """Whether the host is written as this machine: `localhost`, `127.…` or `[::1]`."""
        return is_loopback(self.host)

    @property
    def authority(self) -> str:
        """`host` or `host:port`, the port where it is not the usual one, as in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def spell(self, url: str) -> str:
        """Return a URL of this origin with the origin in its one spelling: what was judged is what is asked."""
        parts = urlsplit(url)
        return f"{self}{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def read_host(host: str) -> str:
    """Return a host in its one spelling: lower case, no trailing dot, IPv6 compressed and without brackets.

    Raises AddressRefused for what is no host name or address.
    """
    folded = host.lower().removeprefix("[").removesuffix("]")
    if ":" in folded:
        if "%" in folded:
            raise AddressRefused(f"{host[:80]!r}: an address with a zone is not asked")
        try:
            return ipaddress.IPv6Address(folded).compressed
        except ValueError as error:
            raise AddressRefused(f"{host[:80]!r}: not an IPv6 address") from error
    name = folded.removesuffix(".")
    if not _NAME.fullmatch(name) or len(name) > _NAME_LIMIT:
        raise AddressRefused(f"{host[:80]!r}: not a host name; ASCII letters, digits, '-' and '.' make one")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and not _is_ipv4(name):
        # 0177.0.0.1, 127.1 and 2130706433 are addresses to some, names to others, and never written in earnest.
        raise AddressRefused(f"{host[:80]!r}: an IPv4 address is four decimal numbers")
    if any(label.startswith("xn--") for label in name.split(".")):
        # A look-alike of a known registry is what such a name is for; no registry in use has one.
        raise AddressRefused(f"{host[:80]!r}: internationalised host names are not asked")
    return name


def is_plain(url: str) -> bool:
    """Return whether every parser reads the characters of a URL, absolute or relative, in the same way."""
    return _PLAIN.fullmatch(url) is not None and _AMBIGUOUS.search(url) is None


def _is_ipv4(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether a host, as `read_host` gives it, is written as this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shorten(url: str) -> str:
    """Return a URL for messages: without query, fragment and user name, which may hold secrets, and short."""
    plain = re.sub(r"[^!-~]", "?", url.split("?", 1)[0].split("#", 1)[0])
    scheme, separator, rest = plain.partition("://")
    authority, slash, path = rest.partition("/")
    shown = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}" if separator else plain
    return shown if len(shown) <= 120 else f"{shown[:119]}…"
