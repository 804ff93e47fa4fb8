"""All registries of a run by name: each with its endpoint, its logins and its client, made when first asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from pinbot.discovery import collect
from pinbot.errors import AddressRefused, UsageError
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.response import TOKEN_BYTES, Response
from pinbot.net.rules import OriginRules
from pinbot.registry import credentials
from pinbot.registry.auth import Authenticator
from pinbot.registry.client import RegistryClient
from pinbot.registry.credentials._base import (
    Ambient,
    Anonymous,
    Chosen,
    IdentityToken,
    Login,
    RegistryToken,
    Wanted,
    Who,
)
from pinbot.registry.credentials._helper import Helpers
from pinbot.registry.credentials._source import Source, Sources, first_answer
from pinbot.registry.limit import Limit, PullLimit, Thrift
from pinbot.registry.options import RegistryOptions, endpoint_of, fold, push_dates_of, rules_for
from pinbot.registry.push_dates import PushDates


class Registries:
    """Gives the client of each registry. `open_client` makes the HTTP client from what is known of the origins.
    While `thrift` is on, no pulls are taken that somebody else may need.

    Raises UsageError for options that cannot be used.
    """

    def __init__(
        self,
        options: Mapping[str, RegistryOptions],
        open_client: Callable[[Mapping[Origin, OriginRules]], Client],
        ambient: Ambient,
        warn: Callable[[str], None],
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        try:
            self._options = _by_name(options)
            rules = rules_for(self._options)
        except AddressRefused as error:
            raise UsageError(f"The settings name a registry that is none: {error}") from error
        self._client = open_client(rules)
        self._warn = warn
        self._clock = clock
        self._now = now
        chosen = {name: option.chosen for name, option in self._options.items() if option.chosen}
        helpers = Helpers(ambient, warn)
        sources = Sources(_given(self._options), chosen, ambient, helpers, self._post, clock)
        ranked = sorted(collect(credentials, "SOURCE", Source), key=lambda source: source.rank)
        self._lookups = [source.open(sources, warn) for source in ranked]
        self._known: dict[str, RegistryClient] = {}
        self._who: dict[str, Callable[[str], Awaitable[Who]]] = {}
        self._limits: dict[str, Limit] = {}
        self.thrift = Thrift()

    def named(self, registry: str) -> RegistryClient:
        """Return the client of a registry. Raises AddressRefused for a name that is no host."""
        name = fold(registry)
        if name not in self._known:
            self._known[name] = self._open(name)
        return self._known[name]

    async def who(self, registry: str, path: str) -> Who:
        """Return as whom a repository is asked, and who gave these credentials. Raises AddressRefused."""
        name = fold(registry)
        self.named(name)
        return await self._who[name](path)

    def push_dates(self, registry: str) -> PushDates:
        """Return who knows when the registry's tags were pushed. Raises AddressRefused for a name that is no host."""
        name = fold(registry)
        options = self._options.get(name, RegistryOptions())
        return PushDates(name, push_dates_of(name, options), self._client, self._now, self._limit(name))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def _open(self, name: str) -> RegistryClient:
        options = self._options.get(name, RegistryOptions())
        origin = endpoint_of(name, options)

        host = name if options.endpoint is None or origin == endpoint_of(name, RegistryOptions()) else origin.authority

        async def find(path: str) -> Who:
            return await first_answer(self._lookups, Wanted(name, host, path, origin))

        limit = self._limit(name)
        auth = Authenticator(
            name, origin, self._client, find, options.token_hosts, self._warn, self._clock, note=limit.note
        )
        self._who[name] = auth.who
        pulls = PullLimit(self._clock, self._now, options.reserve, self.thrift)
        return RegistryClient(name, origin, self._client, auth, limit, pulls)

    def _limit(self, name: str) -> Limit:
        """Return the one count of 429 for all hosts of a registry."""
        return self._limits.setdefault(name, Limit(name, self._clock, self._now))

    async def _post(self, url: str, form: Mapping[str, str]) -> Response:
        body, form_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        return await self._client.send("POST", url, body, limit=TOKEN_BYTES, media_type=form_type, redirects=0)


def _by_name(options: Mapping[str, RegistryOptions]) -> dict[str, RegistryOptions]:
    found: dict[str, RegistryOptions] = {}
    for written, option in options.items():
        name = fold(written)
        if name in found:
            raise UsageError(f"The settings name {name} twice, once as {written!r}; which of the two counts?")
        found[name] = option
    return found


_SETTINGS = "the settings"


def _given(options: Mapping[str, RegistryOptions]) -> dict[str, Who]:
    return {name: who for name, option in options.items() if (who := _of_settings(option)) is not None}


def _of_settings(option: RegistryOptions) -> Who | None:
    if option.username is not None and option.password is not None:
        return Login(option.username, option.password, _SETTINGS)
    if option.token is not None:
        return RegistryToken(option.token, _SETTINGS)
    if option.identity_token is not None:
        return IdentityToken(option.identity_token, _SETTINGS)
    return Anonymous() if option.chosen == Chosen("none") else None
