"""What an answer of GitHub's API means: take it, wait, ask again, follow it, look what happened, or give up; all pure.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pinbot.errors import ForgeError
from pinbot.forge._words import shown
from pinbot.net.retry import parse_wait

_AGAIN = frozenset({408, 425, 500, 502, 503, 504})
_LED = frozenset({301, 302, 307, 308})
_LED_WRITE = frozenset({307, 308})
_SECONDARY_SECONDS = 60.0


class Unclear(ForgeError):
    """A write without a definite answer: it may have happened."""


class Invalid(ForgeError):
    """GitHub understands the request and refuses it (406, 409, 422, a mutation); `said` is what it gives as reason."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers with lower-case names, and the text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def data(self) -> object:
        """The JSON in it. Raises ForgeError where there is none, or one that is nested too deeply to be honest."""
        try:
            return json.loads(self.text) if self.text else None
        except (ValueError, RecursionError):
            raise ForgeError("GitHub's answer is not JSON that can be read; is the base URL that of the API?") from None

    @property
    def said(self) -> str:
        """What it gives as reasons: `message`, and those in `errors`."""
        return shown("; ".join(_messages(self)))


@dataclass(frozen=True, slots=True)
class Take:
    """It is a success."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A rate limit: ask again after so many seconds; a secondary one holds all writes."""

    seconds: float
    is_secondary: bool


@dataclass(frozen=True, slots=True)
class Again:
    """Ask again after a pause that grows."""


@dataclass(frozen=True, slots=True)
class Follow:
    """It is to be had elsewhere: a repository was renamed."""


@dataclass(frozen=True, slots=True)
class Renew:
    """The token is not good any more."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A write that may have happened."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The answer is no."""


Verdict = Take | Wait | Again | Follow | Renew | Doubt | Refuse


def judge(answer: Answer, *, is_read: bool, limited: int, now: datetime) -> Verdict:
    """Return what to do about an answer; `limited` is how many rate limits this request has met before."""
    status = answer.status
    if (limit := _limit(answer, limited, now)) is not None:
        return limit
    if 200 <= status < 300:
        return Take()
    if status in (_LED if is_read else _LED_WRITE):
        return Follow()
    if status == HTTPStatus.UNAUTHORIZED:
        return Renew()
    if status in _AGAIN:
        return Again() if is_read else Doubt()
    if status >= 500:
        return Refuse() if is_read else Doubt()
    return Refuse()


def _limit(answer: Answer, limited: int, now: datetime) -> Wait | None:
    """Read a rate limit: 403 and 429 over REST, and errors of the type RATE_LIMITED over GraphQL."""
    status, headers = answer.status, answer.headers
    is_graphql = status == HTTPStatus.OK and '"RATE_LIMIT' in answer.text[:4096]
    if status not in {403, 429} and not (is_graphql and _is_limited_query(answer)):
        return None
    told = parse_wait(headers["retry-after"], now) if "retry-after" in headers else None
    if told is None and headers.get("x-ratelimit-remaining") == "0":
        reset = parse_wait(headers.get("x-ratelimit-reset", ""), now)
        return Wait(_SECONDARY_SECONDS if reset is None else reset, is_secondary=False)
    words = answer.said.lower()
    is_secondary = "secondary rate limit" in words or "abuse detection" in words or "too quickly" in words
    if told is None and not is_secondary and status == HTTPStatus.FORBIDDEN:
        return None
    return Wait(_SECONDARY_SECONDS * 2.0**limited if told is None else told, is_secondary=True)


def _is_limited_query(answer: Answer) -> bool:
    return any(str(error.get("type", "")).startswith("RATE_LIMIT") for error in errors_of(answer.data))


def errors_of(data: object) -> list[dict[str, object]]:
    """Return the `errors` of an answer of GraphQL."""
    errors = data.get("errors") if isinstance(data, dict) else None
    return [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []


def _messages(answer: Answer) -> Iterator[str]:
    try:
        data = answer.data
    except ForgeError:
        yield answer.text[:200]
        return
    if not isinstance(data, dict):
        return
    if isinstance(data.get("message"), str):
        yield data["message"]
    errors = data.get("errors")
    for error in errors[:10] if isinstance(errors, list) else []:
        if isinstance(error, str):
            yield error
        elif isinstance(error, dict):
            parts = (error.get("message"), error.get("field"), error.get("code"))
            yield next((" ".join(str(p) for p in parts[i:] if p) for i in (0, 1) if parts[i]), "")
