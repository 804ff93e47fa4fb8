"""Writes pinbot/formats/_mapping.py: what each format says of itself, so that none need be loaded: `make docs`.

A test keeps it current. Pygments does the same for its lexers, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from pinbot import discovery
from pinbot import formats as room
from pinbot.formats._base import Format, any_path
from pinbot.formats._claims import Pattern
from pinbot.formats._mapped import Entry

FILE = Path(room.__path__[0]) / "_mapping.py"
_HEAD = '''\
"""What each format says of itself, made by `make docs`: please change it there."""

from __future__ import annotations

from pinbot.formats._base import any_path
from pinbot.formats._claims import Pattern
from pinbot.formats._mapped import Entry

# ruff: noqa: E501 # nobody reads or writes these lines
# fmt: off
ENTRIES = (
'''


def entries() -> tuple[Entry, ...]:
    """Return an entry for each format that there is."""
    return tuple(_entry(one) for one in discovery.collect(room, "FORMAT", Format))


def _entry(one: Format) -> Entry:
    known = isinstance(one.claims, Pattern) or one.claims is any_path
    return Entry(
        one.name,
        one.claims if known else None,
        tuple(sorted(one.endings)),
        tuple(tuple(sorted(n)) if isinstance(n, tuple) else n for n in one.needles),
        one.never,
        one.max_bytes,
        one.general,
        one.fallback,
    )


def text() -> str:
    """Return the text of the module."""
    return _HEAD + "".join(f"    Entry({', '.join(_arguments(entry))}),\n" for entry in entries()) + ")\n"


def _arguments(entry: Entry) -> Iterator[str]:
    """Yield the fields of an entry that are not what they are by default."""
    for field in fields(entry):
        value = getattr(entry, field.name)
        if value != field.default:
            yield f"{field.name}={'any_path' if value is any_path else repr(value)}"


def main() -> None:
    """Write the module."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
