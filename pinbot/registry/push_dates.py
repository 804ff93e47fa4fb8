"""When a tag was last pushed, in the books of those registries that keep them: Docker Hub, by an API of its own.

https://docs.docker.com/reference/api/hub/latest/operations/GetRepositoryTag/. The published schema of a tag lists
`tag_last_pushed`; `digest`, that of the index or manifest that was pushed, is in the answers beside it. An answer
without either says nothing. Only public facts are asked for: no credentials are sent, here or anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from pinbot.errors import InvalidDigest
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Failed, PushDate
from pinbot.registry.limit import Limit

# A tag with a hundred platforms takes 40 KB.
_MOST_BYTES = 1024 * 1024
# Docker's first public release; nothing was pushed before it.
_EARLIEST = datetime(2013, 3, 1, tzinfo=UTC)
NO_DATE = "no-date"


class _Tag(msgspec.Struct):
    name: str | None = None
    digest: str | None = None
    tag_last_pushed: str | None = None


class PushDates:
    """Asks one registry's books; `origin` is None where it keeps none. `now` is this machine's clock."""

    def __init__(
        self, registry: str, origin: Origin | None, client: Client, now: Callable[[], datetime], limit: Limit
    ) -> None:
        self._registry = registry
        self._origin = origin
        self._client = client
        self._now = now
        self._limit = limit

    async def ask(self, path: str, tag: str) -> PushDate | Failed:
        """Return when a tag was last pushed and with which digest. Raises NetError, RateLimited."""
        what = f"{self._registry}/{path}:{tag}"
        namespace, slash, repository = path.partition("/")
        if self._origin is None or not slash or "/" in repository:
            return Failed(NO_DATE, f"{what}: the registry keeps no push dates")
        self._limit.check(what)
        names = [quote(name, safe="") for name in (namespace, repository, tag)]
        target = "/v2/namespaces/{}/repositories/{}/tags/{}".format(*names)
        response = await self._client.request(
            "GET", f"{self._origin}{target}", limit=_MOST_BYTES, accept=("application/json",), redirects=0
        )
        if response.status == 429:
            self._limit.note(response)
        if response.status != 200:
            status = "404" if response.status == 404 else NO_DATE
            return Failed(status, f"{what}: {self._origin} has no push date of it (it answers {response.status})")
        return _read(response.body, tag, what, self._now())


def _read(body: bytes, tag: str, what: str, now: datetime) -> PushDate | Failed:
    try:
        said = msgspec.json.decode(body, type=_Tag)
        at = _moment(said.tag_last_pushed or "")
        digest = Digest.parse(said.digest or "")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError, InvalidDigest):
        return Failed(NO_DATE, f"{what}: the answer holds no push date with a digest")
    if said.name not in {None, tag}:
        return Failed(NO_DATE, f"{what}: the answer is about another tag")
    if not _EARLIEST <= at <= now:
        return Failed(NO_DATE, f"{what}: the push date {at:%Y-%m-%d %H:%M} UTC cannot be right")
    return PushDate(at, digest)


def _moment(text: str) -> datetime:
    """Return a time in UTC. Raises ValueError, and OverflowError at the ends of the calendar."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at.astimezone(UTC)
