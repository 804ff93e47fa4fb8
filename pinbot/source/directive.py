"""Remarks in a file that are addressed to pinbot, `# pinbot: …`, and markers of other tools that own a line.

A remark at the end of a line speaks of that line; one on a line of its own speaks of the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

# The comments of all languages that may name an image: shells, C, HTML, INI, SQL and Lua, Jinja.
_COMMENT = r"(?:#|(?<!:)//|<!--|/\*|;|--|\{#)"
_REMARK = re.compile(rf"(?P<comment>{_COMMENT})\s*pinbot:(?P<rest>[^\n]*)")
_ENDS = ("-->", "*/", "#}")
# Only where no word goes on: from each letter of a long one, the search would run to its end.
_WORD = re.compile(r"""(?<![a-z-])(?P<key>[a-z][a-z-]*)(?:=(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+)))?(?=\s|$)""")
# Flux's setter: https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources
_FLUX = re.compile(r"#\s*\{\s*\"\$imagepolicy\"\s*:")
_ALONE = re.compile(rf"^\ufeff?\s*{_COMMENT}")

FLUX_REASON = "a Flux image policy sets this line"

# Remarks that other parts of pinbot read: they say nothing about what may be done to a line.
_OTHER_WORDS = {"ignore-file", "image"}
_LEVEL_WORDS = {"level", "image", "reason"}
_IGNORE_WORDS = {"ignore", "ignore-file", "level", "image", "reason", "until"}


@dataclass(frozen=True, slots=True)
class Ignore:
    """Leave the reference alone; from the day after `until` on the remark no longer counts.

    `tool` is for a marker by which another tool owns the line: it is no remark that a person made to pinbot.
    """

    reason: str | None = None
    until: date | None = None
    tool: bool = False

    def holds(self, today: date) -> bool:
        """Whether the remark still counts."""
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True)
class Malformed:
    """A remark that is addressed to pinbot and cannot be understood; `problem` says why."""

    problem: str


Level = Literal["digest", "patch", "minor", "major"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class LevelRemark:
    """How far the references on the line may move, whatever the settings say."""

    level: Level


Directive = Ignore | LevelRemark | Malformed


def directives(before: str, line: str) -> tuple[Directive, ...]:
    """Return what `line`, and the line `before` it, say about the references on `line`."""
    return (*_remarks(line), *_remarks(before)) if _ALONE.match(before) else _remarks(line)


def ignores_file(text: str) -> Ignore | None:
    """Return the `# pinbot: ignore-file` remark of a file, None where there is none."""
    if "pinbot:" not in text:
        return None
    for line in text.splitlines():
        remark = _REMARK.search(line) if _ALONE.match(line) else None
        if remark and _body(remark).split(maxsplit=1)[:1] == ["ignore-file"]:
            parsed = _ignore(_words(_body(remark)))
            return parsed if isinstance(parsed, Ignore) else Ignore()
    return None


@dataclass(frozen=True, slots=True)
class Marked:
    """A line (from 1) that names an image, says a remark; `name` is that of the image where the remark gives it.

    `stop` is the length of the line without the remark, `comment` how the comment begins that holds it.
    """

    line: int
    stop: int
    name: str
    comment: str


def marked(text: str) -> Iterator[Marked]:
    """Yield the lines of which a `# pinbot: image` remark speaks."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        remark = _REMARK.search(line) if "pinbot:" in line else None
        words = _words(_body(remark)) if remark else {}
        if remark is None or "image" not in words or "ignore" in words:
            continue
        if not _ALONE.match(line):
            yield Marked(number, remark.start(), words["image"], remark["comment"])
        elif number < len(lines):
            yield Marked(number + 1, len(lines[number]), words["image"], remark["comment"])


def _remarks(line: str) -> tuple[Directive, ...]:
    flux = (Ignore(FLUX_REASON, tool=True),) if _FLUX.search(line) else ()
    remark = _REMARK.search(line) if "pinbot:" in line else None
    return (*_read(_body(remark)), *flux) if remark else flux


def _body(remark: re.Match[str]) -> str:
    """Return what a remark says, without what ends its comment; by hand, as a pattern would try every blank for it."""
    rest = remark["rest"].strip()
    end = next((end for end in _ENDS if rest.endswith(end)), "")
    return rest.removesuffix(end).rstrip()


def _read(body: str) -> tuple[Directive, ...]:
    words = _words(body)
    if "ignore" in words:
        return (_ignore(words),)
    if "level" in words:
        return (_level(words),)
    if _OTHER_WORDS & words.keys():
        return ()
    return (Malformed(f"pinbot does not know the remark {body!r}"),)


def _words(body: str) -> dict[str, str]:
    return {m["key"]: m["quoted"] if m["quoted"] is not None else m["bare"] or "" for m in _WORD.finditer(body)}


def _ignore(words: dict[str, str]) -> Directive:
    # A slip such as `util=2027-01-31` would ignore for ever what was to be ignored for a while.
    strange = next((key for key, value in words.items() if value and key not in _IGNORE_WORDS), None)
    if strange is not None:
        return Malformed(f"pinbot does not know {strange}= in a remark; reason= and until= are what it knows")
    try:
        until = date.fromisoformat(words["until"]) if "until" in words else None
    except ValueError:
        return Malformed(f"until={words['until']} is not a date like 2027-01-31")
    return Ignore(words.get("reason") or None, until)


def _level(words: dict[str, str]) -> Directive:
    strange = next((key for key, value in words.items() if value and key not in _LEVEL_WORDS), None)
    if strange is not None:
        return Malformed(f"pinbot does not know {strange}= beside level= in a remark; reason= is what it knows")
    level = next((level for level in LEVELS if level == words["level"]), None)
    return LevelRemark(level) if level else Malformed(f"level={words['level']} is none of {', '.join(LEVELS)}")
