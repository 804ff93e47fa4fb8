"""A Dockerfile's instructions, cut from its lines exactly as BuildKit's parser cuts them.

Written in https://docs.docker.com/reference/dockerfile/#format (escape directive, comments, continuations) and
https://docs.docker.com/reference/dockerfile/#here-documents; where the words leave room, BuildKit's
`frontend/dockerfile/parser` decides. Bodies of here-documents are text and never seen by a caller.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from pinbot.formats._dockerfile_heredoc import Heredoc, heredocs
from pinbot.formats._dockerfile_words import BLANKS, SPACES
from pinbot.source.text import BOM, Span

Line = tuple[int, str]
"""A line without its line end, and the offset of its first character in the file."""

# fmt: off
KEYWORDS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
})
# fmt: on
_KEYWORD = re.compile(f"[{SPACES}]*([^{BLANKS}]+)[{BLANKS}]*")
_WITH_HEREDOCS = {"ADD", "COPY", "RUN"}
_DIRECTIVES = {"check", "escape", "syntax"}
# What Go's `\s` in a regular expression means; the parser of directives is one.
_DIRECTIVE_SPACES = "\t\n\f\r "


class Source:
    """A logical line: its text with the continuations taken out, and where each character of it stands."""

    __slots__ = ("_offsets", "_starts", "text")

    def __init__(self, stretches: Sequence[Line]) -> None:
        self.text = stretches[0][1] if len(stretches) == 1 else "".join(part for _, part in stretches)
        self._offsets = [offset for offset, _ in stretches]
        self._starts = [0, *accumulate(len(part) for _, part in stretches[:-1])]

    def offset(self, index: int) -> int:
        """Return the offset in the file of the character at `index`."""
        stretch = bisect_right(self._starts, index) - 1
        return self._offsets[stretch] + index - self._starts[stretch]

    def span(self, start: int, stop: int) -> Span:
        """Return the stretch of the file from the character at `start` to the one before `stop`."""
        return Span(self.offset(start), self.offset(stop - 1) + 1)

    def pieces(self, start: int, stop: int) -> Iterator[Line]:
        """Yield what stands between two indices as stretches that are unbroken in the file."""
        while start < stop:
            stretch = bisect_right(self._starts, start)
            end = min(stop, self._starts[stretch]) if stretch < len(self._starts) else stop
            yield self.offset(start), self.text[start:end]
            start = end

    def stretches(self, indices: Sequence[int]) -> Iterator[Line]:
        """Yield the characters at some indices, joined where they are a range."""
        if isinstance(indices, range):
            yield from self.pieces(indices.start, indices.stop)
        else:
            yield from ((self.offset(index), self.text[index]) for index in indices)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in upper case, the logical line, and the index at which its arguments begin.

    `first` is the offset in the file of the line on which it begins; `escape` the file's escape character.
    """

    keyword: str
    source: Source
    arguments: int
    first: int
    escape: str

    @property
    def text(self) -> str:
        """The logical line."""
        return self.source.text

    def triggered(self) -> Instruction | None:
        """Return the instruction behind an ONBUILD, None where there is none."""
        inner = _instruction(self.source, self.arguments, self.first, self.escape)
        return inner if inner and inner.keyword != "ONBUILD" else None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A here-document that never ends: nothing behind `offset` can be told apart from its body."""

    name: str
    offset: int


def parse_directive(line: str, mark: str = "#") -> tuple[str, int, str] | None:
    """Return key, index of the value, and value of a parser directive, None where `line` is something else."""
    if not line.startswith(mark):
        return None
    key, equals, value = line[len(mark) :].partition("=")
    key = key.lstrip(SPACES).rstrip(_DIRECTIVE_SPACES).lower()
    text = value.strip(_DIRECTIVE_SPACES)
    if not equals or key not in _DIRECTIVES or not text:
        return None
    start = line.index("=") + 1
    return key, start + len(value) - len(value.lstrip(_DIRECTIVE_SPACES)), text


def read(lines: Iterable[Line]) -> Iterator[Instruction | Unfinished]:
    """Yield the instructions of a Dockerfile in their order; unknown ones too, as BuildKit's parser does."""
    return _Reader(list(lines)).read()


def _instruction(source: Source, start: int, first: int, escape: str) -> Instruction | None:
    word = _KEYWORD.match(source.text, start, len(source.text.rstrip(SPACES)))
    return Instruction(word[1].upper(), source, word.end(), first, escape) if word else None


class _Reader:
    """Walks the lines once; `_at` is the next line to be read."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._at = 0
        self._escape = "\\"
        self._in_directives = True

    def read(self) -> Iterator[Instruction | Unfinished]:
        while self._at < len(self._lines):
            instruction = self._next()
            if instruction is None:
                continue
            yield instruction
            unfinished = self._skip_heredocs(instruction)
            if unfinished:
                yield unfinished
                return

    def _next(self) -> Instruction | None:
        """Read the logical line that begins here; None where the line holds no instruction."""
        first, line = self._take()
        if first == 0 and line.startswith(BOM):
            first, line = 1, line[1:]
        stripped = line.lstrip(SPACES)
        if self._in_directives:
            self._heed(stripped)
        if not stripped or stripped[0] == "#":
            return None
        content, more = self._without_continuation(stripped)
        stretches = [(first + len(line) - len(stripped), content)]
        while more and self._at < len(self._lines):
            offset, line = self._take()
            if line.lstrip(SPACES)[:1] in {"", "#"}:
                continue
            content, more = self._without_continuation(line)
            stretches.append((offset, content))
        return _instruction(Source(stretches), 0, first, self._escape)

    def _take(self) -> Line:
        offset, line = self._lines[self._at]
        self._at += 1
        return offset, line.rstrip("\r\n")

    def _heed(self, line: str) -> None:
        """Read a parser directive; the first line that is none ends them."""
        directive = parse_directive(line)
        if directive is None:
            self._in_directives = False
        elif directive[0] == "escape" and directive[2] in {"\\", "`"}:
            self._escape = directive[2]

    def _without_continuation(self, line: str) -> tuple[str, bool]:
        """Return the line without its continuation mark, and whether there was one; two marks are none."""
        content = line.rstrip(" \t")
        if not content.endswith(self._escape) or content[-2:-1] == self._escape:
            return line, False
        return content[:-1], True

    def _skip_heredocs(self, instruction: Instruction) -> Unfinished | None:
        """Step over the here-documents that an instruction opens; return the one that never ends.

        With a space behind `<<` only recent BuildKits see a here-document; where none ends, the older reading
        (a shift operator, say) is the one under which the file builds.
        """
        if "<<" not in instruction.text:
            return None
        inner: Instruction | None = instruction
        if instruction.keyword == "ONBUILD":
            inner = instruction.triggered()
        if inner is None or inner.keyword not in _WITH_HEREDOCS:
            return None
        before = self._at
        for heredoc in heredocs(inner.text, inner.arguments, inner.escape):
            if self._skip_heredoc(heredoc):
                continue
            self._at = before
            return None if heredoc.spaced else Unfinished(heredoc.name, instruction.first)
        return None

    def _skip_heredoc(self, heredoc: Heredoc) -> bool:
        last = self._last_chomped if heredoc.chomp else self._last
        if last.get(heredoc.name, -1) < self._at:
            return False
        while True:
            _, line = self._take()
            if (line.lstrip("\t") if heredoc.chomp else line) == heredoc.name:
                return True

    @cached_property
    def _last(self) -> dict[str, int]:
        """The last line number of each text: asking it keeps a file of unfinished here-documents linear."""
        return {line.rstrip("\r\n"): number for number, (_, line) in enumerate(self._lines)}

    @cached_property
    def _last_chomped(self) -> dict[str, int]:
        return {line.rstrip("\r\n").lstrip("\t"): number for number, (_, line) in enumerate(self._lines)}
