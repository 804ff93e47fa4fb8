"""The variant of a tag, `-alpine3.19` or `-debian-12-r3`: its words, and the numbers that may grow with them.

A revision at the end (`-r3`) counts builds of all that stands before it: it starts anew when something there grows.
Architectures (`-arm32v7`) are words as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pinbot.oci._tag_words import ARCHITECTURES

_PIECE = re.compile(r"([-_.]*)([A-Za-z0-9.]*)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_REVISION = re.compile(r"-r([0-9]+)$")


@dataclass(frozen=True, slots=True)
class Variant:
    """A suffix taken apart: its words (numbers as `#`), the numbers in order, and the revision at its end, if any."""

    words: str
    numbers: tuple[int, ...]
    revision: int | None

    def grows_from(self, older: Variant) -> bool:
        """Whether this is the same variant with no number smaller than in `older`, revisions aside."""
        if self.words != older.words:
            return False
        return all(new >= old for new, old in zip(self.numbers, older.numbers, strict=True))


@lru_cache(maxsize=4096)
def read_variant(suffix: str) -> Variant:
    """Take a suffix apart; equal `words` mean the same words with as many numbers at the same places."""
    found = _REVISION.search(suffix)
    rest = suffix[: found.start()] if found else suffix
    numbers: list[int] = []
    words = "".join(separator + _without_numbers(body, numbers) for separator, body in _PIECE.findall(rest))
    return Variant(words + ("-r#" if found else ""), tuple(numbers), int(found[1]) if found else None)


def components(text: str) -> tuple[str, ...]:
    """Return the words of a prefix, a suffix or a tag without numbers of its own: `-slim-bookworm` has two."""
    return tuple(body for _, body in _PIECE.findall(text) if body)


def extends(suffix: str, shorter: str) -> bool:
    """Whether a variant is `shorter` itself, or `shorter` with the number at its end that it left open (`-alpine`)."""
    return suffix == shorter or bool(
        shorter and suffix.startswith(shorter) and shorter[-1].isalpha() and _NUMBER.fullmatch(suffix[len(shorter) :])
    )


def _without_numbers(body: str, numbers: list[int]) -> str:
    if ARCHITECTURES.fullmatch(body):
        return body
    numbers += (int(number) for found in _NUMBER.findall(body) for number in found.split("."))
    return _NUMBER.sub(lambda found: ".".join("#" * (found[0].count(".") + 1)), body)
