"""The tags of a repository, page by page, within limits: the next page's address is a stranger's word.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-discovery; regression names:
CVE-2026-88880, CVE-2026-88881, CVE-2026-88882, CVE-2026-88887 (`Link` to another host).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from pinbot.errors import AddressRefused, NetError, NotARegistry, RegistryError, TimedOut
from pinbot.net.origin import Origin, is_plain, shorten
from pinbot.net.response import Response
from pinbot.oci.resolution import TagList
from pinbot.registry.refusal import refusal

_MOST_PAGES = 1_000
_MOST_TAGS = 200_000
_MOST_BYTES = 32 * 1024 * 1024
_MOST_SECONDS = 300.0
# Pages in a row that bring nothing new; GHCR may filter a few empty.
_MOST_IDLE_PAGES = 10
# ECR refuses pages of more than a thousand, others may refuse those, or any; None asks for the registry's own size.
_PAGES = (1_000, 100, None)
_REFUSES_THE_SIZE = frozenset({400, 405, 406, 413, 414, 416, 422, 504})
# Sizes at which registries cap a page: where one comes without a way to the next, that may have been lost on the way.
_CAPS = frozenset({50, 100, 200, 250, 500, 1_000})
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")

Ask = Callable[[str], Awaitable[Response]]


class _Page(msgspec.Struct):
    tags: list[str] | None = None


class _Cut(Exception):
    """Why the list ends before its end: a phrase."""


@dataclass(slots=True)
class _Reading:
    """A list that is being read.

    `asked` is the size of page that was asked for, None for the registry's own; `has_links` says that some page led on.
    """

    origin: Origin
    path: str
    what: str
    asked: int | None = None
    tags: dict[str, None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    size: int = 0
    idle: int = 0
    has_links: bool = False

    def first(self) -> str:
        """Return the target of the first page."""
        return f"/v2/{self.path}/tags/list{f'?n={self.asked}' if self.asked else ''}"

    def after(self, last: str) -> str:
        """Return the target of what comes after a tag."""
        start = self.first()
        return f"{start}{'&' if '?' in start else '?'}last={quote(last, safe='')}"


async def read_tags(page: Ask, origin: Origin, path: str, what: str, seconds: float = _MOST_SECONDS) -> TagList:
    """Read the list with `page`, which asks for a target (path and query) of the registry.

    The list ends, incomplete and with the reason, where a page fails or leads elsewhere, or a limit is reached (one of
    them `seconds`). Raises NetError and RegistryError where the first page fails.
    """
    reading = _Reading(origin, path, what)
    try:
        async with asyncio.timeout(seconds):
            await _read(page, reading)
    except TimeoutError:
        if not reading.seen:
            raise TimedOut(f"the tags of {what}: no complete answer within {seconds:g} s") from None
        return _cut(reading, f"the registry is so slow that {seconds:g} s were not enough")
    except _Cut as cut:
        return _cut(reading, str(cut))
    return TagList(tuple(reading.tags), complete=True)


def _cut(reading: _Reading, why: str) -> TagList:
    return TagList(tuple(reading.tags)[:_MOST_TAGS], complete=False, reason=f"{reading.what}: {why}")


async def _read(page: Ask, reading: _Reading) -> None:
    response, target = await _first(page, reading)
    while True:
        try:
            names = read_page(response, reading.what)
        except RegistryError as error:
            if len(reading.seen) == 1:
                raise
            raise _failed(reading, error) from error
        _take(reading, names, response)
        following = _next(response, reading, target)
        if following is None:
            following = await _lost(page, reading, names)
            if following is None:
                return
        _check(reading, following)
        target = following
        response = await _ask(page, reading, target)


async def _first(page: Ask, reading: _Reading) -> tuple[Response, str]:
    """Ask for the first page, a smaller one where the registry refuses the size."""
    for size in _PAGES:
        reading.asked = size
        target = reading.first()
        response = await page(target)
        if response.status not in _REFUSES_THE_SIZE:
            break
    reading.seen.add(target)
    return response, target


async def _ask(page: Ask, reading: _Reading, target: str) -> Response:
    reading.seen.add(target)
    try:
        return await page(target)
    except (NetError, RegistryError) as error:
        raise _failed(reading, error) from error


def _failed(reading: _Reading, error: Exception) -> _Cut:
    return _Cut(f"page {len(reading.seen)} of the list failed: {error}")


def _take(reading: _Reading, names: list[str], response: Response) -> None:
    before = len(reading.tags)
    reading.tags |= dict.fromkeys(name for name in names if _TAG.fullmatch(name))
    reading.size += len(response.body)
    reading.idle = reading.idle + 1 if len(reading.tags) == before else 0
    if len(reading.tags) > _MOST_TAGS:
        raise _Cut(f"there are more than {_MOST_TAGS:,} tags, the limit")


def _check(reading: _Reading, target: str) -> None:
    """Raise _Cut where one more page is too much."""
    if target in reading.seen:
        raise _Cut("its pages go in a circle")
    if len(reading.seen) >= _MOST_PAGES:
        raise _Cut(f"there are more than {_MOST_PAGES:,} pages, the limit")
    if reading.size > _MOST_BYTES:
        raise _Cut(f"there are more than {_MOST_BYTES:,} bytes, the limit")
    if reading.idle >= _MOST_IDLE_PAGES:
        raise _Cut(f"{_MOST_IDLE_PAGES} pages in a row brought no new tag")


async def _lost(page: Ask, reading: _Reading, names: list[str]) -> str | None:
    """Return where to go on after a page that says it is the last and may not be, None where it is the last.

    A page of just the size that was asked for, or at which registries cap it, is doubted: some proxies lose the
    header that leads on (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-discovery).
    """
    if reading.has_links or len(names) not in {reading.asked, *_CAPS}:
        return None
    target = reading.after(names[-1])
    if target in reading.seen:
        raise _Cut("its pages go in a circle")
    response = await _ask(page, reading, target)
    try:
        more = read_page(response, reading.what)
    except RegistryError as error:
        raise _failed(reading, error) from error
    if all(name in reading.tags or not _TAG.fullmatch(name) for name in more):
        if more and len(names) == reading.asked:
            raise _Cut("a page is full, and the registry does not say how the next one is to be had")
        return None
    _take(reading, more, response)
    return _next(response, reading, target) or (reading.after(more[-1]) if len(more) == len(names) else None)


def read_page(response: Response, what: str) -> list[str]:
    """Return the tags of one page, whatever is among them. Raises RegistryError for any other answer."""
    if response.status != 200:
        raise refusal(response, f"the tags of {what}")
    try:
        tags = msgspec.json.decode(response.body, type=_Page).tags or []
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotARegistry(f"the tags of {what}: the answer is not a list of tags") from error
    return tags


def _next(response: Response, reading: _Reading, target: str) -> str | None:
    """Return the target of the next page, None at the end.

    Raises _Cut where it is not a page of the same list at the same origin.
    """
    link = _link(response.headers.get("link", ""))
    if link is None:
        return None
    reading.has_links = True
    if not is_plain(link):
        raise _Cut("the address of its next page cannot be read without a doubt")
    url = urljoin(f"{reading.origin}{target}", link)
    try:
        there = Origin.parse(url)
    except AddressRefused as error:
        raise _Cut(f"its next page is not one that is asked: {error}") from error
    parts = urlsplit(url)
    if not _is_here(there, reading.origin):
        raise _Cut(
            f"its next page is at {there}, another server, which is not asked; if that is the registry's own name, "
            "give it as the `endpoint` in the settings, or let the registry know the name it is reached by"
        )
    if parts.path != f"/v2/{reading.path}/tags/list":
        raise _Cut(f"its next page is at {shorten(parts.path)}, which is not this list")
    return f"{parts.path}?{parts.query}"


def _is_here(there: Origin, here: Origin) -> bool:
    """Whether a page is at the same origin, or at what a registry behind a proxy for TLS takes for it.

    Only path and query are used, so nothing is sent by http.
    """
    if there == here:
        return True
    is_downgrade = (there.scheme, here.scheme) == ("http", "https")
    return is_downgrade and there.host == here.host and there.port in {80, here.port}


def _link(header: str) -> str | None:
    """Return the target of the first `rel=next` in a Link header (https://www.rfc-editor.org/rfc/rfc8288#section-3)."""
    for part in header[:8192].split("<")[1:]:
        target, closed, parameters = part.partition(">")
        if closed and any(_is_next(p) for p in parameters.split(";")):
            return target.strip()
    return None


def _is_next(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip().lower() == "rel" and value.strip().rstrip(",").strip().strip('"').lower() == "next"
