"""A reference whose parts stand in several scalars of one mapping: `registry:`, `repository:`, `tag:`, `digest:`.

A digest that has a key of its own is replaced there, an empty one is filled in, and a missing one becomes a new line
behind the tag's, where the caller allows that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_insert import inserted, removal
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, pairs
from pinbot.formats._yaml_scalar import Text, filled_in, loads_as, scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Offer, Slot, Standing, Writable
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import MappingNode, ScalarNode

# A number that is written as it loads: other tools print it as it stands. Longer ones become 2.0240101e+07 in Helm.
_SAME_NUMBER = re.compile(r"0|[1-9]\d{0,5}|(?:0|[1-9]\d{0,5})\.\d*[1-9]")

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Keys:
    """The names under which the parts stand; of several, the first that says something counts, else the first.

    `bare` are those of a digest without its algorithm; they count where none of `digest` is there. `matched` are
    names that something is found by: they are never rewritten.
    """

    name: tuple[str, ...]
    registry: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    digest: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every name of them."""
        return (*self.name, *self.registry, *self.tag, *self.digest, *self.bare)


@dataclass(frozen=True, slots=True)
class Missing:
    """What to say or do where a part is not there.

    `tag` says why a name without tag and digest is `variable`. A missing digest becomes a new line where `digest` is
    None; else the reference is refused with that reason, unless a Consumer in the repository reads `needs`.
    """

    tag: str
    digest: str | None = None
    needs: str | None = None


def split(keys: Keys, missing: Missing) -> Callable[[Place, str, str], Iterator[Finding]]:
    """Return the reader of a route that leads to a mapping with these keys."""

    def read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
        if is_mapping(place.node):
            finding = split_finding(
                place.document, place.node, keys, missing, format_name, f"{label} {place.where}".strip()
            )
            if finding is not None:
                yield finding

    return read


def split_finding(
    document: Document,
    mapping: MappingNode,
    keys: Keys,
    missing: Missing,
    format_name: str,
    where: str,
    registry: ScalarNode | None = None,
) -> Finding | None:
    """Return the finding for a reference in parts, None where the mapping names no image.

    It stands at the tag, without one at the digest, else at the name. A `registry` that stands elsewhere takes the
    place of the mapping's own.
    """
    parts = _Parts.of(document, mapping, keys)
    if parts is not None and registry is not None:
        parts = replace(parts, registry=_Part(registry, registry, _said(document, registry)))
    if parts is None:
        return None
    at = next(part for part in (parts.tag, parts.digest, parts.name) if part and part.text.value)
    standing = _standing(parts, keys, missing)
    return scalar_finding(document.file, format_name, where, at.text.span, standing)


@dataclass(frozen=True, slots=True)
class _Part:
    """A key and its scalar; `text.value` is empty where it says nothing."""

    key: ScalarNode
    node: ScalarNode
    text: Text


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of one reference."""

    document: Document
    mapping: MappingNode
    name: _Part
    registry: _Part | None
    tag: _Part | None
    digest: _Part | None
    bare: bool = False

    @classmethod
    def of(cls, document: Document, mapping: MappingNode, keys: Keys) -> _Parts | None:
        scalars = {
            key.value: _Part(key, value, _said(document, value))
            for key, value in pairs(mapping)
            if is_scalar(key) and is_scalar(value)
        }
        name, registry, tag, digest = (
            _first([scalars[key] for key in some if key in scalars])
            for some in (keys.name, keys.registry, keys.tag, keys.digest + keys.bare)
        )
        if name is None or not name.text.value:
            return None
        return cls(document, mapping, name, registry, tag, digest, _is_bare(digest, keys))

    @property
    def written(self) -> list[tuple[str, _Part, str]]:
        """The parts that say something, each with what goes before and behind it."""
        at = "@sha256:" if self.bare else "@"
        slash = "" if self.registry and self.registry.text.value.endswith("/") else "/"
        order = (("", self.registry, slash), ("", self.name, ""), (":", self.tag, ""), (at, self.digest, ""))
        return [(lead, part, tail) for lead, part, tail in order if part and part.text.value]

    @property
    def bare_digest(self) -> _Part | None:
        """The part that holds nothing but the hex of a digest; it may be the tag, behind a name in `@sha256`."""
        part = self.tag if self.name.text.value.endswith("@sha256") else self.digest if self.bare else None
        return part if part and part.text.value else None


def _first(parts: list[_Part]) -> _Part | None:
    return next((part for part in parts if part.text.value), parts[0] if parts else None)


def _is_bare(digest: _Part | None, keys: Keys) -> bool:
    """Whether a digest is written, or is to be written, without its algorithm: what is there tells best."""
    if digest is None:
        return False
    return _HEX.fullmatch(digest.text.value) is not None if digest.text.value else digest.key.value in keys.bare


def _said(document: Document, node: ScalarNode) -> Text:
    text = text_of(document, node)
    return replace(text, value="", problem=None) if is_null(node) else text


def _standing(parts: _Parts, keys: Keys, missing: Missing) -> Standing:
    file = parts.document.file
    for _, part, _ in parts.written:
        if aside := filled_in(file.slice(part.text.span)):
            return aside
    # Of a part that its scalar does not hold literally the place is wrong; it is not written to, see below.
    whole = joined([Piece(lead, part.text.value, part.text.span.start, tail) for lead, part, tail in parts.written])
    if isinstance(whole, Aside):
        return whole
    reference = whole.reference
    if parts.tag and (kind := _another_value(parts.tag)):
        written = file.slice(parts.tag.text.span)
        return Aside("invalid", f"{written} loads as {kind}, not as text; quote it", reference)
    if reference.tag is None and reference.digest is None:
        return Aside("variable", missing.tag, reference)
    problem = next((part.text.problem for _, part, _ in parts.written if part.text.problem), None)
    if problem:
        return Fixed(reference, problem)
    standing = _writable(parts, reference, whole.digest, whole.tag if reference.tag else None, keys, missing)
    return standing if _is_prefixed(parts, keys) else _named(standing, whole.name)


def _is_prefixed(parts: _Parts, keys: Keys) -> bool:
    """Whether something goes before the name or by it, so that it cannot be written in full."""
    return parts.registry is not None or parts.name.key.value in keys.matched


def _named(standing: Standing, name: Slot | None) -> Standing:
    match standing:
        case Writable():
            return replace(standing, name=name)
        case Fixed(offer=offer) if offer:
            return replace(standing, offer=replace(offer, standing=replace(offer.standing, name=name)))
        case _:
            return standing


def _writable(
    parts: _Parts, reference: Reference, digest: Slot, tag: Slot | None, keys: Keys, missing: Missing
) -> Standing:
    """Find the place of a digest: its own, its key, a new line behind the tag, or behind the reference."""
    if parts.bare_digest:
        return Writable(reference, _removable(parts, Slot(parts.bare_digest.text.span, bare=True)), tag)
    if reference.digest is None and parts.digest is not None:
        return _filled(parts, parts.digest, reference, tag)
    if reference.digest is None and parts.tag is not None and parts.tag.text.value:
        return _added(parts, reference, tag, keys, missing)
    return Writable(reference, _removable(parts, digest), tag)


def _removable(parts: _Parts, digest: Slot) -> Slot:
    """Say what goes with a digest that has a key of its own."""
    if parts.digest is None or digest.span != parts.digest.text.span:
        return digest
    own = any(value is parts.digest.node for _, value in parts.mapping.value)
    return replace(digest, cut=removal(parts.document, parts.mapping, parts.digest.node) if own else None)


def _another_value(tag: _Part) -> str | None:
    """Say what a tag loads as where a tool that reads it would not see what is written (`1.30` is 1.3)."""
    kind = loads_as(tag.node)
    return None if kind is None or _SAME_NUMBER.fullmatch(tag.text.value) else kind


def _filled(parts: _Parts, digest: _Part, reference: Reference, tag: Slot | None) -> Standing:
    """Put the digest into the empty value of its key."""
    text, at = parts.document.file.text, parts.document.span(digest.node)
    if at.stop - at.start >= 2 and text[at.start] in {'"', "'"}:
        return Writable(reference, Slot(Span(at.start + 1, at.start + 1), bare=parts.bare), tag)
    if text[at.start : at.stop].strip():
        return Fixed(reference, f"its {digest.key.value} is {text[at.start : at.stop]}; empty it to have it filled in")
    colon = text.index(":", parts.document.span(digest.key).stop) + 1
    # Hex alone may read as a number: 12e4….
    quote = '"' if parts.bare else ""
    return Writable(reference, Slot(Span(colon, colon), f" {quote}", tail=quote, bare=parts.bare), tag)


def _added(parts: _Parts, reference: Reference, tag: Slot | None, keys: Keys, missing: Missing) -> Standing:
    """Put the digest into a new line behind the tag's."""
    assert parts.tag is not None
    own = any(value is parts.tag.node for _, value in parts.mapping.value)
    name = keys.digest[0] if keys.digest else ""
    slot = inserted(parts.document, parts.mapping, parts.tag.key, parts.tag.node, name) if own and name else None
    if slot is None:
        reason = "there is no place for a digest behind this tag; write its key by hand, and it will be kept up to date"
        return Fixed(reference, missing.digest or reason)
    writable = Writable(reference, slot, tag)
    if missing.digest is None:
        return writable
    return Fixed(reference, missing.digest, Offer(missing.needs, writable) if missing.needs else None)
