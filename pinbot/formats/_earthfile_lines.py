"""The commands of an Earthfile, cut from its lines: https://docs.earthly.dev/docs/earthfile."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinbot.formats._dockerfile_lexer import Instruction, Source
from pinbot.formats._dockerfile_words import quoted_words
from pinbot.source.text import BOM

ESCAPE = "\\"
_KEYWORD = re.compile(r"(?:SAVE[ \t]+(?:IMAGE|ARTIFACT)|WITH[ \t]+DOCKER|FROM[ \t]+DOCKERFILE|\S+)[ \t]*")
_CONTINUED = re.compile(r"\\[ \t]*(?:#[^\n]*)?$")


def commands(text: str) -> Iterator[Instruction]:
    """Yield the commands of an Earthfile, and the names of its targets (`build:`), in their order."""
    lines = _lines(text)
    for first, line in lines:
        stripped = line.lstrip(" \t")
        if not stripped or stripped.startswith("#"):
            continue
        stretches = [(first + len(line) - len(stripped), stripped)]
        while (mark := _CONTINUED.search(stretches[-1][1])) is not None:
            offset, last = stretches[-1]
            stretches[-1] = (offset, last[: mark.start()])
            following = next((item for item in lines if item[1].lstrip(" \t")[:1] not in {"", "#"}), None)
            if following is None:
                break
            stretches.append(following)
        source = Source(stretches)
        keyword = _KEYWORD.match(source.text)
        if keyword:
            yield Instruction(" ".join(keyword[0].split()), source, keyword.end(), first, ESCAPE)


def words(command: Instruction, start: int | None = None) -> list[tuple[int, int]]:
    """Return the words behind the keyword, as pairs of indices; quotes hold words together and stay in them.

    A comment ends them.
    """
    found = list[tuple[int, int]]()
    for begin, end in quoted_words(command.text, command.arguments if start is None else start, ESCAPE):
        if command.text[begin] == "#":
            break
        found.append((begin, end))
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 1 if text.startswith(BOM) else 0
    for line in text[at:].split("\n"):
        yield at, line.rstrip("\r")
        at += len(line) + 1
