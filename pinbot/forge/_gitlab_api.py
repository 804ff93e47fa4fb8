"""Requests to GitLab's API by the rules: reads are tried again, writes are paced and never repeated in doubt.

https://docs.gitlab.com/api/rest/, https://docs.gitlab.com/api/graphql/ and, for what a 429 says,
https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Lock
from urllib.parse import parse_qsl, urljoin, urlsplit

from pinbot.errors import AddressRefused, AnswerTooLarge, ForgeError, ForgeForbids, NetError
from pinbot.forge._base import World
from pinbot.forge._gitlab_session import Heard, Wired
from pinbot.forge._json import Answer, Object, as_object, parse
from pinbot.forge._pace import Pacer
from pinbot.forge._patience import Patience
from pinbot.forge._rest import NotThere, Refused, TooLong, Unanswered
from pinbot.forge._words import redact, shown
from pinbot.net.origin import Origin
from pinbot.net.retry import RetryClass, RetryPolicy, class_of, class_of_write, parse_wait

PAGE = 100
_MOST_PAGES = 1000
_MOST_LED = 3
_LIMIT_SECONDS = 60.0
_AGAIN = frozenset({408, 425, 500, 502, 503, 504})
_SUFFICE = "the token needs the scope `api`, and its account the role Developer there"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: `path` is below `/api/v4`, empty for GraphQL; `is_read` is whether asking twice is asking once."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, object] | None = None
    is_read: bool = True

    @property
    def what(self) -> str:
        """The request, for messages."""
        return self.path or "/api/graphql"


@dataclass(slots=True)
class Api:
    """One GitLab, asked by one account. What it raises is a ForgeError, without `secrets` in its text."""

    wired: Wired
    secrets: tuple[str, ...] = field(repr=False)
    pacer: Pacer
    world: World
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    jitter: Callable[[], float] = random.random
    _patience: Patience = field(init=False)
    _one_writes: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._patience = Patience(str(self.wired.origin), self.world, self.pacer, self.policy)

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Answer:
        """Return the answer to a question. Raises NotThere, ForgeForbids, ForgeBusy, TooLong, ForgeError."""
        return self._answered(Ask("GET", path, query or {}))

    def pages(self, path: str, query: Mapping[str, object] | None = None) -> Iterator[list[Object]]:
        """Yield the pages of a list; the links in the answers are not followed. Raises as `get` does."""
        for page in range(1, _MOST_PAGES + 1):
            answer = self.get(path, {**(query or {}), "per_page": PAGE, "page": page})
            found = answer.objects()
            yield found
            # Long lists are not counted; then a page that is not full is the last.
            if not answer.headers.get("x-next-page", "more" if len(found) >= PAGE else ""):
                return
        raise ForgeError(f"{path}: the list does not come to an end")

    def graph(self, text: str, variables: Mapping[str, object]) -> tuple[Object, list[str]]:
        """Return the data of a question of GraphQL, and what is said of the parts that are missing.

        Raises Refused where it is not answered at all, else as `get` does.
        """
        ask = Ask("POST", "", fields={"query": text, "variables": dict(variables)})
        answer = self._answered(ask).object()
        errors = [self._clean(one.text("message")) for one in answer.children("errors")[:10]]
        if not isinstance(answer.fields.get("data"), dict):
            raise Refused(f"{self.wired.origin}: GraphQL: {shown('; '.join(errors)) or 'it gives no reason'}", 200)
        return answer.child("data"), errors

    def write(self, method: str, path: str, fields: Mapping[str, object]) -> Answer:
        """Do something, once, when it is its turn.

        Raises Unanswered where nobody can say whether it was done, otherwise as `get` does, and Refused.
        """
        return self._answered(Ask(method, path, fields=fields, is_read=False))

    def _answered(self, ask: Ask) -> Answer:
        limited = led = 0
        for tried in count(1):
            self._patience.check()
            try:
                heard = self._send(ask)
            except NetError as error:
                self._rest_after(ask, error, tried)
                continue
            status = heard.status
            if 200 <= status < 300:
                return Answer(ask.what, heard.headers, heard.body)
            if status == 429:
                limited += 1
                self._wait(ask, heard, limited)
            elif status in {301, 302, 307, 308} and ask.is_read and ask.path and led < _MOST_LED:
                led += 1
                ask = self._led(ask, heard)
            elif ask.is_read and status in _AGAIN and tried < self.policy.tries:
                self.world.sleep(self.policy.pause_seconds(tried, self.jitter()))
            else:
                raise self._refusal(ask, heard)
        raise AssertionError("count() does not end")

    def _send(self, ask: Ask) -> Heard:
        if ask.is_read:
            return self.wired.ask(ask.method, ask.path, ask.query, ask.fields)
        with self._one_writes:
            self.pacer.turn()
            return self.wired.ask(ask.method, ask.path, ask.query, ask.fields)

    def _rest_after(self, ask: Ask, error: NetError, tried: int) -> None:
        said = self._clean(str(error))
        if not ask.is_read and class_of_write(error) is RetryClass.R4:
            raise Unanswered(f"{ask.what}: it may or may not have happened: {said}") from error
        if isinstance(error, AnswerTooLarge):
            raise TooLong(said) from error
        if class_of(error) is not RetryClass.R3 or tried >= self.policy.tries:
            raise ForgeError(said) from error
        self.world.sleep(self.policy.pause_seconds(tried, self.jitter()))

    def _wait(self, ask: Ask, heard: Heard, limited: int) -> None:
        now = self.world.now()
        told = (heard.headers.get(name) for name in ("retry-after", "ratelimit-reset"))
        seconds = next((parse_wait(text, now) for text in told if text), None) or _LIMIT_SECONDS
        self._patience.wait(seconds, limited, is_read=ask.is_read)

    def _led(self, ask: Ask, heard: Heard) -> Ask:
        """Return the question for where a project has moved: at the same GitLab only."""
        try:
            target = urlsplit(urljoin(f"{self.wired.origin}/", heard.headers.get("location", "")))
            is_same = Origin.parse(target.geturl()) == self.wired.origin
        except (AddressRefused, ValueError):
            target, is_same = urlsplit(""), False
        _, api, path = target.path.partition("/api/v4/")
        if not is_same or not api or ".." in path:
            raise ForgeError(f"{ask.what}: the answer leads elsewhere, which is not followed")
        return replace(ask, path=f"/{path}", query=dict(parse_qsl(target.query)))

    def _refusal(self, ask: Ask, heard: Heard) -> ForgeError:
        status = heard.status
        said = f"{self.wired.origin}: {ask.what}: {self._said(heard)} ({status})"
        if status == 401:
            return ForgeForbids(f"{said}; the token is wrong, has expired, or was revoked")
        if status == 403:
            return ForgeForbids(f"{said}; {_SUFFICE}")
        if status in {404, 410, 451}:
            return NotThere(f"{said}; it is gone, or this account may not see it")
        if status == 423:
            return ForgeForbids(said)
        if not ask.is_read and (status >= 500 or status == 408):
            return Unanswered(f"{said}; it may or may not have happened")
        return ForgeError(said) if status >= 500 else Refused(said, status)

    def _said(self, heard: Heard) -> str:
        """Return what an error says of itself, without secrets: `message` is a text, a list or an object of lists."""
        try:
            told = as_object(parse(heard.body, ""), "")
        except ForgeError:
            return "it gives no reason"
        words = [told.fields.get(name) for name in ("message", "error", "error_description", "errors")]
        return shown(self._clean("; ".join(filter(None, map(_flat, words))))) or "it gives no reason"

    def _clean(self, text: str) -> str:
        return redact(text, self.secrets)


def _flat(value: object, depth: int = 0) -> str:
    """Return the words of what an error has, not too deep."""
    if isinstance(value, str):
        return value[:1000]
    if depth > 3:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_flat(one, depth + 1) for one in value[:10])))
    if isinstance(value, dict):
        pairs = ((str(key), _flat(one, depth + 1)) for key, one in list(value.items())[:10])
        return "; ".join(f"{key} {text}" for key, text in pairs if text)
    return ""
