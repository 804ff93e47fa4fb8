"""Canaries: credentials that name the one server that may see them, and the check that no other did."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import unquote

from tests.fakes.server import Seen, Server

PREFIX = "CANARY-"
_CANARY = re.compile(rf"{PREFIX}[^\s&\"]+")


def canary(name: str) -> str:
    """Return a secret that belongs to `name`, recognisable wherever it turns up."""
    return f"{PREFIX}{name}-5f1c9e"


def carries(seen: Seen, secret: str) -> bool:
    """Whether a request shows a secret in its target, a header or its body: plain, URL-encoded or in base64."""
    return any(secret in text for text in _texts(seen))


def strange_canaries(server: Server) -> set[str]:
    """Return the canaries that a server was shown, and that it may not see."""
    found = {secret for seen in server.log for text in _texts(seen) for secret in _CANARY.findall(text)}
    return found - server.may_see


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
