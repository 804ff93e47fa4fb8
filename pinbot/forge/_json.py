"""Reading what a forge answered: JSON that may hold anything, read strictly and never deeper than it is meant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from pinbot.errors import ForgeError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object, and what it was called, for messages. What is missing is the empty value of its kind."""

    what: str
    fields: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return a text, empty where there is none. Raises ForgeError for something else."""
        value = self.fields.get(name)
        return "" if value is None else self._of(name, value, str)

    def number(self, name: str) -> int:
        """Return a whole number, 0 where there is none. Raises ForgeError for something else."""
        value = self.fields.get(name)
        if isinstance(value, bool):
            raise self.odd(name)
        return 0 if value is None else self._of(name, value, int)

    def flag(self, name: str) -> bool:
        """Return a truth value, False where there is none. Raises ForgeError for something else."""
        value = self.fields.get(name)
        return False if value is None else self._of(name, value, bool)

    def moment(self, name: str) -> datetime | None:
        """Return a moment in UTC, None where there is none. Raises ForgeError for something else."""
        text = self.text(name)
        try:
            return datetime.fromisoformat(text).astimezone(UTC) if text else None
        except (ValueError, OverflowError) as error:
            raise self.odd(name) from error

    def child(self, name: str) -> Object:
        """Return an object, an empty one where there is none. Raises ForgeError for something else."""
        return as_object(self.fields.get(name) or {}, f"{self.what}.{name}")

    def children(self, name: str) -> list[Object]:
        """Return the objects of a list, none where it is missing. Raises ForgeError for something else."""
        return as_objects(self.fields.get(name) or [], f"{self.what}.{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list, none where it is missing. Raises ForgeError for something else."""
        value = self._of(name, self.fields.get(name) or [], list)
        return tuple(item for item in value if isinstance(item, str))

    def odd(self, name: str) -> ForgeError:
        """Return the error for a field that cannot be read."""
        return ForgeError(
            f"{self.what}: the answer has a {name!r} that cannot be read; is this the address of its API?"
        )

    def _of(self, name: str, value: object, kind: type[T]) -> T:
        if not isinstance(value, kind):
            raise self.odd(name)
        return value


def parse(body: bytes, what: str) -> object:
    """Return the value that a body holds. Raises ForgeError where it is no JSON, or nested without end."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ForgeError(f"{what}: the answer is no JSON; is this the address of its API?") from error


def as_object(value: object, what: str) -> Object:
    """Return a value that must be an object. Raises ForgeError."""
    if not isinstance(value, dict):
        raise ForgeError(f"{what}: the answer is no object; is this the address of its API?")
    return Object(what, value)


def as_objects(value: object, what: str) -> list[Object]:
    """Return the objects of what must be a list; nulls, which stand for what could not be read there, are left out.

    Raises ForgeError.
    """
    if not isinstance(value, list):
        raise ForgeError(f"{what}: the answer is no list; is this the address of its API?")
    return list(_objects(value, what))


def _objects(value: list[object], what: str) -> Iterator[Object]:
    for number, item in enumerate(value):
        if item is not None:
            yield as_object(item, f"{what}[{number}]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a forge answered to `what`; `url` is where it did, after redirects, where that matters."""

    what: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str = ""

    def object(self) -> Object:
        """Return the object that it is. Raises ForgeError."""
        return as_object(parse(self.body, self.what), self.what)

    def objects(self) -> list[Object]:
        """Return the list of objects that it is. Raises ForgeError."""
        return as_objects(parse(self.body, self.what), self.what)
