"""What a value in a Jenkins pipeline comes to, and where its digest goes.

A variable that is set once, ends the reference and is used nowhere else carries it
(https://groovy-lang.org/syntax.html#_string_interpolation).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pinbot.errors import InvalidReference
from pinbot.formats._base import name_within, slots_within, standing_at
from pinbot.formats._groovy import Token
from pinbot.formats._jenkins_uses import Argument, Definition, Use
from pinbot.formats._yaml_scalar import filled_in, shortened
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Fixed, Standing, Writable
from pinbot.source.text import SourceFile, Span

_WORD = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"(?:env\.)?([^\W\d]\w*)")
_HOST = re.compile(r"(?:https?://)?([^/]*)")
# Addresses under which Docker Hub is logged in to: a name is relative to it anyway.
HUB = frozenset(
    {"", "index.docker.io", "registry.hub.docker.com", "registry-1.docker.io", "docker.io", "hub.docker.com"}
)
_SCRIPTS = "is an environment variable, which scripts may read as a version; pin it there by hand"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a value: literal text, or what a variable is set to; `span` is where it stands."""

    text: str
    span: Span
    variable: str = ""


class Values:
    """The variables of one file."""

    def __init__(self, file: SourceFile, definitions: Mapping[str, Sequence[Definition]]) -> None:
        self._file = file
        self._definitions = definitions
        self._words = Counter(_WORD.findall(file.text))

    def span(self, argument: Argument) -> Span:
        """Return the span of a finding: the text between the quotes, or the whole expression."""
        return argument.string.inner if argument.string else argument.span

    def standing(self, use: Use) -> Standing:
        """Return the standing of the reference in a place."""
        standing = self._alone(use.argument)
        host = self._host(use.registry)
        if host is None:
            return Aside("variable", "the registry around it is not known", standing.reference)
        if host in HUB or isinstance(standing, Aside) or standing.reference is None:
            # Even Docker Hub's name, where it is written around an image, goes before that of the image.
            return replace(standing, name=None) if host and isinstance(standing, Writable) else standing
        # Jenkins puts the registry before a name that has none of its own.
        name = self.text(use.argument)
        if name.startswith(f"{host}/"):
            return standing
        reference = Reference.parse_or_none(f"{host}/{name}")
        reason = f"its name is relative to the registry {host} around it; write the registry into the name"
        return Fixed(reference, reason) if reference else Aside("invalid", reason)

    def registry(self, use: Use) -> str | None:
        """Return the host of the registry that a use is relative to; None where it is not known."""
        return self._host(use.registry)

    def names(self, argument: Argument) -> tuple[str, ...]:
        """Return the names of the variables in a value."""
        pieces = self._pieces(argument)
        return tuple(dict.fromkeys(p.variable for p in pieces if p.variable)) if isinstance(pieces, list) else ()

    def _host(self, registry: Argument | None) -> str | None:
        if registry is None:
            return ""
        if registry.string is None and registry.name is None:
            return None
        pieces = self._pieces(registry)
        host = _HOST.match("".join(piece.text for piece in pieces)) if isinstance(pieces, list) else None
        return host[1] if host else None

    def text(self, argument: Argument) -> str:
        """Return what a value comes to, empty where that is not known."""
        pieces = self._pieces(argument)
        return "".join(piece.text for piece in pieces) if isinstance(pieces, list) else ""

    def _alone(self, argument: Argument) -> Standing:
        """Return the standing of a reference without regard to the registry around it."""
        pieces = self._pieces(argument)
        if isinstance(pieces, str):
            return Aside("variable", pieces)
        text = "".join(piece.text for piece in pieces)
        if not any(piece.variable for piece in pieces):
            span = self.span(argument)
            return filled_in(text) or standing_at(self._file, span)
        try:
            reference = Reference.parse(text)
        except InvalidReference as error:
            return Aside("invalid", str(error))
        return self._carried(reference, text, pieces)

    def _carried(self, reference: Reference, text: str, pieces: list[_Piece]) -> Standing:
        last = pieces[-1]
        if not last.variable:
            name = next(piece.variable for piece in pieces if piece.variable)
            return Fixed(reference, f"a digest here would hold whatever {name} says; only a variable that ends it can")
        reach = max(
            (sum(len(p.text) for p in pieces[: i + 1]) for i, p in enumerate(pieces[:-1]) if p.variable), default=0
        )
        if reach > len(reference.name):
            return Fixed(reference, "its tag is put together from several variables, so no one of them can carry it")
        if reason := self._why_shared(last.variable, len(pieces) == 1):
            return Fixed(reference, reason)
        start = last.span.stop - len(text)
        digest, tag = slots_within(text, reference, start)
        written = name_within(reference, start, last.span.start)
        if digest.span.start < last.span.start:
            return Fixed(reference, "the digest is written in parts; write it in one piece")
        return Writable(reference, digest, tag if tag.span.start >= last.span.start else None, written)

    def _why_shared(self, name: str, whole: bool) -> str | None:
        uses = self._words[name] - 1
        if uses > 1:
            return f"{name} is used {uses} times in this file, so its value cannot carry one digest"
        return f"{name} {_SCRIPTS}" if self._definitions[name][0].exported and not whole else None

    def _pieces(self, argument: Argument) -> list[_Piece] | str:
        """Return the pieces of a value, or why it is not known."""
        if argument.string is not None:
            return self._of_string(argument.string)
        if argument.name is None:
            written = shortened(self._file.slice(argument.span))
            return f"{written} is computed when the pipeline runs"
        value = self._value(argument.name)
        return [value] if isinstance(value, _Piece) else value

    def _of_string(self, string: Token) -> list[_Piece] | str:
        pieces, at = list[_Piece](), string.inner.start
        for hole in string.holes:
            pieces += [_Piece(self._file.text[at : hole.span.start], Span(at, hole.span.start))]
            name = _NAME.fullmatch(hole.expression)
            value = self._value(name[1]) if name else f"{shortened(hole.expression)} is computed when the pipeline runs"
            if isinstance(value, str):
                return value
            pieces.append(value)
            at = hole.span.stop
        pieces.append(_Piece(self._file.text[at : string.inner.stop], Span(at, string.inner.stop)))
        return [piece for piece in pieces if piece.text] or pieces[:1]

    def _value(self, name: str) -> _Piece | str:
        """Return what a variable is set to, or why that is not known."""
        found = self._definitions.get(name, ())
        if len(found) != 1:
            return f"{name} is set {len(found)} times in this file" if found else f"{name} is not set in this file"
        value = found[0].value
        if value is None or value.holes or "\\" in value.text:
            return f"the value of {name} is computed when the pipeline runs"
        return _Piece(value.text, value.inner, name)
