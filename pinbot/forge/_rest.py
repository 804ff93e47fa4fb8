"""Asking a forge's REST API and writing to it, in our own words: one origin, one token, one write at a time."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from datetime import timedelta
from typing import Literal, TypeVar
from urllib.parse import quote, urlencode

from pinbot.errors import AnswerTooLarge, ForgeBusy, ForgeError, ForgeForbids, NetError
from pinbot.forge._base import World
from pinbot.forge._json import Answer, Object, as_object, parse
from pinbot.forge._pace import Pacer
from pinbot.forge._words import redact, shown
from pinbot.net.client import Client
from pinbot.net.credential import Credential
from pinbot.net.origin import Origin
from pinbot.net.response import Response
from pinbot.net.retry import RetryClass, class_of_write
from pinbot.secret import Secret

T = TypeVar("T")
Method = Literal["POST", "PUT", "PATCH", "DELETE"]
Query = Mapping[str, str | int]
# Fifty pull requests of a forge are about 1 MB, each with both of its repositories written out.
ANSWER_BYTES = 16 * 1024 * 1024
PAGE = 50
# Nobody has as many; a forge that never comes to an end is not followed for ever. Whole lists are kept in memory.
_MAX_PAGES, _MAX_PAGES_KEPT = 1000, 100
# A run does not wait longer for a forge that has had enough; the next one comes again.
_LONGEST_WAIT_SECONDS = 120.0


class NotThere(ForgeForbids):
    """404: it is not there, or not for this account."""


class Refused(ForgeError):
    """Another answer of 4xx, which `status` is."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TooLong(ForgeError):
    """An answer that is longer than it may be."""


class Unanswered(ForgeError):
    """A write of which nobody can say whether it was done."""


class Rest:
    """An API below `base` (`https://codeberg.org/api/v1`); `scheme` is the word before the token in the header.

    Sync from outside: `run` drives one event loop, which the client lives in. Raises AddressRefused for a base that
    cannot be asked.
    """

    def __init__(
        self, base: str, token: Secret | None, client: Client, pacer: Pacer, world: World, scheme: str = "token"
    ) -> None:
        self.origin = Origin.parse(base)
        self._base = base.rstrip("/")
        self._secrets = [token.reveal()] if token else []
        self._credential = Credential(self.origin, Secret(f"{scheme} {token.reveal()}")) if token else None
        self._client = client
        self._pacer = pacer
        self._world = world
        self._runner = asyncio.Runner()
        self._lock, self._turns = threading.Lock(), threading.Lock()
        self._left_alone: tuple[float, ForgeBusy] | None = None

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Return what comes of asking; from whatever thread, one after the other."""
        with self._lock:
            return self._runner.run(work)

    def close(self) -> None:
        """Close all connections; nothing can be asked any more."""
        self.run(self._client.close())
        self._runner.close()

    @property
    def written(self) -> int:
        """How many writes there were until now."""
        return self._pacer.written

    async def get(self, path: str, query: Query | None = None, limit: int = ANSWER_BYTES) -> Answer:
        """Return the answer to a question.

        Raises NotThere, ForgeForbids, ForgeBusy, ForgeError; TooLong above `limit` bytes.
        """
        url = self._url(path, query)
        try:
            response = await self._client.request(
                "GET", url, limit=limit, accept=("application/json",), credential=self._credential, stay=True
            )
        except NetError as error:
            kind = TooLong if isinstance(error, AnswerTooLarge) else ForgeError
            raise kind(self._clean(str(error))) from error
        return self._judged(response, path)

    async def pages(self, path: str, query: Query | None = None, most: int = _MAX_PAGES) -> AsyncIterator[list[Object]]:
        """Yield the pages of a list. Raises as `get` does."""
        seen = 0
        for number in range(1, most + 1):
            answer = await self.get(path, {**(query or {}), "page": number, "limit": PAGE})
            found = answer.objects()
            seen += len(found)
            yield found
            if not found or _is_last(answer.headers, seen):
                return
        raise ForgeError(f"{path}: the list does not come to an end")

    async def first(self, path: str) -> tuple[list[Object], bool]:
        """Return the first page of a list, and whether that is all of it. Raises as `get` does."""
        answer = await self.get(path, {"page": 1, "limit": PAGE})
        found = answer.objects()
        return found, not found or _is_last(answer.headers, len(found))

    async def all(self, path: str, query: Query | None = None) -> list[Object]:
        """Return a whole list. Raises as `get` does."""
        return [item async for page in self.pages(path, query, _MAX_PAGES_KEPT) for item in page]

    def write(self, method: Method, path: str, fields: Mapping[str, object] | None = None) -> Answer:
        """Do something, once, when it is its turn.

        Raises Unanswered where nobody can say whether it was done, otherwise as `get` does, and Refused. Where the
        forge asked to be left alone for longer than a run waits, it is not asked again.
        """
        if self._left_alone is not None and self._world.clock() < self._left_alone[0]:
            raise self._left_alone[1]
        with self._turns:
            self._pacer.turn()
        return self.run(self._write(method, path, fields))

    async def _write(self, method: Method, path: str, fields: Mapping[str, object] | None) -> Answer:
        url = self._url(path, None)
        body = json.dumps(fields, ensure_ascii=True).encode() if fields is not None else b""
        try:
            response = await self._client.send(
                method, url, body, limit=ANSWER_BYTES, accept=("application/json",), credential=self._credential
            )
        except NetError as error:
            kind = Unanswered if class_of_write(error) is RetryClass.R4 else ForgeError
            raise kind(self._clean(str(error))) from error
        if class_of_write(response.status) is RetryClass.R4:
            raise Unanswered(f"{path}: the forge answered {response.status}, {self._said(response)}")
        return self._judged(response, path)

    def _url(self, path: str, query: Query | None) -> str:
        return f"{self._base}{path}{f'?{urlencode(query)}' if query else ''}"

    def _judged(self, response: Response, path: str) -> Answer:
        status = response.status
        if status < 300:
            return Answer(path, response.headers, response.body, response.url)
        said = f"{self.origin}{path}: {self._said(response)}"
        if status == 401:
            raise ForgeForbids(f"{said} (401); the token is not accepted: has it expired?")
        if status == 403:
            raise ForgeForbids(f"{said} (403); give the account access to it, and the token the scope that it names")
        if status in {404, 451}:
            raise NotThere(f"{said} ({status}); it is gone, or this account may not see it")
        if status == 423:
            raise ForgeForbids(f"{said} (423); the repository is archived: unarchive it, or exclude it in the settings")
        if status == 429:
            raise self._busy(said, response.retry_after_seconds)
        if status >= 500:
            raise ForgeError(f"{said} ({status}); the forge has trouble of its own")
        raise Refused(f"{said} ({status})", status)

    def _busy(self, said: str, seconds: float | None) -> ForgeBusy:
        until = self._world.now() + timedelta(seconds=seconds) if seconds is not None else None
        shown_until = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        error = ForgeBusy(f"{said} (429); too many requests{shown_until}", until)
        if seconds is not None and seconds <= _LONGEST_WAIT_SECONDS:
            self._pacer.close(seconds)
        elif seconds is not None:
            self._left_alone = (self._world.clock() + seconds, error)
        return error

    def _said(self, response: Response) -> str:
        """Return what an error says of itself, without secrets."""
        try:
            text = as_object(parse(response.body, ""), "").text("message")
        except ForgeError:
            text = ""
        return shown(self._clean(text)) or "it gives no reason"

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets)


def segment(text: str, keep: str = "") -> str:
    """Return a text as one part of a path; the characters in `keep` stay as they are."""
    return quote(text, safe=keep)


def together(limit: int, work: Iterable[Coroutine[object, object, T]]) -> Coroutine[object, object, list[T]]:
    """Return what comes of several, in their order, `limit` at a time."""
    slots = asyncio.Semaphore(limit)

    async def one(piece: Coroutine[object, object, T]) -> T:
        async with slots:
            return await piece

    async def every() -> list[T]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(piece)) for piece in work]
        return [task.result() for task in tasks]

    return every()


def _is_last(headers: Mapping[str, str], seen: int) -> bool:
    """Return whether a list has no further page; where nothing says so, an empty page will."""
    total = headers.get("x-total-count", "")
    if total.isascii() and total.isdigit():
        return seen >= int(total[:12])
    return "link" in headers and 'rel="next"' not in headers["link"]
