"""The handshake: one ping tells what a registry asks for; logins and tokens follow from that alone.

https://distribution.github.io/distribution/spec/auth/token/. A challenge in any later answer is not read, so
that no answer about one repository can send a login elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pinbot.errors import (
    AddressRefused,
    AnswerTooLarge,
    NetError,
    NotARegistry,
    RedirectRefused,
    RegistryError,
    Unauthorized,
)
from pinbot.net.client import Client
from pinbot.net.credential import Credential
from pinbot.net.host import OPEN_SECONDS
from pinbot.net.origin import Origin, shorten
from pinbot.net.response import TOKEN_BYTES, Response
from pinbot.registry.challenge import Basic, Bearer, Challenge, Open, Unknown, read_challenge
from pinbot.registry.credentials._base import Anonymous, IdentityToken, Known, Login, RegistryToken, Who, described
from pinbot.registry.flights import Flights
from pinbot.registry.refusal import refusal
from pinbot.registry.token import Token, may_have_login, read_token, token_form, token_url
from pinbot.secret import Secret

# What a token server says that knows no POST: the specification has 404, servers have said the others as well.
_NO_POST = {404, 405, 501}
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the ping brought: the challenge, whether it was answered as a registry does, and the answer itself."""

    challenge: Challenge
    looks_like_registry: bool
    response: Response | None = None


class Authenticator:
    """Knows how to be let in at one registry, for one run.

    `find` gives the credentials for a repository; `warn` takes sentences for the user, `note` each 429 of a token
    server.
    """

    def __init__(
        self,
        registry: str,
        origin: Origin,
        client: Client,
        find: Callable[[str], Awaitable[Who]],
        token_hosts: tuple[str, ...],
        warn: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        note: Callable[[Response], None] = lambda _response: None,
    ) -> None:
        self._registry = registry
        self._origin = origin
        self._client = client
        self._find = find
        self._token_hosts = token_hosts
        self._warn = warn
        self._clock = clock
        self._note = note
        self._failed_at = 0.0
        self._pings: Flights[None, Greeting] = Flights()
        self._tokens: Flights[tuple[str, Who], tuple[Credential, float]] = Flights()
        self._strangers: set[str] = set()
        self._closed: set[str] = set()
        self._refused: set[tuple[str, Who]] = set()
        self._proven: set[Who] = set()
        self._bad: set[Who] = set()
        self._turns: defaultdict[Who, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def greeting(self) -> Greeting:
        """Return what the ping brought. Raises NetError, RegistryError.

        It is sent once; after a failure once a minute, so that a registry that comes back is noticed in a long run.
        """
        if self._clock() >= self._failed_at + OPEN_SECONDS:
            self._pings.forget(None, only_if=lambda _greeting: False)
        return await self._pings.get(None, self._ping)

    async def who(self, path: str) -> Who:
        """Return as whom a repository is asked."""
        return Anonymous() if path in self._strangers else await self._find(path)

    async def credential(self, path: str, who: Who) -> Credential | None:
        """Return what to send along, None for nothing. Raises NetError, RegistryError."""
        challenge = (await self.greeting()).challenge
        if who in self._bad:
            raise self.rejection(who)
        match challenge:
            case Open():
                return None
            case Basic():
                return self._basic(who)
            case Bearer():
                if isinstance(who, RegistryToken):
                    return Credential.bearer(self._origin, who.token)
                return await self._token(challenge, path, who)
            case Unknown(header):
                raise Unauthorized(f"{self._registry}: it asks for credentials in a way that is not known: {header!r}")

    def rejection(self, who: Who) -> Unauthorized:
        """Return the error for credentials that are not accepted."""
        return Unauthorized(
            f"{self._registry}: {described(who)} is not accepted; "
            "log in again, or correct the settings. It is not tried again in this run"
        )

    def is_bad(self, who: Who) -> bool:
        """Whether these credentials have been found to be no good."""
        return who in self._bad

    def accepted(self, who: Who) -> None:
        """Remember that the registry accepts this login."""
        self._proven.add(who)

    async def renewed(self, path: str, who: Who, refused: Credential) -> Credential | None:
        """Return a credential after a 401 on `refused`: a new token, unless another task has got one by now."""
        self._tokens.forget((path, who), only_if=lambda known: known[0] == refused)
        return await self.credential(path, who)

    @asynccontextmanager
    async def in_turn(self, who: Who) -> AsyncIterator[None]:
        """Let one request at a time try a login until it is known to be good or bad: some servers lock accounts."""
        if isinstance(who, Anonymous) or who in self._proven or who in self._bad:
            yield
            return
        async with self._turns[who]:
            yield

    def may_renew(self, path: str, who: Who) -> bool:
        """Whether a new token may help after a 401: not where one has been refused already."""
        return (path, who) not in self._refused

    def give_up(self, path: str, who: Who) -> None:
        """Ask for no more tokens after two 401 in a row; mark a login as bad, unless it has been accepted elsewhere."""
        self._refused.add((path, who))
        if not isinstance(who, Anonymous) and who not in self._proven:
            self._bad.add(who)

    def may_be_stranger(self, path: str) -> bool:
        """Whether a repository may be open to everyone: not where a stranger has been refused already."""
        return path not in self._closed

    def stay(self, path: str) -> None:
        """Remember that a repository is closed to strangers."""
        self._closed.add(path)

    def become_stranger(self, path: str, who: Who) -> None:
        """Ask a repository without credentials from now on, since it answers to strangers only."""
        self._strangers.add(path)
        self._warn(
            f"{self._registry}: {path} is refused to {described(who)}, but open to everyone, and asked without; "
            "these credentials are probably out of date"
        )

    async def _ping(self) -> Greeting:
        try:
            return await self._greet()
        except (NetError, RegistryError):
            self._failed_at = self._clock()
            raise

    async def _greet(self) -> Greeting:
        try:
            response = await self._client.request("GET", f"{self._origin}/v2/", limit=TOKEN_BYTES)
        except AnswerTooLarge:
            return Greeting(Open(), looks_like_registry=False)
        if response.status == 429 or response.status >= 500:
            raise refusal(response, self._registry)
        if response.status == 401 and response.origin == self._origin:
            return Greeting(read_challenge(response.headers.get("www-authenticate", "")), True, response)
        looks = response.status == 200 and not response.media_type.startswith("text/html")
        return Greeting(Open(), looks, response)

    async def _token(self, challenge: Bearer, path: str, who: Who) -> Credential:
        key = (path, who)
        credential, until = await self._tokens.get(key, lambda: self._fetch(challenge, path, who))
        if self._clock() >= until:
            self._tokens.forget(key)
            credential, _ = await self._tokens.get(key, lambda: self._fetch(challenge, path, who))
        return credential

    async def _fetch(self, challenge: Bearer, path: str, who: Who) -> tuple[Credential, float]:
        realm = self._realm(challenge.realm)
        token = await self._ask_for_token(challenge, realm, path, self._known_to(realm, who))
        return Credential.bearer(self._origin, token.secret), self._clock() + token.seconds

    def _realm(self, realm: str) -> Origin:
        try:
            origin = Origin.parse(realm)
        except AddressRefused as error:
            raise RedirectRefused(f"{self._registry}: its token server is not one that is asked: {error}") from error
        if origin.scheme == "http" and self._origin.scheme == "https":
            raise RedirectRefused(
                f"{self._registry}: its token server {shorten(realm)} is spoken to by http, which is not followed"
            )
        return origin

    def _basic(self, who: Who) -> Credential | None:
        if isinstance(who, Login):
            return Credential.basic(self._origin, who.username, who.password)
        if not isinstance(who, Anonymous):
            self._warn(
                f"{self._registry}: it asks for a user name and a password, so {described(who)} is of no use there"
            )
        return None

    def _known_to(self, realm: Origin, who: Who) -> Known | None:
        """Return the credentials that a token server may see, None where it may see none."""
        if isinstance(who, Anonymous):
            return None
        named = who.realms if isinstance(who, Login) else ()
        if may_have_login(realm, self._origin, (*self._token_hosts, *named)):
            return who
        self._warn(
            f"{self._registry}: its token server {realm} is on another host, so {described(who)} is not sent there; "
            "name that host in the settings (token_hosts) if it is meant"
        )
        return None

    async def _ask_for_token(self, challenge: Bearer, realm: Origin, path: str, known: Known | None) -> Token:
        response = await self._exchange(challenge, realm, path, known)
        if response.status == 429:  # a token that is given says nothing about the registry's own patience
            self._note(response)
        if response.status == 200:
            return read_token(response.body, realm)
        if response.status == 401 and known:
            self._bad.add(known)
            raise self.rejection(known)
        if response.status == 404:
            raise NotARegistry(f"{self._registry}: there is no token server at {shorten(challenge.realm)} (404)")
        raise refusal(response, f"{self._registry}/{path}")

    async def _exchange(self, challenge: Bearer, realm: Origin, path: str, known: Known | None) -> Response:
        """Ask the token server: by POST with an identity token where it knows that, else by GET."""
        url = challenge.realm.partition("#")[0]
        if isinstance(known, IdentityToken):
            form = token_form(known.token, challenge.service, path)
            response = await self._client.send(
                "POST", realm.spell(url), form, limit=TOKEN_BYTES, media_type=_FORM, led_by=self._origin, redirects=0
            )
            if response.status not in _NO_POST:
                return response
        pair = _pair(known)
        return await self._client.request(
            "GET",
            token_url(url, challenge.service, path),
            limit=TOKEN_BYTES,
            credential=Credential.basic(realm, *pair) if pair else None,
            led_by=self._origin,
            redirects=0,
        )


def _pair(known: Known | None) -> tuple[str, Secret] | None:
    match known:
        case Login(username=username, password=password):
            return username, password
        case IdentityToken(token=token, username=username):
            return username, token
        case _:
            return None
