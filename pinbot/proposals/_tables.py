"""Tables with no more rows than there is room for, and no columns that say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pinbot.proposals._markdown import folded, row, table

NOTHING = "-"
# Rows that are shown without a click.
_SHOWN = 15


def fitted(
    heads: Sequence[str], rows: Sequence[Sequence[str]], room: int, summary: str = "", *, always: int = 0
) -> Iterator[str]:
    """Yield a table with as many rows as there is room for, in characters, and the count of the others.

    With a summary all of it is folded, without one the rows that follow the first. Of the columns behind the first
    `always`, those are left out in which no row says anything.
    """
    if not rows:
        return
    kept = [n for n in range(len(heads)) if n < (always or len(heads)) or any(cells[n] != NOTHING for cells in rows)]
    shown = [heads[n] for n in kept]
    fitting = within((row(*(cells[n] for n in kept)) for cells in rows), room)
    if summary:
        yield folded(summary, table(shown, fitting))
    else:
        yield table(shown, fitting[:_SHOWN])
        if more := fitting[_SHOWN:]:
            yield folded(f"{len(more)} more", table(shown, more))
    if left_out := len(rows) - len(fitting):
        yield f"… and {left_out} more, for which there is no room here."


def within(texts: Iterable[str], room: int) -> list[str]:
    """Return the first texts, as many as together have no more than so many characters, each with the end of a line."""
    fitting: list[str] = []
    for one in texts:
        room -= len(one) + 1
        if room < 0:
            break
        fitting.append(one)
    return fitting
