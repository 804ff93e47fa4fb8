"""Canaries: credentials that name the one server that may see them, and the check that no other did.

The check is for every test (conftest.py). It finds canaries in whatever form, and the own secrets of each stand-in
(passwords, the tokens that it gave) where another is shown them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import unquote

from tests.fakes.server import Seen, Server, watched

PREFIX = "CANARY-"
_CANARY = re.compile(rf"{PREFIX}[^\s&\"]+")
# What may stand around a secret in a header, a query or a body.
_WORDS = re.compile(r"[\s:=&?,;\"'{}]+")
# A shorter one may stand anywhere by chance.
_SHORTEST = 8


def canary(name: str) -> str:
    """Return a secret that belongs to `name`, recognisable wherever it turns up."""
    return f"{PREFIX}{name}-5f1c9e"


def carries(seen: Seen, secret: str) -> bool:
    """Whether a request shows a secret in its target, a header or its body: plain, URL-encoded or in base64."""
    return any(secret in text for text in _texts(seen))


def strange_secrets() -> dict[str, set[str]]:
    """Return the secrets that each server was shown since the last call, and that it may not see, by its address.

    Servers that are over are looked at a last time, and forgotten.
    """
    owners = [(one, frozenset(one.owned())) for one in watched]
    known = frozenset(secret for _, owned in owners for secret in owned if len(secret) >= _SHORTEST)
    shown = {one.name(): _shown(one.fresh(), known) - owned - one.may_see() for one, owned in owners}
    watched[:] = [one for one in watched if not one.is_over()]
    return {name: strange for name, strange in shown.items() if strange}


def _shown(requests: Iterable[Seen], known: frozenset[str]) -> set[str]:
    """Return the canaries in requests, and what of them is among the known secrets."""
    found: set[str] = set()
    for seen in requests:
        for text in _texts(seen):
            found |= set(_CANARY.findall(text))
            found |= known.intersection(_WORDS.split(text)) if known else set()
    return found


def leaks(secret: str, others: Iterable[Server]) -> list[Seen]:
    """Return every request to one of `others` that shows the secret."""
    return [seen for server in others for seen in server.log if carries(seen, secret)]


def shows_canary(texts: Iterable[str]) -> list[str]:
    """Return the texts (messages, warnings, representations) that show any canary, plain or in base64."""
    encoded = base64.b64encode(PREFIX.encode()).decode()[:8]
    return [text for text in texts if PREFIX in text or encoded in text]


def _texts(seen: Seen) -> list[str]:
    words = [word for value in seen.headers.values() for word in value.split()]
    body = seen.body.decode("latin-1")
    return [unquote(seen.target), *seen.headers.values(), *map(_decoded, words), body, unquote(body)]


def _decoded(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode("latin-1")
    except ValueError:
        return ""
