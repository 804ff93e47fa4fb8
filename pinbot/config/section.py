"""YAML with places: a mapping hands out its values by key, and every mistake is named with file, line and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pinbot.errors import SettingsError

T = TypeVar("T")


def compose(path: str, text: bytes) -> Any:
    """Return the document with the places of its keys, None where it is empty. Raises SettingsError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt", pure=True).load(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}:{_place_in(text, error.start)}: the settings are not UTF-8") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise SettingsError(f"{place}: not valid YAML: {error.problem or error.context}") from error
    except (YAMLError, RecursionError, ValueError) as error:
        position = getattr(error, "position", None)  # of a character that YAML does not allow
        before = text.decode()[:position].encode() if isinstance(position, int) else b""
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise SettingsError(f"{path}:{_place_in(before, len(before))}: not valid YAML: {said}") from error


def _place_in(text: bytes, offset: int) -> str:
    """Return line and column of an offset, from 1."""
    before = text[:offset]
    return f"{before.count(10) + 1}:{len(before.rpartition(bytes([10]))[2].decode(errors='replace')) + 1}"


class Section:
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

    def section(self, key: str, read: Callable[[Section], T], default: T) -> T:
        """Return what `read` makes of the mapping at `key`."""
        value = self._value(key)
        name = f"{key} of {self._name}" if self._name != "the settings" else key
        return default if value is None else read(Section(self._path, value, name, self._place(key)))

    def sections(self, key: str, read: Callable[[Section], T]) -> tuple[T, ...]:
        """Return what `read` makes of each mapping in the list at `key`."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._error(key, f"{key} must be a list of mappings")
        name = f"an item of {key}"
        return tuple(read(Section(self._path, item, name, self._item_place(value, n))) for n, item in enumerate(value))

    def text(self, key: str) -> str | None:
        """Return a string, None where the key is absent."""
        return self._typed(key, str, "a string")

    def file(self, key: str) -> str | None:
        """Return the path of a file. A relative one is beside the settings, never in the repository that is scanned."""
        value = self.text(key)
        if value is not None and (not value or value.startswith("~")):
            raise self._error(key, f"{key} must be a path written in full, or relative to the folder of this file")
        return None if value is None else self.beside(value)

    def beside(self, path: str) -> str:
        """Return a path in full; a relative one begins at the folder of the settings."""
        return str(Path(self._path).parent / path)

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

    def share(self, key: str, default: float = 0.0) -> float:
        """Return a percentage, `default` where it is absent: a number from 0 to 100, not necessarily whole."""
        value = self._value(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise self._error(key, f"{key} must be a number from 0 to 100")
        return float(value)

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; a single string counts as a list of one."""
        value = self._value(key)
        if value is None:
            return ()
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self._error(key, f"{key} must be a list of strings")
        return tuple(str(item) for item in items)

    def items(self, key: str, what: str = "a string or a list of strings") -> tuple[tuple[str, str], ...]:
        """Return the strings of a list, or a single one, each with its place."""
        value = self._value(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return ((str(value), self._place(key)),)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(key, f"{key} must be {what}")
        return tuple((str(item), self._item_place(value, n)) for n, item in enumerate(value))

    def elements(self, key: str) -> tuple[tuple[Any, str], ...]:
        """Return the items of a list, of whatever type, each with its place."""
        value = self._value(key)
        if value is not None and not isinstance(value, list):
            raise self._error(key, f"{key} must be a list")
        return tuple((item, self._item_place(value, n)) for n, item in enumerate(value or ()))

    def place(self, key: str) -> str:
        """Return where a key stands, as `file:line:column`."""
        return self._place(key)

    def at(self, node: Any, name: str, place: str) -> Section:
        """Return a mapping that was found by hand; Raises SettingsError where it is none."""
        return Section(self._path, node, name, place)

    @property
    def present(self) -> tuple[str, ...]:
        """The keys that are written, in their order."""
        return tuple(str(key) for key in self._node)

    def nothing_else(self) -> None:
        """Refuse keys that nobody asked for: a misspelt one must not be silently without effect."""
        for key in self._node:
            if key not in self._asked:
                raise self._error(
                    key, f"unknown key {key!r} in {self._name}; known are {', '.join(sorted(set(self._asked)))}"
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
        except (AttributeError, KeyError, TypeError):  # TypeError: nothing is in it, and so ruamel keeps no places
            return self._own_place
        return f"{self._path}:{line + 1}:{column + 1}"

    def _item_place(self, value: Any, number: int) -> str:
        line, column = value.lc.item(number)
        return f"{self._path}:{line + 1}:{column + 1}"

    def _error(self, key: object, message: str) -> SettingsError:
        return SettingsError(f"{self._place(key)}: {message}")
