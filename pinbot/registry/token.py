"""Bearer tokens: who may be given a login for one, what an answer of a token server means, how long it holds.

https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from pinbot.errors import NotARegistry
from pinbot.net.origin import Origin
from pinbot.secret import Secret

# Registries whose token server has another host, by the host that is asked.
_TOKEN_HOSTS = {
    "registry-1.docker.io": "auth.docker.io",
    "registry.gitlab.com": "gitlab.com",
    "docker.elastic.co": "docker-auth.elastic.co",
}

# The specification's default, and the least it lets a server give.
_DEFAULT_SECONDS = 60.0
_MOST_SECONDS = 3600.0
# A token is renewed before its end, so that none ends on its way.
_USED_SHARE = 0.8


_CLIENT = "pinbot"

# As in RFC 6750, and laxer: what a header can hold without being read, or shown in an error, as anything else.
_TOKEN = re.compile(r"[!-~]+")


class _Answer(msgspec.Struct):
    token: str | None = None
    access_token: str | None = None
    expires_in: object = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and for how many seconds from now it is used."""

    secret: Secret
    seconds: float


def may_have_login(realm: Origin, registry: Origin, token_hosts: tuple[str, ...]) -> bool:
    """Whether a registry's login may be sent to a token server: its own host, a known one, or one in the settings.

    The realm comes from the registry's answer, so anything else would let an answer choose who gets a password
    (CVE-2026-48978, CVE-2026-33540).
    """
    if realm.scheme != "https" and registry.scheme != "http":
        return False
    known = {registry.host, _TOKEN_HOSTS.get(registry.host), *token_hosts}
    return realm.host in known or realm.authority in token_hosts


def token_url(realm: str, service: str | None, path: str) -> str:
    """Return the URL that asks for a token to pull from a repository; for an empty path, one that pulls nothing.

    The latter is what `docker login` asks for: it only tells whether a login is known.
    """
    query = {"service": service} if service else {}
    if path:
        query["scope"] = f"repository:{path}:pull"
    return f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"


def token_form(token: Secret, service: str | None, path: str) -> bytes:
    """Return the form that changes an identity token for one to pull from a repository.

    https://distribution.github.io/distribution/spec/auth/oauth/
    """
    form = {"grant_type": "refresh_token", "client_id": _CLIENT}
    if path:
        form["scope"] = f"repository:{path}:pull"
    if service:
        form["service"] = service
    return urlencode(form | {"refresh_token": token.reveal()}).encode()


def read_token(body: bytes, realm: Origin) -> Token:
    """Read a token server's answer. Raises NotARegistry when there is no token in it."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotARegistry(f"{realm}: the token server's answer is not what one gives") from error
    token = answer.token or answer.access_token
    if not token or not _TOKEN.fullmatch(token):
        raise NotARegistry(f"{realm}: the token server's answer holds no token")
    return Token(Secret(token), _USED_SHARE * _lifetime(answer.expires_in))


def _lifetime(expires_in: object) -> float:
    """Return seconds; servers have written numbers as text, and negative or huge ones."""
    try:
        seconds = float(expires_in) if isinstance(expires_in, int | float | str) else math.nan
    except (ValueError, OverflowError):
        seconds = math.nan
    return min(seconds, _MOST_SECONDS) if seconds > 0 else _DEFAULT_SECONDS
