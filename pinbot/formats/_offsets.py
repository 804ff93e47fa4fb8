"""From the byte offsets of a parser to code points, which is what spans are counted in."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Protocol

from pinbot.source.text import SourceFile, Span

_WIDE = re.compile(r"[^\x00-\x7f]")


class Node(Protocol):
    """What stands between two byte offsets."""

    @property
    def start_byte(self) -> int:
        """Where it begins."""
        ...

    @property
    def end_byte(self) -> int:
        """Where it ends."""
        ...


class Offsets:
    """The places of one file."""

    def __init__(self, file: SourceFile) -> None:
        self._text = file.text

    def span(self, node: Node) -> Span:
        """Return where a node stands, in code points."""
        return Span(self.offset(node.start_byte), self.offset(node.end_byte))

    def offset(self, byte: int) -> int:
        """Return the code point offset of a byte offset."""
        if self._text.isascii():
            return byte
        ends, extra = self._wide
        return byte - extra[bisect_right(ends, byte)]

    @cached_property
    def _wide(self) -> tuple[list[int], list[int]]:
        """The byte offset behind each character that takes several bytes, and how many too many there are by then."""
        ends, extra = [], [0]
        for match in _WIDE.finditer(self._text):
            extra.append(extra[-1] + _width(match[0]) - 1)
            ends.append(match.end() + extra[-1])
        return ends, extra


def _width(character: str) -> int:
    """Return how many bytes a character takes; a byte that is no UTF-8 stands as a surrogate."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return 1
    return 2 if code < 0x800 else 3 if code < 0x10000 else 4
