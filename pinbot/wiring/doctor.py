"""What `pinbot doctor` asks, all at once: each registry and forge of the settings and of a scan, and the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pinbot.config.settings import RegistrySettings, Settings
from pinbot.diagnosis import forges, registries, surroundings
from pinbot.diagnosis.facts import LedgerFacts, RegistryFacts, SettingsFacts
from pinbot.diagnosis.finding import Diagnosis, Subject
from pinbot.errors import AddressRefused, NetError, UsageError
from pinbot.net.backend import CONNECT_SECONDS
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies
from pinbot.oci.reference import Reference
from pinbot.registry import examine as asking
from pinbot.registry.options import RegistryOptions, fold
from pinbot.wiring import _ledger_location, _registry
from pinbot.wiring.ambient import ambient
from pinbot.wiring.reaching import proxies

if TYPE_CHECKING:
    from pinbot.store.location import Location


@dataclass(frozen=True, slots=True)
class Order:
    """What is looked at: the settings with their file, the references of a scan, and which ledger."""

    settings: Settings
    file: str | None
    environ: Mapping[str, str]
    references: Sequence[Reference] = ()
    repository_file: str | None = None
    ledger: str | None = None
    folder: str | None = None

    @property
    def seconds(self) -> float:
        """How long a server is waited for: as long as for a connection, or less where the settings say so."""
        return min(CONNECT_SECONDS, self.settings.timeout_seconds)


def diagnose(order: Order) -> Diagnosis:
    """Ask everybody at once, and return what is to be thought of the answers. Raises UsageError."""
    location = _located(order)
    chosen = order.settings.sweep.forges if order.settings.sweep else ()
    with ThreadPoolExecutor(2 + len(chosen)) as pool:
        asked = pool.submit(_registries, order)
        of_forges = [pool.submit(_forge, order, number) for number in range(len(chosen))]
        remembered = pool.submit(_ledger, order, location)
        now = datetime.now(UTC)
        return Diagnosis(
            (
                surroundings.settings(_settings(order)),
                *(registries.judged(facts, now) for facts in asked.result()),
                *(subject for future in of_forges for subject in future.result()),
                surroundings.ledger(remembered.result()),
            )
        )


def _registries(order: Order) -> Sequence[RegistryFacts]:
    chosen = order.settings
    seen = ambient(chosen, order.environ, order.folder, unattended=False)
    # A helper that hangs must leave time for the registry itself.
    seen = replace(seen, helper_seconds=min(seen.helper_seconds, order.seconds / 2))
    return asking.examine(list(_wanted(order)), seen, _ways(order)[0], order.seconds)


def _ways(order: Order) -> tuple[Proxies, str | None]:
    """Return the proxies of a run, and why they are not those of the settings."""
    try:
        return proxies(order.settings.proxy, order.environ), None
    except UsageError as error:
        return Proxies.from_environ(order.environ), str(error)


def _wanted(order: Order) -> Iterator[asking.Wanted]:
    """Yield the registries of the settings, then those of the scan, each under its one name."""
    used: dict[str, list[Reference]] = {}
    for reference in order.references:
        used.setdefault(_folded(reference.registry), []).append(reference)
    in_settings = {_folded(name): (name, one) for name, one in order.settings.registries.items()}
    mirrors = {_folded(one.mirror.registry) for one in order.settings.registries.values() if one.mirror}
    for name in dict.fromkeys((*in_settings, *sorted(mirrors), *sorted(used))):
        found = used.get(name, [])
        written, chosen = in_settings.get(name, (name, RegistrySettings()))
        options, why = _options(written, chosen, order.environ)
        yield asking.Wanted(name, options, _image(found), len(found), name in in_settings or name in mirrors, why)


def _folded(name: str) -> str:
    try:
        return fold(name)
    except AddressRefused:
        return name  # told of where it is asked


def _options(name: str, chosen: RegistrySettings, environ: Mapping[str, str]) -> tuple[RegistryOptions, str | None]:
    """Return the options of a registry, and why they are less than the settings say."""
    try:
        return _registry(name, chosen, environ), None
    except UsageError as error:
        why = str(error)
    with suppress(UsageError):
        bare = replace(chosen, username=None, password=None, token=None, identity_token=None, credentials=None)
        return _registry(name, bare, environ), why
    return RegistryOptions(), why


def _image(found: Iterable[Reference]) -> tuple[str, str] | None:
    """Return what is asked for: a tag that stands in the files rather than a digest, which may be gone."""
    pairs = [(r.path, r.tag or (str(r.digest) if r.digest else "latest")) for r in found]
    return min(pairs, key=lambda pair: (":" in pair[1], pair), default=None)


def _forge(order: Order, number: int) -> list[Subject]:
    from pinbot.wiring.forge_checkup import examine

    assert order.settings.sweep is not None
    facts = examine(order.settings, number, order.environ, order.seconds)
    return [forges.judged(one, datetime.now(UTC)) for one in facts]


def _located(order: Order) -> Location | None:
    return None if _kept_in(order) else _ledger_location(order.settings.ledger, order.ledger, order.environ)


def _kept_in(order: Order) -> str | None:
    """Return the repository that keeps the ledger, unless another ledger is named."""
    return None if order.ledger or order.environ.get("PINBOT_LEDGER") else order.settings.ledger.repository


def _ledger(order: Order, location: Location | None) -> LedgerFacts:
    kept_in = _kept_in(order)
    if kept_in is None:
        from pinbot.store.examine import examine

        return examine(location)
    from pinbot.wiring.forge_checkup import examine_ref

    assert order.settings.sweep is not None
    with TemporaryDirectory(prefix="pinbot-") as cache:
        kept = replace(order.settings, sweep=replace(order.settings.sweep, cache=cache))
        return examine_ref(kept, kept_in, order.environ, order.seconds)


def _settings(order: Order) -> SettingsFacts:
    docker_config = ambient(order.settings, order.environ, order.folder, unattended=False).docker_config
    found = str(docker_config) if docker_config is not None and docker_config.exists() else None
    ways, why = _ways(order)
    servers, useless = _servers(ways)
    return SettingsFacts(
        order.file,
        order.repository_file,
        found,
        servers,
        tuple(_unreadable(order.settings)),
        useless=useless if why is None else (why, *useless),
    )


def _servers(ways: Proxies) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the proxies without their logins, and what is wrong with those that cannot be used."""
    servers, useless = [], []
    for scheme in ("https", "http"):
        try:
            server = ways.server_for(Origin(scheme, "registry.invalid", 1))
        except NetError as error:
            useless.append(str(error))
        else:
            if server is not None:
                servers.append(f"{server.origin} for {scheme}")
    return tuple(servers), tuple(dict.fromkeys(useless))


def _unreadable(chosen: Settings) -> Iterator[str]:
    """Yield the keys for signing that cannot be read; other files are tried where they are used."""
    signing = chosen.sweep.signing if chosen.sweep else None
    files = (signing.ssh_key_file, signing.gpg_key_file) if signing else ()
    for file in files:
        if file is not None and not (Path(file).is_file() and os.access(file, os.R_OK)):
            yield f"{file}: the key for signing cannot be read"
