"""When a registry says no: from a status and an error body to our exceptions, in sentences.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
"""

from __future__ import annotations

import msgspec

from pinbot.errors import (
    Forbidden,
    NotARegistry,
    NotFound,
    RateLimited,
    RegistryError,
    Unauthorized,
    Unavailable,
)
from pinbot.net.response import Response

_SHOWN = 200


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Body(msgspec.Struct):
    errors: list[_Error] | None = None


def refusal(response: Response, what: str, looks_like_registry: bool = True) -> RegistryError:
    """Return the exception for an answer that is not a success; `what` names what was asked for."""
    code, said = _read(response.body)
    status = response.status
    if status == 404:
        return _not_found(what, code, said, looks_like_registry)
    if status == 401:
        return Unauthorized(
            f"{what}: the registry wants other credentials, or the repository does not exist (401{said}). "
            "`docker login`, or a username and password in the settings, gives some"
        )
    if status == 403:
        return Forbidden(f"{what}: the credentials in use, or none, may not read it (403{said})")
    if status == 429:
        return RateLimited(f"{what}: too many requests (429{said}); {_wait(response)}", response.retry_after_seconds)
    if status >= 500:
        return Unavailable(f"{what}: the registry has trouble of its own ({status}{said}); try again later")
    if status in {400, 495, 496} and b"SSL certificate" in response.body[:2000]:
        # What nginx says (https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors).
        return Forbidden(
            f"{what}: it wants a client certificate, or another one ({status}); name it in the settings "
            "(client-certificate)"
        )
    return NotARegistry(f"{what}: no registry answers like this ({status}{said}); check the name and the endpoint")


def _not_found(what: str, code: str, said: str, looks_like_registry: bool) -> RegistryError:
    if code == "NAME_UNKNOWN":
        return NotFound(f"{what}: the registry knows no such repository (404{said})")
    if code or looks_like_registry:
        return NotFound(f"{what}: the registry has no such tag or digest (404{said})")
    return NotARegistry(f"{what}: nothing at this host answers as a registry does (404); check the name and the port")


def _wait(response: Response) -> str:
    seconds = response.retry_after_seconds
    if seconds is None:
        return "try again later, or log in for a higher limit"
    if seconds < 120:
        return f"the registry asks to wait {seconds:.0f} s"
    return f"the registry asks to wait {seconds / 60:.0f} minutes"


def _read(body: bytes) -> tuple[str, str]:
    """Return the first error's code, and its message as `: …` in printable ASCII, short."""
    try:
        errors = msgspec.json.decode(body, type=_Body).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "", ""
    if not errors:
        return "", ""
    message = "".join(c if c.isascii() and c.isprintable() else "?" for c in errors[0].message[:_SHOWN]).strip()
    return errors[0].code[:40].upper(), f": {message}" if message else ""
