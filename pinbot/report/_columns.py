"""Columns for a person: one line for each row in a file or a pipe, fitted to the width of a terminal.

Drawn by hand: a library for it takes longer to load than scanning a small repository, and a second for 4,000 rows.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_GAP = "  "
_INDENT = "    "
# In a pipe nothing is fitted; a longer cell pushes its own row out of line instead of widening all others.
_WIDEST_IN_A_PIPE = 72
_WIDEST_ON_A_TERMINAL = 60
# SGR parameters, ECMA-48 section 8.3.117.
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Look:
    """How to print: with colour, everything or the table alone; `width` in columns, None where it is no terminal.

    `below` goes before every path: the way from the current folder to the one that paths are relative to.
    """

    color: bool = False
    verbose: bool = False
    quiet: bool = False
    width: int | None = None
    below: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A word, in a colour where there are colours."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a line, and a sentence that may need lines of its own."""

    cells: tuple[str | Cell, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns stand: a first cell wider than `first` gets a line of its own; 0 means all of them do."""

    first: int
    others: tuple[int, ...]


def table(heads: Sequence[str], rows: Sequence[Row], look: Look) -> str:
    """Return rows under their heads, every line with its end; nothing where there are no rows.

    The last head is that of the notes; it is left out where no row has one.
    """
    if not rows:
        return ""
    *names, last = (Cell(head.upper(), "dim") for head in heads)
    note = last.text if any(row.note for row in rows) else ""
    grid = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row.cells] for row in rows]
    layout = _layout([names, *grid], look)
    # Heads stay on one line: where that of the notes has no room, the notes have lines of their own.
    taken = layout.first + sum(w + len(_GAP) for w in layout.others)
    fits = look.width is None or (layout.first and taken + len(_GAP) + len(note) <= look.width)
    lines = [*_lines(names, note if fits else "", layout, look)]
    for cells, row in zip(grid, rows, strict=True):
        lines += _lines(cells, row.note, layout, look)
    return "".join(f"{line}\n" for line in lines)


def styled(text: str, style: str, look: Look) -> str:
    """Return `text`, coloured where the look has colours."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if look.color and style and text else text


def prose(lines: Iterable[str], look: Look) -> str:
    """Return sentences, wrapped at words on a terminal; what is indented stays indented."""
    return "".join(f"{part}\n" for line in lines for part in _wrapped(line, look.width))


def _layout(grid: Sequence[Sequence[Cell]], look: Look) -> _Layout:
    widest = _WIDEST_IN_A_PIPE if look.width is None else _WIDEST_ON_A_TERMINAL
    widths = [[width(cell.text) for cell in column] for column in zip(*grid, strict=True)]
    others = tuple(max((w for w in column if w <= widest), default=0) for column in widths[1:])
    room = widest if look.width is None else look.width - sum(w + len(_GAP) for w in others)
    fitting = [w for w in widths[0] if w <= room]
    # Lined up where that suits most rows; on a terminal too narrow for it, every place has a line of its own.
    return _Layout(max(fitting) if 2 * len(fitting) > len(grid) or (look.width is None and fitting) else 0, others)


def _lines(cells: Sequence[Cell], note: str, layout: _Layout, look: Look) -> Iterator[str]:
    first, *rest = cells
    lead, taken = _padded(first, layout.first, look), max(layout.first, width(first.text))
    if look.width is not None and width(first.text) > layout.first:
        yield styled(first.text, first.style, look)
        taken = layout.first or len(_INDENT) - len(_GAP)
        lead = " " * taken
    for cell, room in zip(rest, layout.others, strict=True):
        lead += _GAP + _padded(cell, room, look)
        taken += len(_GAP) + max(room, width(cell.text))
    if note and (look.width is None or taken + len(_GAP) + width(note) <= look.width):
        yield f"{lead}{_GAP}{note}"
        return
    yield lead.rstrip()
    if note:
        yield from _wrapped(_INDENT + note, look.width)


def _padded(cell: Cell, room: int, look: Look) -> str:
    return styled(cell.text, cell.style, look) + " " * (room - width(cell.text))


def _wrapped(line: str, columns: int | None) -> list[str]:
    if columns is None or width(line) <= columns:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line.lstrip(),
        max(columns, 2 * len(_INDENT)),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
