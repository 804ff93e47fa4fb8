"""The tags of a repository, page by page, within limits: the next page's address is a stranger's word.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-discovery; regression names:
CVE-2026-88880, CVE-2026-88881, CVE-2026-88882, CVE-2026-88887 (`Link` to another host).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin, urlsplit

import msgspec

from pinbot.errors import AddressRefused, NetError, NotARegistry, RegistryError
from pinbot.net.origin import Origin, is_plain
from pinbot.net.response import Response
from pinbot.oci.resolution import TagList
from pinbot.registry.refusal import refusal

_MOST_PAGES = 1_000
_MOST_TAGS = 200_000
_MOST_BYTES = 32 * 1024 * 1024
# ECR refuses pages of more than a thousand.
_PAGE = 1_000
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class _Page(msgspec.Struct):
    tags: list[str] | None = None


async def read_tags(page: Callable[[str], Awaitable[Response]], origin: Origin, path: str, what: str) -> TagList:
    """Read the list with `page`, which asks for a target (path and query) of the registry.

    The list ends, incomplete, where a page fails or leads elsewhere, or a limit is reached. Raises NetError and
    RegistryError where the first page fails.
    """
    tags: dict[str, None] = {}
    target: str | None = f"/v2/{path}/tags/list?n={_PAGE}"
    seen: set[str] = set()
    size = 0
    while target is not None:
        seen.add(target)
        try:
            response = await page(target)
            tags |= dict.fromkeys(read_page(response, what))
        except (NetError, RegistryError):
            if len(seen) == 1:
                raise
            return TagList(tuple(tags), complete=False)
        size += len(response.body)
        try:
            target = _next(response, origin, target, path)
        except ValueError:
            return TagList(tuple(tags), complete=False)
        exhausted = len(seen) >= _MOST_PAGES or len(tags) > _MOST_TAGS or size > _MOST_BYTES
        if (target is not None and exhausted) or target in seen or len(tags) > _MOST_TAGS:
            return TagList(tuple(tags)[:_MOST_TAGS], complete=False)
    return TagList(tuple(tags), complete=True)


def read_page(response: Response, what: str) -> list[str]:
    """Return the tags of one page. Raises RegistryError for any other answer."""
    if response.status != 200:
        raise refusal(response, f"the tags of {what}")
    try:
        tags = msgspec.json.decode(response.body, type=_Page).tags or []
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotARegistry(f"the tags of {what}: the answer is not a list of tags") from error
    return [tag for tag in tags if _TAG.fullmatch(tag)]


def _next(response: Response, origin: Origin, target: str, path: str) -> str | None:
    """Return the target of the next page, None at the end.

    Raises ValueError where it is not a page of the same list at the same origin.
    """
    link = _link(response.headers.get("link", ""))
    if link is None:
        return None
    if not is_plain(link):
        raise ValueError("the next page is no plain address")
    url = urljoin(f"{origin}{target}", link)
    try:
        there = Origin.parse(url)
    except AddressRefused as error:
        raise ValueError("the next page is nowhere") from error
    parts = urlsplit(url)
    if there != origin or parts.path != f"/v2/{path}/tags/list":
        raise ValueError("the next page is elsewhere")
    return f"{parts.path}?{parts.query}"


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
