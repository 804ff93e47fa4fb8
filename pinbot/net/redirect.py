"""Where a redirect may lead: an answer is a stranger's word, so each hop is judged like a first request.

https://www.rfc-editor.org/rfc/rfc9110#section-15.4 for the statuses; that https never becomes http is ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urldefrag, urljoin

from pinbot.errors import AddressRefused, RedirectRefused
from pinbot.net.origin import Origin, is_plain, shorten

MAX_REDIRECTS = 5
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")
_STATUSES = frozenset({301, 302, 303, 307, 308})


def location_of(status: int, headers: Mapping[str, str]) -> str | None:
    """Return where an answer redirects to, as written; None where it is no redirect."""
    return headers.get("location") if status in _STATUSES else None


def next_url(current: str, location: str, allows_http: Callable[[Origin], bool]) -> str:
    """Return the absolute URL that a redirect from `current` leads to.

    Raises RedirectRefused for another scheme than http and https, for https that becomes http, for http where
    it is not allowed, and for what is no plain URL.
    """
    here = Origin.parse(current)
    try:
        _judge_as_written(here, location)
        url = urldefrag(urljoin(current, location)).url
        there = Origin.parse(url)
    except (AddressRefused, ValueError) as error:
        raise RedirectRefused(f"{here}: it redirects to a place that is not asked: {error}") from error
    if here.scheme == "https" and there.scheme == "http":
        raise RedirectRefused(f"{here}: it redirects to {shorten(url)}, from https to http, which is not followed")
    if there.scheme == "http" and not allows_http(there):
        raise RedirectRefused(f"{here}: it redirects to {shorten(url)}; http is not allowed for that host")
    return url


def same_request_at(status: int, current: str, location: str, allows_http: Callable[[Origin], bool]) -> str:
    """Return where a write is to be sent instead, as a server says of what was renamed.

    Raises RedirectRefused for statuses that let a write become a question, for other origins, and as `next_url` does.
    """
    url = next_url(current, location, allows_http)
    if status not in {307, 308} or Origin.parse(url) != Origin.parse(current):
        raise RedirectRefused(
            f"{shorten(current)}: it redirects a write ({status}) to {shorten(url)}, which is not done"
        )
    return url


def _judge_as_written(here: Origin, location: str) -> None:
    """Raise AddressRefused for what parsers read differently: urljoin finds a path in `https:///x`, others a host."""
    if location and not is_plain(location):
        raise AddressRefused("white space, control or non-ASCII characters are in the address")
    if _ABSOLUTE.match(location):
        Origin.parse(f"{here.scheme}:{location}" if location.startswith("//") else location)
