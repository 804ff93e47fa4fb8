"""What a value in a reference's place is, and where its digest goes (the Dockerfile rules of semantics "2. Places").

A variable that ends the reference carries the digest in its value, so that an override drops the pin together
with the tag; a digest behind a variable would silently beat `--build-arg`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pinbot.errors import InvalidDigest, InvalidReference
from pinbot.formats._base import slots_within
from pinbot.formats._dockerfile_values import Arguments, Piece, Value
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Fixed, Slot, Standing, Writable
from pinbot.source.text import Span

# What template engines and autoconf leave in a file that is not yet a Dockerfile.
_TEMPLATE = re.compile(r"\{\{|\{%|<%|%%|%[A-Z_]+%|@[A-Z][A-Z0-9_]*@")


def is_template(text: str) -> bool:
    """Whether the text holds a placeholder of a template."""
    return bool(_TEMPLATE.search(text))


def standing_of(value: Value, arguments: Arguments) -> Standing:
    """Return what a value that is no build stage is, and where it can be changed."""
    if value.problem:
        return Aside(value.problem.status, value.problem.reason, Reference.parse_or_none(value.text))
    text = value.text
    if is_template(text):
        return Aside("variable", "a placeholder of a template stands here")
    if not text and value.names:
        return Aside("variable", f"{value.names[0]} is empty by default")
    try:
        reference = Reference.parse(text)
    except InvalidDigest as error:
        return Aside("invalid", str(error))
    except InvalidReference as error:
        return Aside("variable" if value.names else "invalid", str(error))
    return _Layout(value, text, reference, arguments).standing()


class _Layout:
    """A reference over the pieces of its value."""

    def __init__(self, value: Value, text: str, reference: Reference, arguments: Arguments) -> None:
        self._reference, self._arguments = reference, arguments
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
        shared = self._arguments.why_shared(carrier[1].steps)
        if shared:
            return Fixed(self._reference, shared)
        return Writable(self._reference, _moved(self._digest, *carrier), self._tag_slot())

    def _tag_slot(self) -> Slot | None:
        carrier = self._carrier(self._tag)
        if carrier is None or self._arguments.why_shared(carrier[1].steps):
            return None
        return _moved(self._tag, *carrier)

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
            return _beaten(variables[0][1].steps[0].name, "does not end the reference")
        if not last.text:
            return _beaten(last.steps[-1].name, "is empty by default and ends the reference")
        for at, piece in variables:
            in_tag = max(at + len(piece.text), at + 1) > len(self._reference.name)
            if in_tag and piece.steps != last.steps[: len(piece.steps)]:
                return _beaten(piece.steps[-1].name, "does not end the reference")
        return None


def _beaten(name: str, what: str) -> str:
    return f"{name} {what}, and a digest behind it would silently beat --build-arg {name}=…"


def _moved(slot: Slot, at: int, piece: Piece) -> Slot:
    """Move a slot from its place in the reference to its place in the file."""
    offset = piece.start - at
    return replace(slot, span=Span(slot.span.start + offset, slot.span.stop + offset))
