"""Unit files as systemd and Podman read them, with the place of every value
(https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pinbot.source.text import BOM, Span

_COMMENTS = ("#", ";")


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key=value` of a section; `value` is what it says after lines are joined, without the space around it.

    `span` is where exactly that stands, None where the value goes over several lines; `start` is where the key stands.
    """

    section: str
    key: str
    value: str
    span: Span | None
    start: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line, or what a line adds to the one before it, without the space around it and the `\\` at its end."""

    start: int
    text: str


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries of a unit file in their order; what is neither section, entry nor comment is passed over."""
    section = ""
    for pieces in _joined(text):
        line = "".join(piece.text for piece in pieces)
        if line.startswith("["):
            # A `]` ends the name; systemd and Podman accept white space behind it, and nothing else.
            section = line[1:].rstrip().removesuffix("]")
        elif "=" in line and not line.startswith("="):
            yield _entry(section, pieces, line)


def unquoted(entry: Entry) -> Entry:
    """Return an entry without the double quotes around its value, which Podman takes off."""
    value, span = entry.value, entry.span
    if len(value) < 2 or not value.startswith('"') or not value.endswith('"'):
        return entry
    inner = Span(span.start + 1, span.stop - 1) if span else None
    return Entry(entry.section, entry.key, value[1:-1], inner, entry.start)


def _entry(section: str, pieces: list[_Piece], line: str) -> Entry:
    key, _, rest = line.partition("=")
    value = rest.strip()
    at = len(key) + 1 + len(rest) - len(rest.lstrip())
    return Entry(section, key.rstrip(), value, _place(pieces, at, len(value)), pieces[0].start)


def _place(pieces: list[_Piece], at: int, length: int) -> Span | None:
    """Return where a stretch of the joined line stands, None where it goes over the end of a piece."""
    for piece in pieces:
        if at + length <= len(piece.text):
            return Span(piece.start + at, piece.start + at + length)
        at -= len(piece.text)
        if at < 0:
            break
    return None


def _joined(text: str) -> Iterator[list[_Piece]]:
    """Yield each line that is no comment, with those that a `\\` at its end joins to it."""
    pieces: list[_Piece] = []
    at = 1 if text.startswith(BOM) else 0
    for line in text[at:].split("\n"):
        stripped = line.strip()
        start = at + len(line) - len(line.lstrip())
        at += len(line) + 1
        if not stripped or stripped.startswith(_COMMENTS):
            # Also between lines that are joined.
            continue
        pieces.append(_Piece(start, stripped.removesuffix("\\")))
        if not stripped.endswith("\\"):
            yield pieces
            pieces = []
    if pieces:
        yield pieces
