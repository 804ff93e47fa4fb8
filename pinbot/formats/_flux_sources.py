"""Flux's `OCIRepository`: https://fluxcd.io/flux/components/source/ocirepositories/#reference.

An artifact, of manifests or a chart, that is fetched like an image: its name stands in `url`, tag and digest in `ref`.
The digest wins over a semver range, and that over a tag. A digest behind the tag is refused by newer versions of Flux
(fluxcd/source-controller#1471), so it gets a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import slots_within
from pinbot.formats._objects import below
from pinbot.formats._yaml_insert import inserted, removal
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, lookup, pairs
from pinbot.formats._yaml_scalar import Text, filled_in, loads_as, scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Slot, Standing, Writable
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_SCHEME = "oci://"
_RANGE = "a semver range picks the tag while Flux runs; write a tag in its place to have it pinned"
_NO_REF = "without a `ref` Flux takes `latest`; write `ref: {tag: latest}` to have it pinned"
_NO_PLACE = "there is no place for a digest behind this tag; write its key by hand, and it will be kept up to date"


def oci_repository(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the artifact that the `spec` of an `OCIRepository` names."""
    document, url = place.document, _text(place.document, lookup(place.node, "url"))
    if url is None or not url.value.startswith(_SCHEME):
        return
    ref = lookup(place.node, "ref")
    tag, digest = (_text(document, lookup(ref, key)) for key in ("tag", "digest"))
    at = tag or digest or _behind(url, len(_SCHEME))
    where = below(place, "ref") if tag or digest else below(place, "url")
    standing = _standing(place, url.value.removeprefix(_SCHEME), tag, digest)
    named = f"{label} {where.where}" if where else label
    yield scalar_finding(document.file, format_name, named.lstrip(), at.span, standing)


def _text(document: Document, node: Node | None) -> Text | None:
    return text_of(document, node) if is_scalar(node) and not is_null(node) else None


def _behind(text: Text, at: int) -> Text:
    span = text.span if text.problem else Span(text.span.start + at, text.span.stop)
    return Text(text.value[at:], span, text.problem)


def _standing(place: Place, name: str, tag: Text | None, digest: Text | None) -> Standing:
    document, ref = place.document, lookup(place.node, "ref")
    ranged = _text(document, lookup(ref, "semver"))
    joined = name + (f":{tag.value}" if tag else "") + (f"@{digest.value}" if digest else "")
    if aside := filled_in(joined):
        return aside
    node = lookup(ref, "tag")
    if tag and is_scalar(node) and (kind := loads_as(node)):
        return Aside("invalid", f"{tag.value} loads as {kind}, not as text; quote it")
    try:
        reference = Reference.parse(joined)
    except InvalidReference as error:
        return Aside("invalid", str(error))
    if digest is None and ranged is not None:
        return Aside("variable", _RANGE, reference)
    problem = next((text.problem for text in (tag, digest) if text and text.problem), None)
    if problem:
        return Fixed(reference, problem)
    if tag is None:
        return Writable(reference, Slot(digest.span)) if digest else Fixed(reference, _NO_REF)
    return _pinned(document, ref, reference, tag, digest)


def _pinned(document: Document, ref: Node | None, reference: Reference, tag: Text, digest: Text | None) -> Standing:
    within, tag_slot = slots_within(
        f"{reference.name}:{tag.value}", reference, tag.span.start - len(reference.name) - 1
    )
    if digest is not None:
        own = lookup(ref, "digest")
        cut = removal(document, ref, own) if is_mapping(ref) and own is not None else None
        return Writable(reference, Slot(digest.span, cut=cut), tag_slot)
    if reference.digest is not None:
        return Writable(reference, within, tag_slot)
    slot = _new_line(document, ref)
    return Fixed(reference, _NO_PLACE) if slot is None else Writable(reference, slot, tag_slot)


def _new_line(document: Document, ref: Node | None) -> Slot | None:
    """Return the place of a new `digest:` behind the tag, None where the key is there, or nothing can follow."""
    if not is_mapping(ref) or lookup(ref, "digest") is not None:
        return None
    key, value = next(((k, v) for k, v in pairs(ref) if k.value == "tag"), (None, None))
    return inserted(document, ref, key, value, "digest") if key and value else None
