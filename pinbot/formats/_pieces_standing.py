"""Where the digest of a reference goes that is put together from pieces (the rules of semantics "2. Places").

A variable that ends the reference carries the digest in its value, so that an override drops the pin together
with the tag; a digest behind a variable would silently beat the override.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from pinbot.formats._base import name_within, slots_within
from pinbot.formats._pieces import Piece, Step, Value
from pinbot.oci.reference import Reference
from pinbot.source.finding import Fixed, Slot, Standing, Writable
from pinbot.source.text import Span


class Sources(Protocol):
    """What is known of the variables of a file."""

    def override(self, name: str) -> str:
        """Say how the value of a variable is set from outside."""
        ...

    def why_shared(self, steps: Iterable[Step]) -> str | None:
        """Say what else than one reference the variables of `steps` feed; None where there is nothing."""
        ...


def standing_over(value: Value, reference: Reference, sources: Sources) -> Standing:
    """Return the standing of a reference that is the text of a value."""
    return _Layout(value, value.text, reference, sources).standing()


class _Layout:
    """A reference over the pieces of its value."""

    def __init__(self, value: Value, text: str, reference: Reference, sources: Sources) -> None:
        self._reference, self._sources = reference, sources
        self._digest, self._tag = slots_within(text, reference, 0)
        self._pieces: list[tuple[int, Piece]] = []
        at = 0
        for piece in value.pieces:
            self._pieces.append((at, piece))
            at += len(piece.text)

    def standing(self) -> Standing:
        obstacle = None if self._reference.digest else self._obstacle()
        if obstacle:
            return Fixed(self._reference, obstacle)
        carrier = self._carrier(self._digest)
        if carrier is None:
            return Fixed(self._reference, "the digest is put together from several places of the file")
        shared = self._sources.why_shared(carrier[1].steps)
        if shared:
            return Fixed(self._reference, shared)
        name = name_within(self._reference, 0)
        return Writable(self._reference, _moved(self._digest, *carrier), self._own(self._tag), name and self._own(name))

    def _own(self, slot: Slot) -> Slot | None:
        """Return where a slot stands in the file, None where it is in several places or feeds something else too."""
        carrier = self._carrier(slot)
        if carrier is None or self._sources.why_shared(carrier[1].steps):
            return None
        return _moved(slot, *carrier)

    def _carrier(self, slot: Slot) -> tuple[int, Piece] | None:
        """Return the piece that holds a slot, with its place in the reference; None where several share it."""
        start = slot.span.start - (slot.span.start == slot.span.stop)
        for at, piece in self._pieces:
            if at <= start < at + len(piece.text):
                return (at, piece) if slot.span.stop <= at + len(piece.text) else None
        return None

    def _obstacle(self) -> str | None:
        """Say why a digest that is not there yet has no place to go to."""
        last = self._pieces[-1][1]
        variables = [(at, piece) for at, piece in self._pieces if piece.steps]
        if variables and not last.steps:
            return self._beaten(variables[0][1].steps[0].name, "does not end the reference")
        if not last.text:
            return self._beaten(last.steps[-1].name, "is empty by default and ends the reference")
        for at, piece in variables:
            in_tag = max(at + len(piece.text), at + 1) > len(self._reference.name)
            if in_tag and piece.steps != last.steps[: len(piece.steps)]:
                return self._beaten(piece.steps[-1].name, "does not end the reference")
        return None

    def _beaten(self, name: str, what: str) -> str:
        return f"{name} {what}, and a digest behind it would silently beat {self._sources.override(name)}"


def _moved(slot: Slot, at: int, piece: Piece) -> Slot:
    """Move a slot from its place in the reference to its place in the file."""
    offset = piece.start - at
    return replace(slot, span=Span(slot.span.start + offset, slot.span.stop + offset), path=piece.path)
