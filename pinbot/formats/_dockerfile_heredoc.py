"""Which here-documents an instruction opens: https://docs.docker.com/reference/dockerfile/#here-documents.

BuildKit finds them among the words of the whole line as a shell would split it: `<<EOF` inside quotes is none,
a line whose quotes do not match has none, and neither has the JSON form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pinbot.formats._dockerfile_words import SPACES, flags

_HEREDOC = re.compile(r"[0-9]*<<(?P<chomp>-?)(?P<space>[\t\n\f\r ]*+)(?P<name>[^<]+)")
_PLAIN = re.compile(rf"""[^'"\\$<{SPACES}]+""")
_SPACE = re.compile(f"[{SPACES}]")
_GAP = re.compile(r"<<?[\t\r ]*")
_NAME = re.compile(r"[0-9]+|[^\W0-9]\w*|[@*#?$!-]|")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document: the line that ends it, whether leading tabs are taken off, whether a space follows `<<`."""

    name: str
    chomp: bool
    spaced: bool


def heredocs(line: str, arguments: int, escape: str) -> Iterator[Heredoc]:
    """Yield the here-documents that a logical line opens, in the order of their bodies.

    `arguments` is the index at which the arguments of the instruction begin.
    """
    if _is_json(line[flags(line, arguments, escape)[1] :]):
        return
    for word in _shell_words(line):
        match = _HEREDOC.fullmatch(word)
        name = _unquoted(match["name"]) if match else ""
        if match and name:
            yield Heredoc(name, bool(match["chomp"]), bool(match["space"]))


def _is_json(arguments: str) -> bool:
    if not arguments.startswith("["):
        return False
    try:
        return isinstance(json.loads(arguments), list)
    except (ValueError, RecursionError):
        return False


def _shell_words(line: str) -> list[str]:
    """Return the words of a line with their quotes and escapes; nothing where a quote or brace does not close."""
    words: list[str] = []
    word: list[str] = []
    index = 0
    while index < len(line):
        stop = _token_end(line, index)
        if stop is None:
            return []
        if line[index] in SPACES:
            words += ["".join(word)] if word else []
            word = []
        elif line[index] == "$":
            # What a variable gives is split at its blanks, even where it gives its own text back.
            first, *more = _SPACE.split(line[index:stop])
            word.append(first)
            for part in more:
                words.append("".join(word))
                word = [part]
        else:
            word.append(line[index:stop])
        index = stop
    return [*words, "".join(word)]


def _token_end(line: str, index: int) -> int | None:
    """Return where the token at `index` ends; None for a quote or a substitution that never does."""
    plain = _PLAIN.match(line, index)
    if plain:
        return plain.end()
    match line[index]:
        case "'":
            return line.find("'", index + 1) + 1 or None
        case '"' | "$":
            return _nested_end(line, index)
        case "\\":
            return min(index + 2, len(line))
        case "<":
            gap = _GAP.match(line, index)
            return gap.end() if gap and line.startswith("<<", index) else index + 1
        case _:
            return index + 1


def _nested_end(line: str, index: int) -> int | None:
    """Return where a double quote or a variable ends, nested ones included; a stack, so no depth is too much."""
    stack: list[str] = []
    if line[index] == '"':
        stack, at = ['"'], index + 1
    else:
        at = _open(line, index, stack)
    while stack and 0 <= at < len(line):
        at = _step(line, at, stack)
    return None if stack or at < 0 else at


def _step(line: str, at: int, stack: list[str]) -> int:
    """Read one token inside quotes or a substitution; -1 where it never ends."""
    character, stop = line[at], stack[-1]
    if character == stop:
        stack[-1:] = ["}"] if stop == "/" else []
        return at + 1
    if character == "$":
        return _open(line, at, stack)
    if character == "\\":
        return at + 2
    if stop != '"' and character == '"':
        stack.append('"')
    if stop != '"' and character == "'":
        return line.find("'", at + 1) + 1 or -1
    return at + 1


def _open(line: str, at: int, stack: list[str]) -> int:
    """Step over `$name`, or into `${name…`, whose closing characters go on the stack; -1 for what is no variable."""
    braced = line.startswith("{", at + 1)
    name = _NAME.match(line, at + 2 if braced else at + 1)
    end = name.end() if name else at + 1
    if not braced:
        return end
    operator = line[end : end + 1]
    if not operator or line[at + 2 : at + 3] in {"{", "}", ":"}:
        return -1
    if operator == "}":
        return end + 1
    if operator == "/":
        stack.append("/")
        return end + 1 + line.startswith("/", end + 1)
    if operator == ":":
        end += 1
        operator = line[end : end + 1] if line[end : end + 1] in {"+", "-", "?"} else ""
    if operator not in {"+", "-", "?", "#", "%"}:
        return -1
    stack.append("}")
    return end + 1


def _unquoted(name: str) -> str:
    """Return the word that ends a here-document: the name without its quotes and escapes."""
    kept: list[str] = []
    quote, index = "", 0
    while index < len(name):
        character = name[index]
        if character == "\\" and quote != "'" and (not quote or name[index + 1 : index + 2] in {'"', "$", "\\"}):
            index += 1
            kept.append(name[index : index + 1])
        elif character == quote or (not quote and character in "'\""):
            quote = "" if quote else character
        else:
            kept.append(character)
        index += 1
    return "".join(kept)
