"""What a registry asks for: WWW-Authenticate, parsed by hand, since its author may be hostile.

https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 and
https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_TOKEN68_END = frozenset("/=") | _TOKEN
_HEADER_LIMIT = 8192


@dataclass(frozen=True, slots=True)
class Open:
    """The registry asks for nothing."""


@dataclass(frozen=True, slots=True)
class Basic:
    """User name and password with every request."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token, to be had from `realm` for `service`."""

    realm: str
    service: str | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A challenge that cannot be answered; `header` is what it said."""

    header: str


Challenge = Open | Basic | Bearer | Unknown


def read_challenge(header: str) -> Challenge:
    """Return the challenge to answer out of all in a WWW-Authenticate header: Bearer before Basic."""
    found = list(_challenges(header[:_HEADER_LIMIT]))
    for scheme, parameters in found:
        if scheme == "bearer" and parameters.get("realm"):
            return Bearer(parameters["realm"], parameters.get("service"))
    if any(scheme == "basic" for scheme, _ in found):
        return Basic()
    return Unknown(header[:80])


def _challenges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each scheme, in lower case, with its parameters; the first value of a name counts."""
    scheme: str | None = None
    parameters: dict[str, str] = {}
    for name, value in _items(header):
        if value is None:
            if scheme is not None:
                yield scheme, parameters
            scheme, parameters = name, {}
        else:
            parameters.setdefault(name, value)
    if scheme is not None:
        yield scheme, parameters


def _items(header: str) -> Iterator[tuple[str, str | None]]:
    """Yield (scheme, None) and (name, value) as they come; what fits neither is passed over."""
    at = 0
    while at < len(header):
        start = at
        while at < len(header) and header[at] in _TOKEN:
            at += 1
        word = header[start:at].lower()
        after = _skip(header, at, " \t")
        if not word:
            at = max(start + 1, after)
        elif header[after : after + 1] != "=":
            yield word, None
        else:
            value, at = _value(header, _skip(header, after + 1, " \t"))
            yield word, value


def _value(header: str, at: int) -> tuple[str, int]:
    if header[at : at + 1] != '"':
        end = at
        while end < len(header) and header[end] in _TOKEN68_END | {":"}:
            end += 1
        return header[at:end], max(end, at)
    text: list[str] = []
    at += 1
    while at < len(header) and header[at] != '"':
        at += header[at] == "\\"
        text.append(header[at : at + 1])
        at += 1
    return "".join(text), at + 1


def _skip(header: str, at: int, characters: str) -> int:
    while at < len(header) and header[at] in characters:
        at += 1
    return at
