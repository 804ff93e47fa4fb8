"""An answer, read whole and within its limits; the limits themselves, by purpose.

Bodies are read raw: httpx inflates silently, and 0.4 MB on the wire can be 800 MB in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from pinbot.errors import AnswerTooLarge, BrokenAnswer, TimedOut
from pinbot.net.origin import Origin, shorten

# Docker's registry refuses manifests above 4 MiB, so no honest one is longer.
MANIFEST_BYTES = 4 * 1024 * 1024
TOKEN_BYTES = 64 * 1024
TAGS_BYTES = 8 * 1024 * 1024
CONFIG_BYTES = 1024 * 1024
ERROR_BYTES = 64 * 1024
# Less than 1 KB in a second is no way to serve what takes milliseconds; it is how a connection is kept busy.
_WINDOW_SECONDS, _WINDOW_BYTES = 10.0, 10_000


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: header names are in lower case, repeated headers joined by commas.

    `origin` is who answered in the end, after redirects. `retry_after_seconds` is how long the answer asks to wait.
    `certificate_ends` is the end of the certificate that it showed, where there is one and the system tells.
    An error's body is cut at 64 KiB.
    """

    origin: Origin
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    retry_after_seconds: float | None = None
    certificate_ends: datetime | None = None

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def date(self) -> datetime | None:
        """The clock of whoever answered, None where it does not say.

        https://www.rfc-editor.org/rfc/rfc9110#field.date
        """
        try:
            at = parsedate_to_datetime(self.headers["date"])
            # It is UTC in any case; `-0000` is read as a time without a zone, and would become one of this machine's.
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (KeyError, ValueError, OverflowError):
            return None


async def read_body(answer: httpx.Response, limit: int) -> bytes:
    """Return the raw bytes of an answer; those of an error are cut at 64 KiB.

    Raises AnswerTooLarge when there are more than `limit`, TimedOut when less than 10 KB come in ten seconds.
    """
    is_error = answer.status_code >= 300
    most = ERROR_BYTES if is_error else limit
    announced = answer.headers.get("content-length", "")
    if not is_error and answer.request.method != "HEAD" and announced.isdigit() and int(announced) > most:
        raise _too_large(answer, most)
    body = bytearray()
    async for part in _briskly(answer):
        body += part
        if len(body) > most:
            if not is_error:
                raise _too_large(answer, most)
            del body[most:]
            break
    return bytes(body)


async def _briskly(answer: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the parts of a body as long as they come fast enough."""
    loop = asyncio.get_running_loop()
    parts, came = answer.aiter_raw(), 0
    window = loop.time() + _WINDOW_SECONDS
    while True:
        try:
            async with asyncio.timeout_at(window):
                part = await anext(parts, None)
        except TimeoutError:
            raise TimedOut(
                f"{shorten(str(answer.request.url))}: the answer drips, less than 1 KB in a second; the server or the "
                "network is too slow"
            ) from None
        if part is None:
            return
        came += len(part)
        if came >= _WINDOW_BYTES:
            window, came = loop.time() + _WINDOW_SECONDS, 0
        yield part


def is_encoded(headers: Mapping[str, str]) -> bool:
    """Whether a body is compressed although identity was asked for."""
    return headers.get("content-encoding", "").strip().lower() not in {"", "identity"}


def refuse_encoding(response: Response) -> None:
    """Raise BrokenAnswer when the body is compressed."""
    if is_encoded(response.headers):
        raise BrokenAnswer(
            f"{shorten(response.url)}: the answer is encoded as {response.headers['content-encoding'][:20]!r} "
            "though it was asked for as it is; it may be a decompression bomb, so it was not read"
        )


def _too_large(answer: httpx.Response, most: int) -> AnswerTooLarge:
    return AnswerTooLarge(f"{shorten(str(answer.request.url))}: the answer is longer than {most:,} bytes, the limit")
