"""Where a key that a mapping lacks would be written, in the style of its neighbour (https://yaml.org/spec/1.1/#id905860).

And the way back: what would be taken out with a key, so that nothing of it is left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Slot
from pinbot.source.text import BOM, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import MappingNode, Node

_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)")
_BLANK = re.compile(r"[ \t]*(?=\r?\n|\Z)")
_COMMA = re.compile(r"\s*,\s*")
_LEAD = re.compile(r"(?:[ \t]*-)*[ \t]*")


def inserted(document: Document, mapping: MappingNode, key: Node, value: Node, name: str) -> Slot | None:
    """Return the slot for the value of a new key `name`, behind `key: value` of the mapping.

    None where the pair is written so that nothing can follow it: a value of several lines, something else behind it,
    an alias, whose value stands elsewhere.
    """
    at_key, at_value = document.span(key), document.span(value)
    if at_value.start < at_key.stop:
        return None
    text = document.file.text
    start = text.rfind("\n", 0, at_key.start) + 1
    before = text[start : at_key.start].removeprefix(BOM)
    quote = text[at_value.start] if text[at_value.start : at_value.start + 1] in {'"', "'"} else ""
    key_quote = text[at_key.start] if text[at_key.start] in {'"', "'"} else ""
    told = f"{key_quote}{name}{key_quote}: {quote}"
    alone = _LEAD.fullmatch(before) is not None
    if mapping.flow_style:
        lead = f",{_line_end(text, at_key.start)}{before}" if alone and before else ", "
        return Slot(Span(at_value.stop, at_value.stop), lead=f"{lead}{told}", tail=quote)
    rest = _REST.match(text, at_value.stop)
    if not alone or rest is None or "\n" in text[at_value.start : at_value.stop]:
        return None
    stop = rest.end()
    return Slot(Span(stop, stop), lead=f"{_line_end(text, stop)}{' ' * len(before)}{told}", tail=quote)


def removal(document: Document, mapping: MappingNode, value: Node) -> Span | None:
    """Return what to take out so that a pair of the mapping is gone, as if it had been `inserted`.

    None where that would take more than the pair, or leave something that cannot be read: the only key or the first
    one of a list's item, a value of several lines or with an anchor, a comment beside it, an alias.
    """
    number = next((n for n, (_, one) in enumerate(mapping.value) if one is value), None)
    if number is None:
        return None
    key, text = mapping.value[number][0], document.file.text
    at_key, at_value = document.span(key), document.span(value)
    if at_value.start < at_key.stop or len(mapping.value) < 2 or text[at_value.start] in {"&", "!"}:
        return None
    if "\n" in text[at_key.start : at_value.stop]:
        return None
    if mapping.flow_style:
        before = document.span(mapping.value[number - 1][1])
        comma = _COMMA.fullmatch(text, before.stop, at_key.start) if number and before.stop <= at_key.start else None
        return Span(before.stop, at_value.stop) if comma else None
    return _whole_line(text, at_key.start, at_value.stop)


def _whole_line(text: str, start: int, stop: int) -> Span | None:
    """Return the line on which nothing but a pair stands, with the line end before it, or behind a file's first."""
    end = text.rfind("\n", 0, start)
    rest = _BLANK.match(text, stop)
    if rest is None or text[end + 1 : start].removeprefix(BOM).strip(" "):
        return None
    if end < 0:
        return Span(start, min(len(text), text.find("\n", stop) + 1 or len(text)))
    return Span(end - (text[end - 1 : end] == "\r"), rest.end())


def _line_end(text: str, at: int) -> str:
    """Return how lines end near a place, in a file's last line how its first one does."""
    end = text.find("\n", at)
    end = text.find("\n") if end < 0 else end
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
