"""All registries of a run by name: each with its endpoint, its logins and its client, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from pinbot.discovery import collect
from pinbot.errors import AddressRefused, UsageError
from pinbot.net.client import Client, OriginRules
from pinbot.net.origin import Origin
from pinbot.registry import credentials
from pinbot.registry.auth import Authenticator
from pinbot.registry.client import RegistryClient
from pinbot.registry.credentials._base import Anonymous, Login, Lookup, Source, Sources, Wanted, first_answer
from pinbot.registry.options import RegistryOptions, endpoint_of, fold, push_dates_of, rules_for
from pinbot.registry.push_dates import PushDates


class Registries:
    """Gives the client of each registry. `open_client` makes the HTTP client from what is known of the origins.

    Raises UsageError for options that cannot be used.
    """

    def __init__(
        self,
        options: Mapping[str, RegistryOptions],
        open_client: Callable[[Mapping[Origin, OriginRules]], Client],
        docker_config: Path | None,
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
        self._lookups = _open_sources(self._options, docker_config, warn)
        self._known: dict[str, RegistryClient] = {}

    def named(self, registry: str) -> RegistryClient:
        """Return the client of a registry. Raises AddressRefused for a name that is no host."""
        name = fold(registry)
        if name not in self._known:
            self._known[name] = self._open(name)
        return self._known[name]

    def push_dates(self, registry: str) -> PushDates:
        """Return who knows when the registry's tags were pushed. Raises AddressRefused for a name that is no host."""
        name = fold(registry)
        options = self._options.get(name, RegistryOptions())
        return PushDates(name, push_dates_of(name, options), self._client, self._now)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def _open(self, name: str) -> RegistryClient:
        options = self._options.get(name, RegistryOptions())
        origin = endpoint_of(name, options)

        host = name if options.endpoint is None or origin == endpoint_of(name, RegistryOptions()) else origin.authority

        def find(path: str) -> Login | Anonymous:
            return first_answer(self._lookups, Wanted(name, host, path))

        auth = Authenticator(name, origin, self._client, find, options.token_hosts, self._warn, self._clock)
        return RegistryClient(name, origin, self._client, auth, self._clock)


def _by_name(options: Mapping[str, RegistryOptions]) -> dict[str, RegistryOptions]:
    found: dict[str, RegistryOptions] = {}
    for written, option in options.items():
        name = fold(written)
        if name in found:
            raise UsageError(f"The settings name {name} twice, once as {written!r}; which of the two counts?")
        found[name] = option
    return found


def _open_sources(
    options: Mapping[str, RegistryOptions], docker_config: Path | None, warn: Callable[[str], None]
) -> list[Lookup]:
    given = {
        name: Login(option.username, option.password)
        for name, option in options.items()
        if option.username is not None and option.password is not None
    }
    sources = sorted(collect(credentials, "SOURCE", Source), key=lambda source: source.rank)
    return [source.open(Sources(given, docker_config), warn) for source in sources]
