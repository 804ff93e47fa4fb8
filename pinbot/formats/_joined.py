"""A reference that is put together from parts of a file: where in those parts its tag and digest stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from pinbot.formats._base import slots_within
from pinbot.oci.reference import Reference
from pinbot.source.finding import Slot
from pinbot.source.text import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Joined:
    """The text of a whole reference, and the parts that it is made of: where each begins in it, and in the file."""

    text: str
    parts: tuple[tuple[int, Span], ...]

    @classmethod
    def of(cls, file: SourceFile, parts: Sequence[tuple[str, Span, str]]) -> Self:
        """Join stretches of a file, each with what goes before and behind it."""
        text, places = "", list[tuple[int, Span]]()
        for lead, span, tail in parts:
            places.append((len(text) + len(lead), span))
            text += f"{lead}{file.slice(span)}{tail}"
        return cls(text, tuple(places))

    def slots(self, reference: Reference) -> tuple[Slot, Slot | None]:
        """Return the slots (digest, tag) of the reference that the text is.

        A digest that is missing follows the last part; a tag that is missing, or stands in no part, has no slot.
        """
        digest, tag = slots_within(self.text, reference, 0)
        moved = self._moved(digest)
        assert moved is not None
        return moved, self._moved(tag) if reference.tag else None

    def _moved(self, slot: Slot) -> Slot | None:
        empty = slot.span.start == slot.span.stop
        for at, span in reversed(self.parts):
            if at < slot.span.start + (not empty):
                offset = span.start - at
                return replace(slot, span=Span(slot.span.start + offset, slot.span.stop + offset))
        return None
