"""Text and bytes, exactly: decoding that loses nothing, positions, and edits that touch only their span.

Offsets inside pinbot are code points of the decoded text, byte order mark included; reports count lines and
columns from 1 and give byte offsets (the contract). A line ends at `\\n`, as in git and every editor.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from pinbot.errors import StaleEdit

BOM = "\ufeff"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text: half-open code point offsets."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put `new` where `span` holds `old`; an empty span inserts."""

    span: Span
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place as a person counts it: line and column from 1, the column in characters."""

    line: int
    column: int


def decode(data: bytes) -> str:
    """Return the text of `data`; bytes that are not UTF-8 become lone surrogates, so that encode() restores them."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the very bytes that decode() was given."""
    return text.encode("utf-8", "surrogateescape")


# Compared as an object: what is kept for a file would otherwise cost a look at its whole text.
@dataclass(frozen=True, eq=False)
class SourceFile:
    """A file as it was read: its path in the repository (with `/`) and its whole text."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        lengths = map(len, self.text.split("\n"))
        # The last one is where a line behind the end would begin.
        return [0, *accumulate(map((1).__add__, lengths))][:-1]

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    def position(self, offset: int) -> Position:
        """Return line and column of a code point offset."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line_span(self, line: int) -> Span:
        """Return the span of a line (counted from 1), without its line end."""
        start = self._line_starts[line - 1]
        stop = self._line_starts[line] - 1 if line < len(self._line_starts) else len(self.text)
        return Span(start, stop - (self.text[start:stop].endswith("\r")))

    def line_text(self, line: int) -> str:
        """Return a line (counted from 1) without its line end."""
        return self.slice(self.line_span(line))

    def byte_offset(self, offset: int) -> int:
        """Return the byte offset of a code point offset."""
        return offset if self._is_ascii else len(encode(self.text[:offset]))

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.stop]


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with every edit in place.

    Spans are half-open code point offsets into `text` as given; order does not matter, equal edits count once.
    Raises StaleEdit when a span does not hold `edit.old`, or when two edits touch the same place.
    """
    parts: list[str] = []
    done = 0
    previous: Edit | None = None
    for edit in sorted(set(edits)):
        if edit.span.stop > len(text) or text[edit.span.start : edit.span.stop] != edit.old:
            raise StaleEdit(f"offset {edit.span.start} does not hold {edit.old!r} any more")
        if previous is not None and (edit.span.start < done or edit.span == previous.span):
            raise StaleEdit(f"two edits want offset {edit.span.start}: {previous.new!r} and {edit.new!r}")
        parts += (text[done : edit.span.start], edit.new)
        done, previous = edit.span.stop, edit
    return "".join((*parts, text[done:]))
