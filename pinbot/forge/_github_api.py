"""Requests to GitHub's API by the rules: reads are tried again, writes are paced and never repeated in doubt.

The classes of retries: a read without an answer is asked again; a limit is waited for as told, up to two minutes; a
write without a definite answer raises Unclear, so that the caller looks what happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import urlsplit

from pinbot.errors import (
    AddressRefused,
    CannotConnect,
    CannotResolveName,
    ForgeError,
    ForgeForbids,
    NetError,
    TlsFailed,
)
from pinbot.forge._base import World
from pinbot.forge._github_answer import (
    Again,
    Answer,
    Doubt,
    Follow,
    Invalid,
    Refuse,
    Renew,
    Take,
    Unclear,
    Wait,
    errors_of,
    judge,
)
from pinbot.forge._github_connection import LED_TO
from pinbot.forge._pace import Pacer
from pinbot.forge._patience import Patience
from pinbot.forge._words import redact, shown
from pinbot.net.origin import Origin
from pinbot.net.retry import RetryClass, RetryPolicy, class_of

if TYPE_CHECKING:
    from github.Requester import Requester

Scope = frozenset[int] | None
_NOT_SENT = (CannotConnect, CannotResolveName, AddressRefused, TlsFailed)
_MOST_LED = 3
_MOST_PAGES = 1000
_PER_PAGE = 100
_SECONDARY_SECONDS = 60.0
_WAYS_OUT = (
    ("workflow", "give the App the permission Workflows (write), or the token the scope `workflow`"),
    ("not accessible by personal access token", "give the fine-grained token Contents and Pull requests (write)"),
    ("not accessible by integration", "give the App or job Contents and Pull requests (write)"),
    ("saml", "authorise the token for the organisation's single sign-on"),
    ("archived", "the repository is archived, nothing can be written to it"),
    ("ip allow list", "the organisation's list of allowed addresses does not have this machine"),
)


class Tokens(Protocol):
    """Where the Authorization header comes from."""

    def header(self, scope: Scope) -> str:
        """Return the header's value for requests about these repositories; None: for none in particular."""

    def renew(self, scope: Scope) -> bool:
        """Forget what was good for these until now; False where there is no other to be had."""

    def secrets(self) -> tuple[str, ...]:
        """Return what must not be shown."""


@dataclass(slots=True)
class _Request:
    verb: str
    url: str
    parameters: Mapping[str, str]
    body: Mapping[str, object] | None
    headers: Mapping[str, str]
    is_read: bool
    scope: Scope
    authorization: str | None
    led: int = 0
    limited: int = 0
    has_renewed: bool = False


@dataclass(slots=True)
class Api:
    """One API, with one account. What it raises is a ForgeError, without secrets in its text."""

    requester: Requester
    tokens: Tokens
    pacer: Pacer
    world: World
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    jitter: Callable[[], float] = random.random
    _patience: Patience = field(init=False)
    _one_writes: Lock = field(default_factory=Lock)
    _one_asks: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._patience = Patience("GitHub", self.world, self.pacer, self.policy)

    def get(self, path: str, parameters: Mapping[str, str] | None = None, *, scope: Scope = None) -> object:
        """Return the JSON of a GET."""
        return self._ask(_Request("GET", path, parameters or {}, None, {}, True, scope, None)).data

    def get_answer(self, path: str) -> Answer:
        """Return the whole answer to a GET: its status and headers as well."""
        return self._ask(_Request("GET", path, {}, None, {}, True, None, None))

    def get_text(self, path: str, accept: str, *, scope: Scope = None) -> str:
        """Return the text of a GET in another media type."""
        return self._ask(_Request("GET", path, {}, None, {"Accept": accept}, True, scope, None)).text

    def get_as(self, path: str, authorization: str) -> object:
        """Return the JSON of a GET with another Authorization header."""
        return self._ask(_Request("GET", path, {}, None, {}, True, None, authorization)).data

    def pages(self, path: str, parameters: Mapping[str, str] | None = None, *, scope: Scope = None) -> Iterator[object]:
        """Yield the JSON of each page of a listing; the links in the answers are not followed."""
        for page in range(1, _MOST_PAGES + 1):
            asked = {**(parameters or {}), "per_page": str(_PER_PAGE), "page": str(page)}
            data = self.get(path, asked, scope=scope)
            yield data
            listed = data if isinstance(data, list) else next((v for v in _values(data) if isinstance(v, list)), [])
            if len(listed) < _PER_PAGE:
                return

    def write(self, verb: str, path: str, body: Mapping[str, object], *, scope: Scope = None) -> object:
        """Send a POST or PATCH when its turn has come, and return the JSON.

        Raises Unclear where it may or may not have happened, Invalid for 406, 409 and 422.
        """
        return self._ask(_Request(verb, path, {}, body, {}, False, scope, None)).data

    def mint(self, path: str, body: Mapping[str, object], authorization: str) -> object:
        """Send a POST that makes a token: one that is made twice hurts nobody, so it is tried again like a read."""
        return self._ask(_Request("POST", path, {}, body, {}, True, None, authorization)).data

    def query(
        self, text: str, variables: Mapping[str, object], *, scope: Scope = None, is_read: bool = True
    ) -> tuple[dict[str, object], list[dict[str, object]]]:
        """Return the data and the errors of a GraphQL request; a mutation is a write.

        Raises ForgeError where there is no data at all, Invalid where a mutation was refused.
        """
        body = {"query": text, "variables": dict(variables)}
        url = self.requester.graphql_url
        data = self._ask(_Request("POST", url, {}, body, {}, is_read, scope, None)).data
        found = data.get("data") if isinstance(data, dict) else None
        errors = errors_of(data)
        # Of two parts of a mutation, the second may do without the first: whoever asked sees what it has.
        if isinstance(found, dict) and (is_read or not errors or found.get("createCommitOnBranch")):
            return found, errors
        said = shown("; ".join(str(e.get("message", "")) for e in errors[:5]))
        if is_read:
            raise ForgeError(f"GitHub could not answer the query: {said or 'it gives no reason'}")
        if way := _way_out(said):
            raise ForgeForbids(f"GitHub refused: {said}; {way}")
        raise Invalid(
            f"GitHub refused: {said}", " ".join(f"{e.get('type', '')} {e.get('message', '')}" for e in errors)
        )

    def _ask(self, request: _Request) -> Answer:
        for tried in count(1):
            self._patience.check()
            try:
                answer = self._send(request)
            except NetError as error:
                self._rest_after(request, error, tried)
                continue
            if self._is_good(request, answer, tried):
                return answer
        raise AssertionError("count() does not end")

    def _send(self, request: _Request) -> Answer:
        authorization = request.authorization or self.tokens.header(request.scope)
        headers = {"Accept": "application/vnd.github+json", **request.headers, "Authorization": authorization}
        body = dict(request.body) if request.body is not None else None
        # GitHub asks for one request after the other, and PyGithub's requester is not for two threads.
        with nullcontext() if request.is_read else self._one_writes:
            if not request.is_read:
                self.pacer.turn()
            with self._one_asks:
                status, told, text = self.requester.requestJson(
                    request.verb, request.url, dict(request.parameters), headers, body
                )
        # Whoever quotes a token at us: from here on it is gone.
        return Answer(status, told, redact(text, self.tokens.secrets()))

    def _is_good(self, request: _Request, answer: Answer, tried: int) -> bool:
        """Return whether the answer is to be taken; else have done what must be done before it is asked again."""
        match judge(answer, is_read=request.is_read, limited=request.limited, now=self.world.now()):
            case Take():
                return True
            case Wait(seconds, is_secondary):
                request.limited += 1
                self._wait(request, seconds, is_secondary)
            case Again() if tried < self.policy.tries:
                self.world.sleep(self.policy.pause_seconds(tried, self.jitter()))
            case Follow() if request.led < _MOST_LED:
                self._follow(request, answer)
            case Renew() if not request.has_renewed and not request.authorization and self.tokens.renew(request.scope):
                request.has_renewed = True
            case Doubt():
                raise Unclear(f"{self._name(request)}: {answer.status}, so it may or may not have happened")
            case Again() | Follow() | Renew() | Refuse():
                self._refuse(request, answer)
        return False

    def _rest_after(self, request: _Request, error: NetError, tried: int) -> None:
        if not request.is_read and not isinstance(error, _NOT_SENT):
            raise Unclear(f"{self._name(request)}: it may or may not have happened: {error}") from error
        if class_of(error) is not RetryClass.R3 or tried >= self.policy.tries:
            raise ForgeError(str(error)) from error
        self.world.sleep(self.policy.pause_seconds(tried, self.jitter()))

    def _wait(self, request: _Request, seconds: float, is_secondary: bool) -> None:
        if is_secondary:
            self.pacer.close(max(seconds, _SECONDARY_SECONDS))
        held = max(seconds, _SECONDARY_SECONDS) if is_secondary and not request.is_read else seconds
        self._patience.wait(held, request.limited, is_read=request.is_read)

    def _follow(self, request: _Request, answer: Answer) -> None:
        """Lead a request on to where a renamed repository is now; to the same API only."""
        target = answer.headers.get(LED_TO, "")
        base = self.requester.base_url
        try:
            is_same = Origin.parse(target) == Origin.parse(base)
        except AddressRefused:
            is_same = False
        path = urlsplit(target).path
        prefix = urlsplit(base).path.rstrip("/")
        if not is_same or not path.startswith(f"{prefix}/") or ".." in path:
            raise ForgeError(f"{self._name(request)}: the answer leads elsewhere, which is not followed")
        request.led += 1
        request.url = path.removeprefix(prefix)
        if query := urlsplit(target).query:
            request.url, request.parameters = f"{request.url}?{query}", {}

    def _refuse(self, request: _Request, answer: Answer) -> NoReturn:
        said = answer.said
        message = f"{self._name(request)}: {answer.status} {said}".rstrip()
        if answer.status in {406, 409, 422}:
            raise Invalid(message, said)
        if answer.status == 401:
            raise ForgeForbids(f"{message}; the token is wrong, has expired, or was revoked")
        if answer.status in {403, 404, 410, 451}:
            way = _way_out(said)
            if answer.status == 404:
                way = "it is not there, or this account may not see it"
            raise ForgeForbids(f"{message}; {way}" if way else message)
        raise ForgeError(message)

    def _name(self, request: _Request) -> str:
        return f"GitHub, {request.verb} {urlsplit(request.url).path}"


def _way_out(said: str) -> str | None:
    return next((way for word, way in _WAYS_OUT if word in said.lower()), None)


def _values(data: object) -> list[object]:
    return list(data.values()) if isinstance(data, dict) else []
