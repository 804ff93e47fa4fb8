"""The one table of what is tried again, and when: R0 never, R2 as told, R3 with growing pauses, R4 after a look.

R1 (asking again with new credentials) belongs to who holds the credentials. Retry-After is
https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3; Docker Hub has also sent the epoch second of the end, and
GHCR writes a Go duration (`880.092µs`, https://pkg.go.dev/time#ParseDuration).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from pinbot.errors import AnswerTooLarge, BrokenAnswer, CannotConnect, NetError, TimedOut


class RetryClass(Enum):
    """What may be done after a failure."""

    R0 = "never"
    R2 = "wait as told, else as R3"
    R3 = "try again after a random pause that grows"
    R4 = "a write that may have been done: look, and do not send it again"


_BY_STATUS = {
    429: RetryClass.R2,
    503: RetryClass.R2,
    403: RetryClass.R2,
    408: RetryClass.R3,
    425: RetryClass.R3,
    500: RetryClass.R3,
    502: RetryClass.R3,
    504: RetryClass.R3,
}
# A server may have done what it could not answer for, and so may the one behind a gateway.
_WRITE_BY_STATUS = {429: RetryClass.R2, **dict.fromkeys((408, 500, 502, 503, 504), RetryClass.R4)}
_WRITE_BY_ERROR: tuple[type[NetError], ...] = (TimedOut, BrokenAnswer, AnswerTooLarge)
# A failed lookup is not tried again: the system's resolver has done so already.
_BY_ERROR: tuple[type[NetError], ...] = (CannotConnect, TimedOut, BrokenAnswer)

# What Docker Hub says when its limit is used up, and the window of that limit; to ask on would lead to a ban.
# https://docs.docker.com/docker-hub/usage/pulls/
_PULL_LIMIT = re.compile(rb"pull rate limit", re.IGNORECASE)
_PULL_WINDOW_SECONDS = 21_600.0
_NONE_LEFT = re.compile(r"0(?:;w=([0-9]{1,9}))?")
# An answer that asks for more than a month is a mistake, not a request.
_ABSURD_SECONDS = 30 * 86_400.0
_EPOCH_FROM = 1e9
_LEAST_SECONDS = 1.0

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE]\+?[0-9]{1,2})?|\.[0-9]{1,18}")
_PART = r"(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})(?:ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"(?:{_PART}){{1,8}}")
_DURATION_PART = re.compile(r"([0-9.]+)(ns|us|µs|μs|ms|s|m|h)")
_IN_BODY = re.compile(r"retry-after: ?([0-9.][^,\s\"]{0,40})", re.IGNORECASE)
# How JSON may write the µ of a duration.
_ESCAPED_MICRO = re.compile(r"\\u(?:00b5|03bc)", re.IGNORECASE)
# A header that came twice is joined by a comma; more than a few are no answer but a game.
_MOST_VALUES = 4


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long: `tries` counts the first; `wait_cap_seconds` is all the waiting for one host in a run."""

    tries: int = 4
    base_seconds: float = 0.5
    cap_seconds: float = 30.0
    wait_cap_seconds: float = 120.0

    def pause_seconds(self, tried: int, random: float) -> float:
        """Return the pause after so many tries: full jitter, `random` in [0, 1) of the doubled base."""
        return random * min(self.cap_seconds, self.base_seconds * 2.0 ** (tried - 1))


def class_of(failure: int | NetError) -> RetryClass:
    """Return the retry class of an HTTP status or of an error without an answer."""
    if isinstance(failure, int):
        return _BY_STATUS.get(failure, RetryClass.R0)
    return RetryClass.R3 if isinstance(failure, _BY_ERROR) else RetryClass.R0


def class_of_write(failure: int | NetError) -> RetryClass:
    """Return the retry class of what came of a write: R4 where nobody can say whether the server did it.

    R2 is a 429 alone: it says that nothing was done. A connection that was never made (CannotConnect) did nothing.
    """
    if isinstance(failure, int):
        return _WRITE_BY_STATUS.get(failure, RetryClass.R0)
    return RetryClass.R4 if isinstance(failure, _WRITE_BY_ERROR) else RetryClass.R0


def told_wait(headers: Mapping[str, str], body: bytes, now: datetime) -> float | None:
    """Return the seconds that an answer asks to wait, None where it does not say (or says nonsense).

    `headers` have lower-case names; GHCR tells it in the body alone.
    """
    for name in ("retry-after", "x-retry-after"):
        if name in headers:
            return parse_wait(headers[name], now)
    found = _IN_BODY.search(_ESCAPED_MICRO.sub("µ", body[:4096].decode("utf-8", "replace")))
    return parse_wait(found[1], now) if found else None


def window_left(headers: Mapping[str, str], body: bytes) -> float | None:
    """Return the seconds after which a 429 that says that all pulls are used up ends at the latest, None for others."""
    if none_left := _NONE_LEFT.fullmatch(headers.get("ratelimit-remaining", "").replace(" ", "")):
        return max(_LEAST_SECONDS, min(_ABSURD_SECONDS, float(none_left[1] or _PULL_WINDOW_SECONDS)))
    return _PULL_WINDOW_SECONDS if _PULL_LIMIT.search(body[:4096]) else None


def parse_wait(text: str, now: datetime) -> float | None:
    """Read Retry-After: seconds, an epoch second, a date of HTTP or of RFC 3339, or a Go duration; at least 1 s.

    A moment that has passed is 1 s; of several values the longest counts. Negative numbers, NaN, infinity and more
    than 30 days are None.
    """
    values = text.split(",")
    if 1 < len(values) <= _MOST_VALUES and all(_is_short(value) for value in values):
        waits = [parse_wait(value, now) for value in values]
        return max((wait for wait in waits if wait is not None), default=None)
    seconds = _seconds(text.strip(), now)
    if seconds is None or not math.isfinite(seconds) or seconds > _ABSURD_SECONDS:
        return None
    return max(_LEAST_SECONDS, seconds)


def _seconds(text: str, now: datetime) -> float | None:
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number - now.timestamp() if number > _EPOCH_FROM else number
    if _DURATION.fullmatch(text):
        return _duration(text)
    # Numbers that are none (`-5`, `+5`, `1.2.3`) are not to be taken for days of a month.
    return _until(text[:60], now) if any(c.isalpha() for c in text) and ":" in text else None


def _is_short(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value.strip()) or _DURATION.fullmatch(value.strip()))


def _duration(text: str) -> float | None:
    try:
        return sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(text))
    except ValueError:
        return None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdecimal() else parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
