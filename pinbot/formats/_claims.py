"""Which formats look into a file: decided by its path alone, before a byte of it is read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pinbot.formats._base import Format

YAML = frozenset({"yaml", "yml"})
YAML_AND_JSON = YAML | {"json"}
# Behind the name of the file that is made of it: `compose.yaml.j2` is read as `compose.yaml`. What a template engine
# fills in is `variable`, what is written out is a reference like any other.
TEMPLATES = frozenset(
    {"dist", "erb", "example", "gotmpl", "in", "j2", "jinja", "jinja2", "sample", "template", "tmpl", "tpl"}
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A claim by a regular expression that the name of a file is as a whole, or its path, in any case of letters.

    It is compiled when the first path is asked about, not when the format is loaded.
    """

    text: str
    on_path: bool

    def __call__(self, path: str) -> bool:
        """Whether a file of that path is claimed."""
        return _compiled(self.text).fullmatch(path if self.on_path else path.rpartition("/")[2]) is not None


def named(pattern: str) -> Pattern:
    """Return a claim on files whose name, in any case of letters, is `pattern` as a whole."""
    return Pattern(pattern, on_path=False)


def placed(pattern: str) -> Pattern:
    """Return a claim on files whose path, from the top of the repository and in any case of letters, is `pattern`.

    A repository may lie below the folder that is scanned: begin with `(?:.*/)?` where any depth will do.
    """
    return Pattern(pattern, on_path=True)


def ending(path: str) -> str:
    """Return what stands behind the last dot of a name, in lower case; nothing where there is no dot."""
    _, dot, end = path.rpartition("/")[2].rpartition(".")
    return end.lower() if dot else ""


def untemplated(path: str) -> str:
    """Return the path of the file that is made of a template; of other files their own."""
    return path[: path.rindex(".")] if ending(path) in TEMPLATES else path


class Claims:
    """Formats, each with its claim; asked for thousands of paths, so that most are answered by their ending."""

    def __init__(self, formats: Iterable[Format]) -> None:
        # The special ones first: of two that find the same reference, the first one names it.
        self.formats = tuple(sorted(formats, key=lambda one: one.general))
        self._by_ending: dict[str, list[Format]] = defaultdict(list)
        self._last: tuple[str, tuple[Format, ...]] = ("", ())
        self._others = [one for one in self.formats if not one.endings]
        for end in {end for one in self.formats for end in one.endings}:
            self._by_ending[end] = [one for one in self.formats if not one.endings or end in one.endings]

    def of(self, path: str) -> tuple[Format, ...]:
        """Return the formats that would look into a file of that path, the special ones first."""
        # Asked once to know whether the file is to be read, and once more with its bytes.
        if self._last[0] != path:
            self._last = path, self._all(path)
        return self._last[1]

    def _all(self, path: str) -> tuple[Format, ...]:
        claimed, plain = self._of(path), untemplated(path)
        if plain == path:
            return claimed
        also = {one.name for one in (*claimed, *self._of(plain))}
        return tuple(one for one in self.formats if one.name in also)

    def _of(self, path: str) -> tuple[Format, ...]:
        return tuple(one for one in self._by_ending.get(ending(path), self._others) if one.claims(path))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
