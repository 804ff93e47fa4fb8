"""Values of words whose every character keeps its place in the file and the variables that it came through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """A variable that a character came through: the number of its definition, None for a default in `${X:-default}`."""

    name: str
    definition: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a value that is unbroken in the file; empty where a variable gave nothing.

    `path` names another file of the repository where it stands there.
    """

    text: str
    start: int
    steps: tuple[Step, ...] = ()
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is not known."""

    status: Literal["variable", "invalid"]
    reason: str


@dataclass(frozen=True, slots=True)
class Value:
    """What a word stands for: its pieces, or the problem that keeps it from being known."""

    pieces: tuple[Piece, ...] = ()
    problem: Problem | None = None
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The characters of all pieces."""
        return "".join(piece.text for piece in self.pieces)


def literal(pieces: Iterable[tuple[int, str]]) -> Value:
    """Return the value of a text in which nothing is replaced."""
    joined: list[Piece] = []
    join(joined, (Piece(text, start) for start, text in pieces))
    return Value(tuple(joined))


def join(present: list[Piece], added: Iterable[Piece]) -> None:
    """Append pieces; neighbours that are neighbours in the file too, and came the same way, become one."""
    for piece in added:
        last = present[-1] if present else None
        if (
            last
            and last.text
            and piece.text
            and last.steps == piece.steps
            and last.path == piece.path
            and last.start + len(last.text) == piece.start
        ):
            present[-1] = replace(last, text=last.text + piece.text)
        else:
            present.append(piece)
