"""A reference whose parts stand apart in a file: joined, parsed, and its slots moved back to the parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pinbot.errors import InvalidReference
from pinbot.formats._base import name_within, slots_within
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Slot, Writable
from pinbot.source.text import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reference: what goes before it, its text, and where exactly that stands."""

    lead: str
    text: str
    start: int
    tail: str = ""


def joined(pieces: Sequence[Piece]) -> Writable | Aside:
    """Return the standing of the reference that the pieces make.

    What is missing has its slot behind the piece that it would follow; a tag that no piece holds has none.
    """
    text, starts = "", list[tuple[int, Piece]]()
    for piece in pieces:
        starts.append((len(text) + len(piece.lead), piece))
        text += f"{piece.lead}{piece.text}{piece.tail}"
    try:
        reference = Reference.parse(text)
    except InvalidReference as error:
        return Aside("invalid", str(error))
    digest, tag = (_moved(slot, starts) for slot in slots_within(text, reference, 0))
    assert digest is not None
    first = pieces[0]
    whole = not first.lead and len(reference.name) <= len(first.text)
    return Writable(reference, digest, tag, name_within(reference, first.start) if whole else None)


def _moved(slot: Slot, starts: list[tuple[int, Piece]]) -> Slot | None:
    """Move a slot from its place in the whole to the piece in which it stands, or which it follows."""
    empty = slot.span.start == slot.span.stop
    for at, piece in reversed(starts):
        if at < slot.span.start + (not empty):
            offset = piece.start - at
            return replace(slot, span=Span(slot.span.start + offset, slot.span.stop + offset))
    return None
