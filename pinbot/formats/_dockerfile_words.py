"""Words of an instruction: its flags, its arguments, the fields of a mount, each with the place of every character.

https://docs.docker.com/reference/dockerfile/#run---mount and BuildKit's `extractBuilderFlags` and `parseWords`;
a mount is one record of comma separated values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# What Go's unicode.IsSpace holds for space (Python's str.isspace counts four control characters more).
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# What separates words in BuildKit's parser (its `reWhitespace`).
BLANKS = "\t\v\f\r "
_PLAIN_FLAG = re.compile(rf"""[^{SPACES}'"\\`]+(?=[{SPACES}]|$)""")
_SPLIT = re.compile(f"[^{BLANKS}]+")


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag such as `--from=alpine`: its text without quotes and escapes, and the index of each character of it."""

    text: str
    indices: Sequence[int]

    def value(self, name: str) -> Flag | None:
        """Return the value where the flag is `name` and has one."""
        lead = f"--{name}="
        return Flag(self.text[len(lead) :], self.indices[len(lead) :]) if self.text.startswith(lead) else None


def flags(text: str, start: int, escape: str) -> tuple[list[Flag], int]:
    """Return the flags that `text` begins with from `start` on, and the index at which the rest begins."""
    found: list[Flag] = []
    index = _skip_spaces(text, start)
    while text.startswith("--", index):
        flag, index = _flag(text, index, escape)
        if flag.text == "--":
            break
        found.append(flag)
        index = _skip_spaces(text, index)
    return found, index


def split(text: str, start: int) -> list[tuple[int, int]]:
    """Return the words from `start` on, as pairs of indices; quotes do not hold words together here."""
    stop = len(text.rstrip(SPACES))
    return [match.span() for match in _SPLIT.finditer(text, _skip_spaces(text, start), max(stop, start))]


def quoted_words(text: str, start: int, escape: str) -> Iterator[tuple[int, int]]:
    """Yield the words from `start` on, as pairs of indices; quotes hold words together and stay in them."""
    begin: int | None = None
    quote, index = "", start
    while index < len(text):
        character = text[index]
        if not quote and character in SPACES:
            if begin is not None:
                yield begin, index
            begin = None
        else:
            begin = index if begin is None else begin
            if character == escape and quote != "'":
                index += 1
            elif quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
        index += 1
    if begin is not None:
        yield begin, len(text)


def fields(mount: Flag) -> Iterator[Flag]:
    """Yield the comma separated fields of a mount; a field in double quotes may hold commas."""
    text = mount.text
    index = 0
    while index <= len(text):
        field, index = _quoted_field(mount, index) if text.startswith('"', index) else _bare_field(mount, index)
        yield field


def _bare_field(mount: Flag, start: int) -> tuple[Flag, int]:
    comma = mount.text.find(",", start)
    stop = len(mount.text) if comma < 0 else comma
    return Flag(mount.text[start:stop], mount.indices[start:stop]), stop + 1


def _quoted_field(mount: Flag, start: int) -> tuple[Flag, int]:
    kept: list[int] = []
    text, index = mount.text, start + 1
    while index < len(text):
        if text[index] == '"':
            if not text.startswith('""', index):
                break
            index += 1
        kept.append(index)
        index += 1
    comma = text.find(",", index)
    field = Flag("".join(text[i] for i in kept), tuple(mount.indices[i] for i in kept))
    return field, len(text) + 1 if comma < 0 else comma + 1


def _skip_spaces(text: str, index: int) -> int:
    while index < len(text) and text[index] in SPACES:
        index += 1
    return index


def _flag(text: str, index: int, escape: str) -> tuple[Flag, int]:
    plain = _PLAIN_FLAG.match(text, index)
    if plain:
        return Flag(plain[0], range(*plain.span())), plain.end()
    return _marked_flag(text, index, escape)


def _marked_flag(text: str, index: int, escape: str) -> tuple[Flag, int]:
    """Read a flag with quotes or escapes in it."""
    kept: list[int] = []
    quote = ""
    while index < len(text):
        character = text[index]
        if not quote and character in SPACES:
            break
        if character == escape:
            index += 1
            kept += [index] if index < len(text) else []
        elif quote:
            kept += [] if character == quote else [index]
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            kept.append(index)
        index += 1
    return Flag("".join(text[i] for i in kept), tuple(kept)), min(index, len(text))
