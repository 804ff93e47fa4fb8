"""Variables of a Dockerfile, followed to their defaults: https://docs.docker.com/reference/dockerfile/#environment-replacement.

Only ARGs before the first FROM count for a FROM (https://docs.docker.com/reference/dockerfile/#scope).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pinbot.formats._dockerfile_lexer import Source
from pinbot.formats._dockerfile_values import Arguments
from pinbot.formats._pieces import Piece, Problem, Step, Value, join, literal

# https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
_PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
_NAME = re.compile(r"[0-9]+|[^\W0-9]\w*|[@*#?$!-]|")
_PLAIN = re.compile(r"""[^$'"}`\\]+""")
# A reference has at most 255 + 128 + 135 characters; nothing longer is followed, so that ARGs that double each
# other's length cannot fill the memory.
_MAX_CHARACTERS = 4096
_MAX_PIECES = 64
_MAX_STEPS = 32


def expand(source: Source, start: int, stop: int, arguments: Arguments, escape: str, user: str) -> Value:
    """Return what a word of a FROM or of an ARG before it stands for; `user` is its name in reasons."""
    if stop - start > _MAX_CHARACTERS:
        return Value(problem=Problem("variable", "the value is longer than any image reference"))
    if not any(character in source.text[start:stop] for character in ("$", "'", '"', escape)):
        return literal(source.pieces(start, stop))
    return _Expansion(source, stop, arguments, escape, user).run(start)


@dataclass(slots=True)
class _Frame:
    """A word under way: the whole one, or the one behind the operator of `${name:-word}`."""

    name: str = ""
    operator: str = ""
    at: int = 0
    quoted: bool = False
    pieces: list[Piece] = field(default_factory=list)
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look-up gave: the pieces of the value, or None and why; `depends` where no default can stand in."""

    pieces: tuple[Piece, ...] | None
    why: str
    definition: int | None = None
    depends: bool = False


class _Expansion:
    """Replaces the variables of one word, as BuildKit's shell lexer does; nested words are frames on a stack."""

    def __init__(self, source: Source, stop: int, arguments: Arguments, escape: str, user: str) -> None:
        self._source, self._text, self._stop = source, source.text, stop
        self._arguments, self._escape, self._user = arguments, escape, user
        self._frames = [_Frame()]
        self._names: dict[str, None] = {}
        self._problem: Problem | None = None
        self._length = 0

    def run(self, index: int) -> Value:
        while index < self._stop and self._problem is None:
            plain = _PLAIN.match(self._text, index, self._stop)
            if plain:
                self._add([Piece(text, start) for start, text in self._source.pieces(index, plain.end())])
                index = plain.end()
            else:
                index = self._quoted(index) if self._frames[-1].quoted else self._bare(index)
        problem = self._problem or self._end_problem()
        return Value(() if problem else tuple(self._frames[0].pieces), problem, tuple(self._names)[:_MAX_STEPS])

    def _end_problem(self) -> Problem | None:
        frame = self._frames[-1]
        if len(self._frames) > 1 or frame.quoted:
            return Problem("invalid", "a quote or a brace does not close")
        return Problem("variable", frame.unknown) if frame.unknown else None

    def _bare(self, index: int) -> int:
        character = self._text[index]
        if character == "}" and len(self._frames) > 1:
            self._close()
        elif character == '"':
            self._frames[-1].quoted = True
        elif character == "'":
            return self._single_quote(index)
        elif character == "$":
            return self._variable(index)
        elif character == self._escape:
            self._emit(index + 1)
            return index + 2
        else:
            self._emit(index)
        return index + 1

    def _quoted(self, index: int) -> int:
        character = self._text[index]
        if character == '"':
            self._frames[-1].quoted = False
        elif character == "$":
            return self._variable(index)
        elif character == self._escape and self._text[index + 1 : index + 2] in {'"', "$", self._escape}:
            self._emit(index + 1)
            return index + 2
        else:
            self._emit(index)
        return index + 1

    def _single_quote(self, index: int) -> int:
        end = self._text.find("'", index + 1, self._stop)
        if end < 0:
            self._problem = Problem("invalid", "a quote does not close")
            return self._stop
        self._add([Piece(text, start) for start, text in self._source.pieces(index + 1, end)])
        return end + 1

    def _emit(self, index: int) -> None:
        if index < self._stop:
            self._add([Piece(self._text[index], self._source.offset(index))])

    def _variable(self, index: int) -> int:
        """Read `$name` or the head of `${name…`; return the index behind it."""
        if not self._text.startswith("{", index + 1):
            name = _name(self._text, index + 1, self._stop)
            if not name:
                self._emit(index)
                return index + 1
            self._names[name] = None
            self._substitute(name, index)
            return index + 1 + len(name)
        name = _name(self._text, index + 2, self._stop)
        self._names[name] = None
        end = index + 2 + len(name)
        operator = self._text[end : min(end + 2, self._stop)]
        if operator[:1] == "}" and name:
            self._substitute(name, index)
            return end + 1
        width = 2 if operator[:1] == ":" else 1
        if operator[width - 1 : width] in {"-", "+", "?"} and name:
            self._frames.append(_Frame(name, operator[:width], index))
        elif operator[:1] in {"#", "%", "/"} and name:
            self._problem = Problem("variable", f"pinbot does not follow the form ${{{name}{operator[0]}…}}")
        elif name == "templateOption" and operator[:1] == ":":
            # https://containers.dev/implementors/templates/#the-option-property
            self._problem = Problem("variable", "an option of a dev container template is filled in here")
        else:
            self._problem = Problem("invalid", f"{self._text[index : index + 20]!r} is not a substitution")
        return end + width

    def _substitute(self, name: str, index: int) -> None:
        """Put the value of a variable in."""
        found = self._look_up(name)
        if found.pieces is None:
            self._doubt(found.why)
        else:
            self._put(Step(name, found.definition), found.pieces, index)

    def _close(self) -> None:
        """End `${name:-word}` and its like: put in the value, the word or nothing."""
        frame = self._frames.pop()
        found = self._look_up(frame.name, feeds="+" not in frame.operator)
        pieces = found.pieces or ()
        empty_counts = ":" not in frame.operator
        is_set = found.pieces is not None and (empty_counts or any(piece.text for piece in pieces))
        takes_word = is_set == ("+" in frame.operator) and "?" not in frame.operator
        if found.depends:
            self._doubt(found.why)
        elif takes_word:
            self._doubt(frame.unknown)
            self._put(Step(frame.name, None), frame.pieces, frame.at)
        elif is_set or "?" not in frame.operator:
            self._put(Step(frame.name, found.definition), pieces if is_set else (), frame.at)
        else:
            self._doubt(f"{frame.name} has to be given to the build")

    def _look_up(self, name: str, feeds: bool = True) -> _Found:
        """Return the value of a variable; `feeds` where it becomes part of the word, not only decides about it."""
        if name in self._arguments.values:
            number, value = self._arguments.values[name]
            if feeds:
                self._arguments.uses[number].append(self._user)
            self._names |= dict.fromkeys(value.names)
            if value.problem:
                return _Found(None, value.problem.reason, number, depends=True)
            return _Found(value.pieces, "", number)
        if name in _PLATFORM_ARGUMENTS:
            return _Found(None, f"{name} depends on the platform of the build", depends=True)
        if name in self._arguments.declared:
            return _Found(None, f"ARG {name} has no default")
        return _Found(None, f"{self._arguments.unset} {name}")

    def _doubt(self, why: str) -> None:
        self._frames[-1].unknown = self._frames[-1].unknown or why

    def _put(self, step: Step, pieces: Iterable[Piece], index: int) -> None:
        added = [replace(piece, steps=(step, *piece.steps)) for piece in pieces]
        self._add(added or [Piece("", self._source.offset(index), (step,))])

    def _add(self, pieces: list[Piece]) -> None:
        present = self._frames[-1].pieces
        join(present, pieces)
        self._length += sum(len(piece.text) for piece in pieces)
        depth = max((len(piece.steps) for piece in pieces), default=0)
        if self._length > _MAX_CHARACTERS or len(present) > _MAX_PIECES or depth > _MAX_STEPS:
            self._problem = Problem("variable", "the value is put together from too many parts to be followed")


def _name(text: str, start: int, stop: int) -> str:
    match = _NAME.match(text, start, stop)
    return match[0] if match else ""
