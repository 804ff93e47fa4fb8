"""Columns for a person: plain where the output goes into a file or a pipe, coloured and wrapped on a terminal.

rich draws on terminals; it is loaded only there, since loading it takes longer than scanning a small repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.text import Text

_GAP = 2
_UNLIMITED = 10_000
_LEAST_LAST_COLUMN = 30


@dataclass(frozen=True, slots=True)
class Look:
    """How to print: with colour, everything or the table alone; `width` in columns, None where it is no terminal."""

    color: bool = False
    verbose: bool = False
    quiet: bool = False
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A word in a colour, and what follows it without one."""

    word: str
    style: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        """The cell without colour."""
        return self.word + self.rest


Row = Sequence[str | Cell]


def columns(heads: Sequence[str], rows: Sequence[Row], look: Look) -> str:
    """Return rows under their heads, every line with its end; nothing where there are no rows."""
    if not rows:
        return ""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    heads = [head.upper() for head in heads]
    return _plain(heads, cells) if look.width is None else _drawn(heads, cells, look, look.width)


def styled(text: str, style: str, look: Look) -> str:
    """Return one line, coloured where the look has colours."""
    return f"{text}\n" if not look.color else _printed(_rich_text(Cell(text, style)), look, _UNLIMITED)


def _plain(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    lines = [list(heads), *([cell.text for cell in row] for row in rows)]
    widths = [max(map(len, column)) + _GAP for column in zip(*lines, strict=True)]
    return "".join(
        "".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _drawn(heads: Sequence[str], rows: Sequence[Sequence[Cell]], look: Look, width: int) -> str:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, _GAP, 0, 0))
    for head in heads:
        table.add_column(head, no_wrap=head != heads[-1], overflow="fold")
    texts = [[_rich_text(cell) for cell in row] for row in rows]
    for row in texts:
        table.add_row(*row)
    # The last column wraps where enough room is left for it; otherwise the terminal wraps, and nothing is cut.
    fixed = sum(_GAP + max(text.cell_len for text in column) for column in list(zip(*texts, strict=True))[:-1])
    return _printed(table, look, width if width - fixed >= _LEAST_LAST_COLUMN else _UNLIMITED)


def _rich_text(cell: Cell) -> Text:
    from rich.text import Text

    return Text(cell.word, style=cell.style).append(cell.rest, style="default")


def _printed(item: object, look: Look, width: int) -> str:
    from rich.console import Console

    out = StringIO()
    colors: Literal["standard"] | None = "standard" if look.color else None
    Console(file=out, width=width, color_system=colors, force_terminal=look.color, highlight=False).print(item)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
