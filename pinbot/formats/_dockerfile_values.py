"""Values of words in a Dockerfile, whose every character keeps its place in the file and the variables it came through.

What feeds what: https://docs.docker.com/reference/dockerfile/#scope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """A variable that a character came through: the number of its ARG, None for a default inside `${X:-default}`."""

    name: str
    definition: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a value that is unbroken in the file; empty where a variable gave nothing."""

    text: str
    start: int
    steps: tuple[Step, ...] = ()


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


@dataclass(slots=True)
class Arguments:
    """The ARGs before the first FROM, as far as they have been read, and who uses each definition."""

    values: dict[str, tuple[int, Value]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    uses: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    exposed: dict[str, int] = field(default_factory=dict)

    def define(self, name: str, value: Value | None) -> None:
        """Add an ARG; one without a default leaves what is there."""
        self.declared.add(name)
        if value is not None:
            self.values[name] = (len(self.uses), value)
            self.uses[len(self.uses)] = []

    def why_shared(self, steps: Iterable[Step]) -> str | None:
        """Say what else than one reference the variables of `steps` feed; None where there is nothing."""
        for step in steps:
            users = self.uses[step.definition] if step.definition is not None else []
            if len(users) > 1:
                both = f"{users[0]} and {users[1]}" if users[0] != users[1] else f"{users[0]} twice"
                return f"{step.name} feeds {both}, and a digest in its value would reach both"
            if step.definition is not None and step.name in self.exposed:
                line = self.exposed[step.name]
                return (
                    f"ARG {step.name} on line {line} lets a stage see the value, so a digest in it could end up there"
                )
        return None


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
            and last.start + len(last.text) == piece.start
        ):
            present[-1] = replace(last, text=last.text + piece.text)
        else:
            present.append(piece)
