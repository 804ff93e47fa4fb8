"""Settings from YAML: every key is known and of its type, or the error names file, line, column and the way out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pinbot.config.settings import (
    DEFAULT_JOBS,
    DEFAULT_TIMEOUT_SECONDS,
    LedgerSettings,
    PatternSettings,
    RegistrySettings,
    SecretSource,
    Settings,
)
from pinbot.errors import InvalidPattern, SettingsError

T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def load(path: str) -> Settings:
    """Read the settings file at `path`. Raises SettingsError with `file:line:column`."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: the settings cannot be read: {error.strerror}") from error
    return parse(path, text)


def parse(path: str, text: bytes) -> Settings:
    """Return the settings that `text` holds; `path` is for errors only. Raises SettingsError."""
    document = _compose(path, text)
    if document is None:
        return Settings()
    top = _Section(path, document, "the settings")
    settings = Settings(
        registries=top.section("registries", _registries, {}),
        include=top.strings("include"),
        exclude=top.strings("exclude"),
        patterns=_named(top.sections("patterns", _pattern)),
        jobs=top.number("jobs", DEFAULT_JOBS, least=1, most=64),
        docker_config=top.flag("docker-config", default=True),
        timeout_seconds=float(top.number("timeout-seconds", int(DEFAULT_TIMEOUT_SECONDS), least=1, most=600)),
        ledger=_ledger(top),
        fingerprint=f"sha256:{hashlib.sha256(text).hexdigest()}",
    )
    top.nothing_else()
    return settings


def _compose(path: str, text: bytes) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt", pure=True).load(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: the settings are not UTF-8") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise SettingsError(f"{place}: not valid YAML: {error.problem or error.context}") from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise SettingsError(f"{path}: not valid YAML: {error}") from error


class _Section:
    """A mapping of the settings: hands out its values by key, and knows where each stands."""

    def __init__(self, path: str, node: Any, name: str, place: str | None = None) -> None:
        if not isinstance(node, Mapping):
            raise SettingsError(f"{place or path}: {name} must be a mapping of keys to values")
        self._path, self._name, self._own_place = path, name, place or path
        self._node: Any = node
        self._asked: list[str] = []

    def raw(self, key: str) -> Any:
        """Return the value as it stands there, for a key that may hold values of several types."""
        return self._value(key)

    def names(self) -> list[str]:
        """Return the keys, which must be strings (`5000:` alone is a number)."""
        for key in self._node:
            if not isinstance(key, str):
                raise self._error(key, f"the key {key!r} must be in quotes")
        return list(self._node)

    def section(self, key: str, read: Callable[[_Section], T], default: T) -> T:
        """Return what `read` makes of the mapping at `key`."""
        value = self._value(key)
        name = f"{key} of {self._name}" if self._name != "the settings" else key
        return default if value is None else read(_Section(self._path, value, name, self._place(key)))

    def sections(self, key: str, read: Callable[[_Section], T]) -> tuple[T, ...]:
        """Return what `read` makes of each mapping in the list at `key`."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._error(key, f"{key} must be a list of mappings")
        name = f"an item of {key}"
        return tuple(read(_Section(self._path, item, name, self._item_place(value, n))) for n, item in enumerate(value))

    def text(self, key: str) -> str | None:
        """Return a string, None where the key is absent."""
        return self._typed(key, str, "a string")

    def file(self, key: str) -> str | None:
        """Return the path of a file. A relative one is beside the settings, never in the repository that is scanned."""
        value = self.text(key)
        return None if value is None else str(Path(self._path).parent / value)

    def text_or_off(self, key: str) -> str | None:
        """Return a string; `off` for `false` as well, which is what YAML 1.1 makes of it."""
        return "off" if self.raw(key) is False else self.text(key)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._typed(key, bool, "true or false")
        return default if value is None else value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self._typed(key, int, "a whole number")
        if value is None:
            return default
        if isinstance(value, bool) or not least <= value <= most:
            raise self._error(key, f"{key} must be a whole number from {least} to {most}")
        return int(value)

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; a single string counts as a list of one."""
        value = self._value(key)
        if value is None:
            return ()
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self._error(key, f"{key} must be a list of strings")
        return tuple(str(item) for item in items)

    def nothing_else(self) -> None:
        """Refuse keys that nobody asked for: a misspelt one must not be silently without effect."""
        for key in self._node:
            if key not in self._asked:
                raise self._error(
                    key, f"unknown key {key!r} in {self._name}; known are {', '.join(sorted(self._asked))}"
                )

    def fail(self, key: str, message: str) -> SettingsError:
        """Return the error for a value that is of its type and still wrong."""
        return self._error(key, message)

    def _value(self, key: str) -> Any:
        self._asked.append(key)
        return self._node.get(key)

    def _typed(self, key: str, kind: type[T], what: str) -> T | None:
        value = self._value(key)
        if value is not None and not isinstance(value, kind):
            raise self._error(key, f"{key} must be {what}")
        return value

    def _place(self, key: object) -> str:
        try:
            line, column = self._node.lc.key(key)
        except (AttributeError, KeyError):
            return self._own_place
        return f"{self._path}:{line + 1}:{column + 1}"

    def _item_place(self, value: Any, number: int) -> str:
        line, column = value.lc.item(number)
        return f"{self._path}:{line + 1}:{column + 1}"

    def _error(self, key: object, message: str) -> SettingsError:
        return SettingsError(f"{self._place(key)}: {message}")


def _registries(section: _Section) -> dict[str, RegistrySettings]:
    return {name: section.section(name, _registry, RegistrySettings()) for name in section.names()}


def _registry(section: _Section) -> RegistrySettings:
    settings = RegistrySettings(
        endpoint=section.text("endpoint"),
        allow_http=section.flag("allow-http", default=False),
        ca_file=section.file("ca-file"),
        username=section.text("username"),
        password=section.section("password", _secret, None),
        token_hosts=section.strings("token-hosts"),
        push_dates=section.text_or_off("push-dates"),
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
    return settings


def _ledger(top: _Section) -> LedgerSettings:
    """Read `ledger`: a path or URL, false for none, or a mapping with `url` and `password`."""
    if isinstance(top.raw("ledger"), Mapping):
        return top.section("ledger", _database, LedgerSettings())
    location = top.text_or_off("ledger")
    if location is not None and location != "off" and "://" not in location:
        location = top.file("ledger")
    return LedgerSettings(location)


def _database(section: _Section) -> LedgerSettings:
    settings = LedgerSettings(section.text("url"), section.section("password", _secret, None))
    section.nothing_else()
    if settings.location is None or "://" not in settings.location:
        raise section.fail("url", "url must be that of a database, postgresql://USER@HOST/DATABASE")
    return settings


def _pattern(section: _Section) -> PatternSettings:
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


def _secret(section: _Section) -> SecretSource | None:
    source = SecretSource(env=section.text("env"), file=section.file("file"))
    section.nothing_else()
    if (source.env is None) == (source.file is None):
        raise section.fail("env", "a password is given as {env: NAME} or {file: PATH}, one of the two")
    return source
