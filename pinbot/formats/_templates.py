"""What template engines fill in: `{{ … }}` of Helm, Jinja and Go, `{% … %}`, `{# … #}` and `<% … %>` of Jinja and ERB.

A file is read once that is blanked out to the same width, so that everything else keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinbot.source.text import Span

_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>"}
_OPENING = re.compile("|".join(map(re.escape, _CLOSING)))
_ACTION_LINES = re.compile(r"^[ \t]*[\x00\x01][\x00\x01 \t]*(?=\r?$)", re.MULTILINE)
_NOT_LINE_END = re.compile(r"[^\r\n]")


def actions(text: str, start: int = 0, stop: int | None = None) -> Iterator[Span]:
    """Yield what is filled in, with its brackets; in linear time, also where many open and none closes."""
    end = len(text) if stop is None else stop
    never = set[str]()
    at = start
    while opening := _OPENING.search(text, at, end):
        at = opening.end()
        closing = _CLOSING[opening[0]]
        found = -1 if closing in never else text.find(closing, at, end)
        if found < 0:
            never.add(closing)
            continue
        at = found + len(closing)
        yield Span(opening.start(), at)


def blanked(text: str) -> str:
    """Return `text` with what a template engine fills in blanked to the same width."""
    kept, at = list[str](), 0
    for action in actions(text):
        kept += (text[at : action.start], nulled(text[action.start : action.stop]))
        at = action.stop
    return filled("".join((*kept, text[at:])))


def nulled(text: str) -> str:
    """Return text of the same width and lines that says: something is filled in here.

    What brings lines of its own (Helm's `nindent`) is marked apart, as more may follow below it.
    """
    return _NOT_LINE_END.sub("\1" if "nindent" in text else "\0", text)


def filled(text: str) -> str:
    """Return `text` with what is filled in as words, and as spaces what brings lines of its own.

    A line that holds nothing else becomes empty lines, which mean nothing wherever they stand, in a block scalar too.
    """
    emptied = _ACTION_LINES.sub(lambda m: "\n" * len(m[0]), text)
    return emptied.replace("\1", " ").replace("\0", "_")
