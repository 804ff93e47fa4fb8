"""Program text as names, strings and signs, for formats that are written in a programming language.

A language is described by its comments and quotes (`Syntax`); nothing is evaluated. What a string fills in
(`"${…}"`) belongs to the string. Reading is linear and without recursion, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pinbot.source.text import BOM, Span

# A sign takes a microsecond and two hundred bytes; nobody writes longer programs by hand.
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Quote:
    """A way to write strings: what opens one, and patterns for what closes it, escapes a sign and fills in a value."""

    opens: str
    closes: str
    escapes: str = r"\\."
    fills: str = ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A language: patterns of its comments and names, and its quotes, the longer ones first."""

    comments: str
    quotes: tuple[Quote, ...]
    names: str = r"[A-Za-z_]\w*"


@dataclass(frozen=True, slots=True)
class Token:
    """A name, a string or one sign.

    `text` is the name, the sign, or what stands between the quotes, at `inner`; `span` has the quotes. A string is
    `plain` where it says exactly what is written: no escapes, nothing filled in.
    """

    kind: str
    text: str
    span: Span
    inner: Span
    plain: bool = True

    def says(self, sign: str) -> bool:
        """Whether this is that sign or name, and no string."""
        return self.kind != "string" and self.text == sign


def tokens(text: str, syntax: Syntax) -> list[Token]:
    """Return the tokens of a program; a string that never ends is one to the end of the text."""
    return list(_Lexer(text, syntax).tokens())


@lru_cache(maxsize=16)
def _outside(syntax: Syntax) -> re.Pattern[str]:
    opens = "|".join(re.escape(quote.opens) for quote in syntax.quotes)
    return re.compile(
        rf"(?P<space>\s+|{BOM})|(?P<comment>{syntax.comments})|(?P<quote>{opens})|(?P<name>{syntax.names}|\d\w*)"
        r"|(?P<sign>.)",
        re.DOTALL,
    )


@lru_cache(maxsize=32)
def _inside(quote: Quote) -> re.Pattern[str]:
    fills = f"|{quote.fills}" if quote.fills else ""
    return re.compile(rf"(?P<escapes>{quote.escapes})|(?P<closes>{quote.closes}){fills}", re.DOTALL)


@dataclass(slots=True)
class _Open:
    """A string that has begun, or begun again behind what it fills in; `depth` counts the braces within that."""

    quote: Quote
    start: int
    plain: bool = True
    depth: int = 0


class _Lexer:
    def __init__(self, text: str, syntax: Syntax) -> None:
        self._text, self._syntax = text, syntax
        self._quotes = {quote.opens: quote for quote in syntax.quotes}
        self._strings: list[_Open] = []

    def tokens(self) -> Iterator[Token]:
        outside, at = _outside(self._syntax), 0
        while at < len(self._text):
            found = outside.match(self._text, at)
            assert found is not None
            at = found.end()
            if found["quote"]:
                self._strings.append(_Open(self._quotes[found["quote"]], found.start()))
            elif self._strings:
                self._count(found["sign"])
            elif found["name"] or found["sign"]:
                span = Span(found.start(), at)
                yield Token("name" if found["name"] else "sign", found[0], span, span)
            if self._strings and not self._strings[-1].depth:
                token, at = self._string(at)
                if token:
                    yield token

    def _count(self, sign: str | None) -> None:
        """Follow the braces of what the innermost string fills in."""
        if sign in {"{", "}"}:
            self._strings[-1].depth += 1 if sign == "{" else -1

    def _string(self, at: int) -> tuple[Token | None, int]:
        """Read on in the innermost string: to its end, or to what it fills in."""
        string = self._strings[-1]
        for found in _inside(string.quote).finditer(self._text, at):
            if found["closes"] is not None:
                return self._closed(string, found.start(), found.end()), found.end()
            string.plain = False
            if found["escapes"] is None:
                string.depth = 1
                return None, found.end()
        return self._closed(string, len(self._text), len(self._text)), len(self._text)

    def _closed(self, string: _Open, stop: int, end: int) -> Token | None:
        self._strings.pop()
        if self._strings:
            return None
        inner = Span(min(string.start + len(string.quote.opens), stop), stop)
        return Token("string", self._text[inner.start : stop], Span(string.start, end), inner, string.plain)


_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}


def brackets(program: Sequence[Token]) -> dict[int, int]:
    """Return for the index of each opening bracket that of its end; behind the last token where it is not closed."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(program):
        if token.kind == "sign" and token.text in _OPENING:
            opened.append(index)
        elif token.kind == "sign" and token.text in _CLOSING and opened:
            ends[opened.pop()] = index
    return ends | dict.fromkeys(opened, len(program))
