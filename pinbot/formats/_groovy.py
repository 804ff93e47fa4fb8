"""Words, strings and signs of Groovy (https://groovy-lang.org/syntax.html): enough to tell code from text.

Comments are left out. Strings in double quotes, slashes and dollar slashes hold `$name` and `${…}`: their holes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pinbot.source.text import Span

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\ufeff]+|\\\r?\n) | (?P<newline>\n) | (?P<comment>//[^\n]*|\A\#![^\n]*) | (?P<block>/\*)
      | (?P<quote>'''|\"""|'|"|\$/) | (?P<name>[^\W\d]\w*) | (?P<number>\d[\w.]*) | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_STOPS = {
    "'": re.compile(r"[\\'\n]"),
    '"': re.compile(r'[\\"$\n]'),
    "'''": re.compile(r"\\|'''"),
    '"""': re.compile(r'[\\$]|"""'),
    "/": re.compile(r"[\\/$\n]"),
    "$/": re.compile(r"/\$|\$"),
}
_ENDS = {"$/": "/$"}
_HOLE = re.compile(r"\$([^\W\d]\w*(?:\.[^\W\d]\w*)*)")
_IN_HOLE = re.compile(r"""[{}'"]""")
# Behind these a slash begins a string; behind a name, a number or a closing bracket it divides.
_BEFORE_SLASHY = frozenset("(,=[{:!~&|?;+<>")
# No pattern that a person wrote is longer; what does not end here is a division.
_MAX_SLASHY = 200


@dataclass(frozen=True, slots=True)
class Hole:
    """What a string takes from outside: `expression` without its `$` and braces."""

    span: Span
    expression: str


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a string or a sign. `text` of a string is what stands between its quotes, at `inner`.

    `first` where it begins a line of code.
    """

    kind: str
    text: str
    span: Span
    inner: Span
    first: bool = False
    holes: tuple[Hole, ...] = field(default=())


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a Groovy file; never raises for what the file holds."""
    at, first, before = 0, True, ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None  # the last of its alternatives is any character
        kind, at = str(match.lastgroup), match.end()
        if kind == "block":
            end = text.find("*/", at)
            at = end + 2 if end >= 0 else len(text)
        elif kind == "newline":
            first = True
        elif kind not in {"space", "comment"}:
            token = _token(text, kind, match, first, before)
            yield token
            at, first, before = token.span.stop, False, token.text if token.kind == "sign" else "a"


def _token(text: str, kind: str, match: re.Match[str], first: bool, before: str) -> Token:
    if kind == "quote":
        return _string(text, match.start(), match[0], first, len(text))
    if match[0] == "/" and (first or before in _BEFORE_SLASHY):
        string = _string(text, match.start(), "/", first, min(match.end() + _MAX_SLASHY, len(text)))
        if string.span.stop > string.inner.stop:
            return string
    span = Span(*match.span())
    return Token(kind, match[0], span, span, first)


def _string(text: str, start: int, quote: str, first: bool, limit: int) -> Token:
    """Read a string; one that does not close ends with its line, or at the limit."""
    begin = at = start + len(quote)
    end, holes = _ENDS.get(quote, quote), list[Hole]()
    while stop := _STOPS[quote].search(text, at, limit):
        at = stop.start()
        if stop[0] == end:
            span, inner = Span(start, at + len(end)), Span(begin, at)
            return Token("string", text[begin:at], span, inner, first, tuple(holes))
        if stop[0] == "\n":
            break
        if stop[0] == "$":
            hole = _hole(text, at, limit)
            holes += [hole] if hole else []
            at = hole.span.stop if hole else at + 1
        else:
            at += 2
    else:
        at = limit
    return Token("string", text[begin:at], Span(start, at), Span(begin, at), first, tuple(holes))


def _hole(text: str, at: int, limit: int) -> Hole | None:
    """Read `$name` or `${…}`; a dollar that is just one has no hole."""
    if not text.startswith("${", at):
        name = _HOLE.match(text, at, limit)
        return Hole(Span(*name.span()), name[1]) if name else None
    end = _closing(text, at + 2, limit)
    return Hole(Span(at, min(end + 1, limit)), text[at + 2 : end].strip())


def _closing(text: str, at: int, limit: int) -> int:
    """Return where the brace closes that is open at `at`; strings inside of it may hold others."""
    depth, quote = 1, ""
    while sign := _IN_HOLE.search(text, at, limit):
        at = sign.end()
        if quote or sign[0] in "'\"":
            quote = "" if sign[0] == quote else quote or sign[0]
        else:
            depth += 1 if sign[0] == "{" else -1
        if not depth:
            return sign.start()
    return limit
