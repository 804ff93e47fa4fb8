"""The questions of `pinbot doctor` to registries: each asked once, all at the same time, and none waited for long.

A HEAD tells what is left of the pulls at Docker Hub, and is none itself: https://docs.docker.com/docker-hub/usage/pulls/.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pinbot import errors
from pinbot.diagnosis.facts import Budget, Challenge, Contact, Failure, RegistryFacts, Trial
from pinbot.diagnosis.facts import Login as Known
from pinbot.errors import AddressRefused, PinbotError, RegistryError, UsageError
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies
from pinbot.net.response import Response
from pinbot.net.retry import RetryPolicy
from pinbot.registry import challenge as asking
from pinbot.registry.client import RegistryClient
from pinbot.registry.credentials._base import Ambient, Anonymous, Login, Who
from pinbot.registry.options import RegistryOptions, push_dates_of
from pinbot.registry.refusal import refusal
from pinbot.registry.registries import Registries
from pinbot.registry.resolver import word_for

# What Docker keeps for this question alone.
_FOR_THE_BUDGET = ("ratelimitpreview/test", "latest")
_HUB = "registry-1.docker.io"
# Registries that refuse a HEAD and answer a GET.
_NO_HEAD = frozenset({400, 403, 405, 501})
_STATUSES: Mapping[type[RegistryError], int] = {
    errors.NotFound: 404,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}
_LIMIT = re.compile(r"([0-9]{1,12})(?![0-9])(?:[ \t]*;[ \t]*w[ \t]*=[ \t]*([0-9]{1,9})(?![0-9]))?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A registry to be examined: `image` is what of it is asked for, a repository with a tag or digest.

    `misconfigured` is why its settings cannot be used whole; it is asked with what can.
    """

    name: str
    options: RegistryOptions = field(default_factory=RegistryOptions)
    image: tuple[str, str] | None = None
    references: int = 0
    is_in_settings: bool = False
    misconfigured: str | None = None


def examine(wanted: Sequence[Wanted], ambient: Ambient, proxies: Proxies, seconds: float) -> list[RegistryFacts]:
    """Return the facts about registries, in their order; none takes longer than `seconds`. Raises nothing."""

    async def all_of_them() -> list[RegistryFacts]:
        # Names are looked up in threads: one for each, so that those that nobody knows do not hold up the others.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(min(64, len(wanted) + 1)))
        visits = [_Visit(one, ambient, proxies, seconds) for one in wanted]
        return await asyncio.gather(*(visit.facts_in_time() for visit in visits))

    return asyncio.run(all_of_them())


class _Visit:
    """One registry, with connections of its own: what is wrong with one, no other pays for."""

    def __init__(self, wanted: Wanted, ambient: Ambient, proxies: Proxies, seconds: float) -> None:
        self._wanted, self._ambient, self._proxies, self._seconds = wanted, ambient, proxies, seconds
        self._warnings: dict[str, None] = {}
        self._facts = RegistryFacts(
            wanted.name,
            references=wanted.references,
            is_in_settings=wanted.is_in_settings,
            misconfigured=wanted.misconfigured,
        )

    async def facts_in_time(self) -> RegistryFacts:
        """Return what came to light in time."""
        try:
            registries = self._registries()
        except UsageError as error:
            return replace(self._facts, misconfigured=str(error))
        try:
            async with asyncio.timeout(self._seconds):
                await self._ask(registries)
        except TimeoutError:
            self._late()
        except PinbotError as error:
            self._know(contact=Failure(word_for(error), str(error)))
        finally:
            await registries.close()
        return replace(self._facts, warnings=tuple(self._warnings))

    def _registries(self) -> Registries:
        return Registries(
            {self._wanted.name: self._wanted.options},
            lambda rules: Client(
                rules=rules,
                proxies=self._proxies,
                retries=RetryPolicy(tries=1),
                deadline_seconds=self._seconds,
            ),
            self._ambient,
            self._warn,
            time.monotonic,
            lambda: datetime.now(UTC),
        )

    def _warn(self, sentence: str) -> None:
        self._warnings[sentence] = None

    async def _ask(self, registries: Registries) -> None:
        client = registries.named(self._wanted.name)
        self._name_origins(client)
        path = self._wanted.image[0] if self._wanted.image else ""
        who = await client.auth.who(path)
        if not isinstance(who, Anonymous):
            is_named = isinstance(who, Login) and who.username != who.password.reveal()
            username = who.username if isinstance(who, Login) and is_named else None
            self._know(login=Known(who.source or "a source without a name", username))
        own = self._wanted.options.proxies
        proxy = (self._proxies if own is None else own).server_for(client.origin)
        self._know(proxy=str(proxy.origin) if proxy else None)
        await self._greet(client)
        if self._facts.looks_like_registry and self._facts.challenge != "unknown":
            await self._try(client, path, who)

    def _name_origins(self, client: RegistryClient) -> None:
        origin = client.origin
        dates = push_dates_of(self._wanted.name, self._wanted.options)
        origins = {"registry": str(origin), **({"push dates": str(dates)} if dates else {})}
        self._know(origins=origins, plain_http=origin.scheme == "http" and not origin.is_loopback)

    async def _greet(self, client: RegistryClient) -> None:
        started = time.monotonic()
        greeting = await client.auth.greeting()
        seconds, now = time.monotonic() - started, datetime.now(UTC)
        if isinstance(greeting.challenge, asking.Bearer):
            self._know(origins={**self._facts.origins, "tokens": _origin_of(greeting.challenge.realm)})
        answer = greeting.response
        if answer is None:
            self._know(contact=Contact(str(client.origin), 200, seconds))
            return
        skew = answer.date - now if answer.date else None
        self._know(
            contact=Contact(str(answer.origin), answer.status, seconds, skew, answer.certificate_ends),
            looks_like_registry=greeting.looks_like_registry,
            challenge=_name_of(greeting.challenge),
        )

    async def _try(self, client: RegistryClient, path: str, who: Who) -> None:
        image, is_own = self._wanted.image, True
        if image is None and client.origin.host == _HUB:
            image, is_own = _FOR_THE_BUDGET, False
        if image is None and isinstance(who, Anonymous):
            return
        what = _shown(self._wanted.name, image) if image else "asked for nothing in particular"
        trial = Trial(what, None, is_own=is_own)
        try:
            answer = await _answer(client, image)
        except RegistryError as error:
            status = next((s for kind, s in _STATUSES.items() if isinstance(error, kind)), None)
            trial = replace(trial, status=status, reason=str(error))
        except PinbotError as error:
            trial = replace(trial, reason=str(error))
        else:
            reason = str(refusal(answer, what)) if answer.status >= 400 else None
            trial = replace(trial, status=answer.status, reason=reason)
            self._know(budget=read_budget(answer.headers))
        is_stranger = not isinstance(who, Anonymous) and isinstance(await client.auth.who(path), Anonymous)
        is_bad = client.auth.is_bad(who)
        self._know(trial=replace(trial, as_stranger=is_stranger, is_login_bad=is_bad))

    def _late(self) -> None:
        within = f"no complete answer within {self._seconds:g} s"
        if self._facts.contact is None:
            self._know(contact=Failure("timeout", f"{self._wanted.name}: {within}"))
        elif self._facts.trial is None:
            what = _shown(self._wanted.name, self._wanted.image) if self._wanted.image else self._wanted.name
            self._know(trial=Trial(what, None, f"{what}: {within}"))

    def _know(self, **news: object) -> None:
        self._facts = replace(self._facts, **news)  # type: ignore[arg-type] # fields by their names


async def _answer(client: RegistryClient, image: tuple[str, str] | None) -> Response:
    if image is None:
        return await client.knock()
    answer = await client.probe(*image)
    if answer.status in _NO_HEAD and ":" not in image[1]:
        await client.head(*image)
        answer = replace(answer, status=200)
    return answer


def read_budget(headers: Mapping[str, str]) -> Budget | None:
    """Return what Docker Hub says is left, `100;w=21600` (seconds); None where it says nothing, or nonsense."""
    limit, remaining = (_LIMIT.match(headers.get(f"ratelimit-{name}", "").strip()) for name in ("limit", "remaining"))
    if remaining is None:
        return None
    window = (limit and limit[2]) or remaining[2]
    return Budget(
        int(limit[1]) if limit else None, int(remaining[1]), timedelta(seconds=int(window)) if window else None
    )


def _name_of(challenge: asking.Challenge) -> Challenge:
    match challenge:
        case asking.Open():
            return "open"
        case asking.Basic():
            return "basic"
        case asking.Bearer():
            return "bearer"
        case asking.Unknown():
            return "unknown"


def _origin_of(realm: str) -> str:
    try:
        return str(Origin.parse(realm))
    except AddressRefused:
        return "a place that is not asked"


def _shown(name: str, image: tuple[str, str]) -> str:
    path, tag = image
    return f"{name}/{path}{'@' if ':' in tag else ':'}{tag}"
