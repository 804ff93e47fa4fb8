"""References that a file puts together from variables of its own: what they come to, and whether a value can carry
the digest.

A variable that ends the reference carries it in its value, so that whoever sets another value drops the pin together
with the tag. Each format brings its own notation (a `Cut`) and its own values (a `Lookup`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import name_within, slots_within
from pinbot.formats._yaml_nodes import every, is_null, is_scalar
from pinbot.formats._yaml_scalar import (
    Text,
    filled_in,
    literal,
    literal_standing,
    loads_as,
    scalar_finding,
    shortened,
    text_of,
)
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

DOCKER = "docker://"
# Values that name one another could double with every step, or go round in a circle; people write two or three steps.
_MAX_DEPTH = 10
_MAX_PARTS = 100


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself, and where it starts in the file; None where it stands nowhere as it is."""

    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable by its name, with what counts where it has no value."""

    name: str
    default: Literal | None = None


Piece = Literal | Variable
Cut = Callable[[Text], Sequence[Piece]]


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable stands for, and why a digest must not be written into it; None where it may."""

    text: Text
    fixed: str | None = None


Lookup = Callable[[str], Value | str]
"""Returns the value of a variable, or says why it cannot be known from the file."""


def cut_at(pattern: re.Pattern[str], read: Callable[[re.Match[str], int | None], Piece]) -> Cut:
    """Return the cut of a notation: whatever the pattern matches is read, what stands between is literal.

    `read` is given the match and the offset in the file at which the text starts that was matched.
    """

    def cut(text: Text) -> Sequence[Piece]:
        base = None if text.problem else text.span.start
        pieces: list[Piece] = []
        at = 0
        for match in pattern.finditer(text.value):
            if at < match.start():
                pieces.append(_literal(text.value[at : match.start()], base, at))
            pieces.append(read(match, base))
            at = match.end()
        return [*pieces, _literal(text.value[at:], base, at)] if at < len(text.value) or not pieces else pieces

    return cut


def _literal(text: str, base: int | None, at: int) -> Literal:
    return Literal(text, None if base is None else base + at)


def value_at(document: Document, node: Node | None, fixed: str | None = None) -> Value | str | None:
    """Return the value that a scalar gives to a variable; None where it is no scalar.

    Says so where it loads as something that is not printed as it is written: `3.10` is 3.1.
    """
    if not is_scalar(node):
        return None
    kind = None if is_null(node) else loads_as(node)
    if kind and not _keeps_its_text(node.value):
        return f"{shortened(node.value)} loads as {kind}, not as text; quote it"
    return Value(Text("", document.span(node)) if is_null(node) else text_of(document, node), fixed)


def _keeps_its_text(value: str) -> bool:
    """Whether a number is written as it is printed: `20`, `3.12`, but not `3.10` or `0755`."""
    for number in (int, float):
        with suppress(ValueError):
            if str(number(value)) == value:
                return True
    return False


# A file has many references; what it mentions is counted once for all of them.
@lru_cache(maxsize=4)
def mentions(root: Node, pattern: re.Pattern[str]) -> Counter[str]:
    """Return how often each name that the first group of a pattern finds is mentioned below a node, in keys too.

    A match without that group counts for no name in particular. What an anchor puts into several places is written
    once, and counts once.
    """
    counted: Counter[str] = Counter()
    for node in every(root):
        if is_scalar(node):
            counted.update(match[1] or "" for match in pattern.finditer(node.value))
    return counted


def references(place: Place, format_name: str, cut: Cut, lookups: Iterable[Lookup]) -> Iterator[Finding]:
    """Yield the findings for the text of a scalar: one, or one for each value that its variables may have.

    A `docker://` before a reference is no part of it. A text that comes to nothing is no reference.
    """
    node = place.node
    if not is_scalar(node) or is_null(node):
        yield from literal(place, format_name, "")
        return
    text = without_scheme(text_of(place.document, node))
    pieces = cut(text)
    names = tuple(dict.fromkeys(piece.name for piece in pieces if isinstance(piece, Variable)))
    if not text.value:
        return
    plain = list(pieces) == [Literal(text.value, None if text.problem else text.span.start)]
    if not plain and not loads_as(node):
        standings = _told_apart(standing(text, pieces, cut, lookup) for lookup in lookups)
    else:
        standings = [literal_standing(place.document.file, node, text)]
    for one in standings:
        finding = scalar_finding(place.document.file, format_name, place.where, text.span, one)
        yield replace(finding, variables=names)


def without_scheme(text: Text) -> Text:
    """Return a text without the `docker://` at its start."""
    if not text.value.lower().startswith(DOCKER):
        return text
    span = text.span if text.problem else Span(text.span.start + len(DOCKER), text.span.stop)
    return Text(text.value[len(DOCKER) :], span, text.problem)


def _told_apart(standings: Iterable[Standing | None]) -> list[Standing]:
    """Return each standing once; where there are several references, none of them can be written at the place."""
    once = list(dict.fromkeys(standing for standing in standings if standing))
    references = {standing.reference for standing in once}
    if len(references) < 2:
        return once[:1]
    reason = "its variables come to several references here; write the digests where their values stand, by hand"
    return [Fixed(one.reference, reason) if isinstance(one, Writable) else one for one in once]


def standing(text: Text, pieces: Sequence[Piece], cut: Cut, lookup: Lookup) -> Standing | None:
    """Return the standing of what the pieces of a text come to; None where that is nothing at all."""
    leaves: list[_Leaf] = []
    for leaf in islice(_leaves(pieces, cut, lookup), _MAX_PARTS):
        if isinstance(leaf, str):
            return Aside("variable", leaf)
        leaves.append(leaf)
    joined = "".join(leaf.text for leaf in leaves)
    if not joined.strip():
        return None
    if aside := filled_in(joined):
        return aside
    try:
        reference = Reference.parse(joined)
    except InvalidReference as error:
        return Aside("invalid", str(error))
    return _carried(reference, joined, leaves, text.problem)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A stretch of a reference, where it starts in the file, and the variables through which it came."""

    text: str
    start: int | None
    through: tuple[str, ...] = ()
    fixed: str | None = None


def _leaves(
    pieces: Sequence[Piece], cut: Cut, lookup: Lookup, through: tuple[str, ...] = (), fixed: str | None = None
) -> Iterator[_Leaf | str]:
    """Yield the stretches of literal text that pieces come to, or why one of them is unknown."""
    for piece in pieces:
        if isinstance(piece, Literal):
            yield _Leaf(piece.text, piece.start, through, fixed)
            continue
        inner = (*through, piece.name)
        value = lookup(piece.name) if len(through) < _MAX_DEPTH else f"{piece.name} leads through too many variables"
        if isinstance(value, Value) and (value.text.value or piece.default is None):
            yield from _leaves(cut(value.text), cut, lookup, inner, fixed or value.fixed)
        elif piece.default:
            yield _Leaf(piece.default.text, piece.default.start, inner, fixed)
        elif isinstance(value, str):
            yield value


def _carried(reference: Reference, joined: str, leaves: Sequence[_Leaf], problem: str | None) -> Standing:
    """Put the slots into the stretch that ends the reference, if whoever overrides a value drops the digest too."""
    last = leaves[-1]
    begin = len(joined) - len(last.text)
    if reason := problem or _why_fixed(reference, leaves):
        return Fixed(reference, reason)
    if last.start is None:
        return Fixed(reference, "YAML escapes, folds or joins the value; write it plainly on one line")
    digest, tag = slots_within(joined, reference, last.start - begin)
    if not last.text or digest.span.start < last.start:
        return Fixed(reference, "the digest would stand in parts; let one value hold tag and digest")
    name = name_within(reference, last.start - begin, last.start)
    return Writable(reference, digest, tag if tag.span.start >= last.start else None, name)


def _why_fixed(reference: Reference, leaves: Sequence[_Leaf]) -> str | None:
    last = leaves[-1]
    others = [leaf for leaf in leaves if leaf.through]
    if others and not last.through:
        name = others[0].through[-1]
        return others[0].fixed or (
            f"a digest here would hold whatever {name} says; let one variable end the reference, and it can carry it"
        )
    if last.fixed:
        return last.fixed
    at = 0
    for leaf in leaves[:-1]:
        at += len(leaf.text)
        # Another variable may give the name, as for a mirror: the same digest is there, or the pull fails loudly.
        if at > len(reference.name) and leaf.through != last.through[: len(leaf.through)]:
            return f"the tag is put together from several variables, of which {leaf.through[-1]} is one"
    return None
