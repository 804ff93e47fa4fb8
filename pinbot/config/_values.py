"""Values that several parts of the settings have: names, lists of them, words out of a few, lengths of time, globs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TypeVar

from pinbot.config.section import Section
from pinbot.errors import InvalidPattern, SettingsError
from pinbot.planning.globs import whole
from pinbot.planning.values import duration as read_duration

T = TypeVar("T", bound=str)

# One line of text: of a label, a topic, a title.
LINE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def matching(section: Section, key: str, pattern: re.Pattern[str], what: str) -> str | None:
    """Return a string that the pattern matches; `what` completes "must be …". Raises SettingsError."""
    value = section.text(key)
    if value is not None and not pattern.fullmatch(value):
        raise section.fail(key, f"{key} must be {what}")
    return None if value is None else str(value)


def duration(section: Section, key: str) -> timedelta | None:
    """Return a length of time. Raises SettingsError."""
    value = section.raw(key)
    found = read_duration(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be a time with its unit, such as 7d or 12h, or 0")
    return found


def word(section: Section, key: str, words: tuple[T, ...]) -> T | None:
    """Return one of some words. Raises SettingsError."""
    value = section.text(key)
    found = next((word for word in words if word == value), None)
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be one of {', '.join(words)}, not {value!r}")
    return found


def each(section: Section, key: str, pattern: re.Pattern[str], what: str) -> tuple[str, ...]:
    """Return the strings of a list that all match; `what` completes "is not …". Raises SettingsError."""
    for text, place in section.items(key):
        if not pattern.fullmatch(text):
            raise SettingsError(f"{place}: {text!r} is not {what}")
    return section.strings(key)


def words(section: Section, key: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the strings of a list, each of some words. Raises SettingsError."""
    for text, place in section.items(key):
        if text not in words:
            raise SettingsError(f"{place}: {key} must be of {', '.join(words)}, not {text!r}")
    return section.strings(key)


def globs(section: Section, key: str) -> tuple[str, ...]:
    """Return the globs of a list. Raises SettingsError."""
    for text, place in section.items(key):
        try:
            whole((text,))
        except InvalidPattern as error:
            raise SettingsError(f"{place}: {text!r}: {error}") from error
    return section.strings(key)
