"""Settings from YAML: every key is known and of its type, or the error names file, line, column and the way out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pinbot.config._mirrors import mirror, mirrors
from pinbot.config._reaching import client_certificate, proxy
from pinbot.config.credentials import credentials, helpers
from pinbot.config.rules import checked_paths, rulebook
from pinbot.config.secrets import secret
from pinbot.config.section import Section, compose
from pinbot.config.settings import (
    DEFAULT_CONCURRENCY,
    DEFAULT_JOBS,
    DEFAULT_RESERVE,
    DEFAULT_TIMEOUT_SECONDS,
    LedgerSettings,
    PatternSettings,
    RegistrySettings,
    Settings,
)
from pinbot.errors import InvalidPattern, SettingsError
from pinbot.oci.mirrors import Mirrors

if TYPE_CHECKING:
    from pinbot.config.sweeping import SweepSettings

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# As `--repo` takes it: a host and a path, or the folder of a local one.
_REPOSITORY = re.compile(r"/[^\x00-\x1f\x7f]{1,1000}|[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~%+-]+){2,}")


def load(path: str) -> Settings:
    """Read the settings file at `path`. Raises SettingsError with `file:line:column`."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: the settings cannot be read: {error.strerror}") from error
    return parse(path, text)


def parse(path: str, text: bytes) -> Settings:
    """Return the settings that `text` holds; `path` is for errors only. Raises SettingsError."""
    document = compose(path, text)
    if document is None:
        return Settings()
    top = Section(path, document, "the settings")
    registries: dict[str, RegistrySettings] = top.section("registries", _registries, {})
    settings = Settings(
        registries=registries,
        include=checked_paths(top.items("include", "a list of strings")),
        exclude=checked_paths(top.items("exclude", "a list of strings")),
        patterns=_named(top.sections("patterns", _pattern)),
        jobs=top.number("jobs", DEFAULT_JOBS, least=1, most=64),
        docker_config=top.flag("docker-config", default=True),
        containers_auth=top.flag("containers-auth", default=True),
        credential_helpers=helpers(top),
        timeout_seconds=float(top.number("timeout-seconds", int(DEFAULT_TIMEOUT_SECONDS), least=1, most=600)),
        proxy=proxy(top),
        ledger=_ledger(top),
        rulebook=replace(
            rulebook(top), mirrors=top.section("registries", partial(mirrors, registries=registries), Mirrors())
        ),
        sweep=_sweep(top),
        fingerprint=f"sha256:{hashlib.sha256(text).hexdigest()}",
    )
    top.nothing_else()
    return settings


def _registries(section: Section) -> dict[str, RegistrySettings]:
    return {name: section.section(name, _registry, RegistrySettings()) for name in section.names()}


def _registry(section: Section) -> RegistrySettings:
    settings = RegistrySettings(
        endpoint=section.text("endpoint"),
        allow_http=section.flag("allow-http", default=False),
        ca_file=section.file("ca-file"),
        username=section.text("username"),
        password=section.section("password", secret, None),
        token_hosts=section.strings("token-hosts"),
        push_dates=section.text_or_off("push-dates"),
        token=section.section("token", secret, None),
        identity_token=section.section("identity-token", secret, None),
        credentials=credentials(section),
        client_certificate=section.section("client-certificate", client_certificate, None),
        proxy=proxy(section),
        mirror=section.section("mirror", mirror, None),
        concurrency=section.number("concurrency", DEFAULT_CONCURRENCY, least=1, most=DEFAULT_CONCURRENCY),
        # None of them is no pace at all; a pace below one a minute would not end within a day.
        requests_per_minute=section.number("requests-per-minute", 0, least=1, most=60_000) or None,
        reserve=section.share("reserve", DEFAULT_RESERVE),
    )
    section.nothing_else()
    if settings.endpoint is not None and not settings.endpoint.startswith(("http://", "https://")):
        raise section.fail("endpoint", "endpoint must be a URL that begins with https:// (or http://)")
    if not (settings.push_dates or "off").startswith(("http://", "https://")) and settings.push_dates not in {
        None,
        "off",
    }:
        raise section.fail("push-dates", "push-dates must be a URL that begins with https:// (or http://), or false")
    if (settings.username is None) != (settings.password is None):
        key = "username" if settings.password is None else "password"
        raise section.fail(key, "username and password go together")
    ways = ("username", "token", "identity-token", "credentials")
    given = [key for key in ways if section.raw(key) is not None]
    if len(given) > 1:
        raise section.fail(given[1], f"{given[0]} and {given[1]} are two ways in; which of them counts?")
    return settings


def _ledger(top: Section) -> LedgerSettings:
    """Read `ledger`: a path or URL, false for none, a mapping with `url` and `password`, or one with `repository`."""
    if isinstance(top.raw("ledger"), Mapping):
        return top.section("ledger", _database, LedgerSettings())
    location = top.text_or_off("ledger")
    if location is not None and location != "off" and "://" not in location:
        location = top.file("ledger")
    return LedgerSettings(location)


def _database(section: Section) -> LedgerSettings:
    settings = LedgerSettings(
        section.text("url"), section.section("password", secret, None), section.text("repository")
    )
    section.nothing_else()
    if settings.repository is not None:
        if settings.location or settings.password or not _REPOSITORY.fullmatch(settings.repository):
            raise section.fail("repository", "repository is HOST/OWNER/NAME or a folder of `forges`, and stands alone")
        return settings
    if settings.location is None or "://" not in settings.location:
        raise section.fail("url", "url must be that of a database, postgresql://USER@HOST/DATABASE")
    return settings


def _pattern(section: Section) -> PatternSettings:
    name, paths, pattern = section.text("name") or "", section.strings("paths"), section.text("pattern")
    section.nothing_else()
    if not paths or pattern is None:
        raise section.fail("pattern", "a pattern needs `paths`, which files it is for, and `pattern`, what to find")
    if name and not _NAME.fullmatch(name):
        raise section.fail("name", "a name is made of lower-case letters, digits and hyphens")
    from pinbot.formats._pattern import checked

    try:
        checked(pattern)
    except InvalidPattern as error:
        raise section.fail("pattern", str(error)) from error
    return PatternSettings(name, paths, pattern)


def _named(patterns: tuple[PatternSettings, ...]) -> tuple[PatternSettings, ...]:
    """Give a name to the patterns that have none; `--only` and reports call them by it."""
    return tuple(p if p.name else replace(p, name=f"pattern-{n}") for n, p in enumerate(patterns, 1))


def _sweep(top: Section) -> SweepSettings | None:
    """Return the settings of a pass, where there are any; most runs have none, and need not load what reads them."""
    if all(top.raw(key) is None for key in ("forges", "pull-requests", "cache")):
        return None
    from pinbot.config.forges import sweeping

    return sweeping(top)
