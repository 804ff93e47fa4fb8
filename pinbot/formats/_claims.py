"""Which formats look into a file: decided by its path alone, before a byte of it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pinbot.formats._base import Format, any_path
from pinbot.formats._needles import Words

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


# The paths of a large repository; a pass over an organisation goes through millions.
_MOST_KNOWN = 100_000


class Claims:
    """Formats, each with its claim; asked for thousands of paths, so that most are answered by their ending.

    `words` tells which of those that claim a file have a reason to look into it.
    """

    def __init__(self, formats: Iterable[Format]) -> None:
        # The special ones first: of two that find the same reference, the first one names it.
        self.formats = tuple(sorted(formats, key=lambda one: one.general))
        self._groups: dict[str, _Group] = {}
        self.words = Words()
        self._known: dict[str, tuple[Format, ...]] = {}

    def of(self, path: str) -> tuple[Format, ...]:
        """Return the formats that would look into a file of that path, the special ones first."""
        # Asked once to know whether the file is to be read, and once more with its bytes; maybe by several threads.
        found = self._known.get(path)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[path] = found = self._all(path)
        return found

    def _all(self, path: str) -> tuple[Format, ...]:
        claimed, plain = self._of(path), untemplated(path)
        if plain == path:
            return claimed
        also = {one.name for one in (*claimed, *self._of(plain))}
        return tuple(one for one in self.formats if one.name in also)

    def _of(self, path: str) -> tuple[Format, ...]:
        end = ending(path)
        if end not in self._groups:
            self._groups[end] = _Group([one for one in self.formats if not one.endings or end in one.endings])
        return self._groups[end].claiming(path)


class _Group:
    """The formats that names of one ending may belong to."""

    def __init__(self, formats: Sequence[Format]) -> None:
        patterns = [one.claims for one in formats if isinstance(one.claims, Pattern)]
        # What any of the patterns matches: one look at all together tells most paths.
        self._names, self._paths = (
            _any([p.text for p in patterns if p.on_path is on_path]) for on_path in (False, True)
        )
        self._formats = tuple(formats)
        self._unpatterned = tuple(one for one in formats if not isinstance(one.claims, Pattern))
        self._asked = tuple(one for one in self._unpatterned if one.claims is not any_path)
        self._known: dict[tuple[bool, ...], tuple[Format, ...]] = {}

    def claiming(self, path: str) -> tuple[Format, ...]:
        """Return those that claim a path."""
        by_name = self._names is not None and self._names.fullmatch(path.rpartition("/")[2])
        if by_name or (self._paths is not None and self._paths.fullmatch(path)):
            return tuple(one for one in self._formats if one.claims(path))
        answers = tuple([one.claims(path) for one in self._asked])
        if answers not in self._known:
            yes = {one.name for one, answer in zip(self._asked, answers, strict=True) if answer}
            claiming = (f for f in self._unpatterned if f.claims is any_path or f.name in yes)
            self._known[answers] = tuple(claiming)
        return self._known[answers]


def _any(patterns: Sequence[str]) -> re.Pattern[str] | None:
    return _compiled("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
