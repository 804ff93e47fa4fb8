"""Pods that a Jenkins pipeline writes as YAML within a string: https://plugins.jenkins.io/kubernetes/#plugin-content-using-yaml-to-define-pod-templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import finding_at
from pinbot.formats._groovy import Token
from pinbot.formats._yaml_nodes import is_null, is_scalar
from pinbot.formats._yaml_scalar import literal_standing, shortened, text_of
from pinbot.formats._yaml_stream import Document, parts
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.source.finding import Aside, Finding, Slot, Standing, Writable
from pinbot.source.text import SourceFile, Span

_ROUTES = ("**.containers[].image", "**.initContainers[].image", "**.ephemeralContainers[].image")


def pod_findings(file: SourceFile, string: Token, format_name: str) -> Iterator[Finding]:
    """Yield the images of the containers in a string that is YAML; one that is none yields nothing."""
    if "image" not in string.text:
        return
    inside = SourceFile(file.path, _masked(file, string))
    chart = Map.of(_ROUTES)
    for part in parts(inside):
        for document in part.filled.documents:
            for _, place in places(document, chart):
                yield from _finding(file, string, document, place, format_name)


def _masked(file: SourceFile, string: Token) -> str:
    """Return the text of a string with what Groovy fills in, or reads as an escape, blanked to the same width."""
    start, kept, at = string.inner.start, list[str](), string.inner.start
    for hole in string.holes:
        kept += [file.text[at : hole.span.start], "_" * (hole.span.stop - hole.span.start)]
        at = hole.span.stop
    text = "".join([*kept, file.text[at : string.inner.stop]])
    assert len(text) == string.inner.stop - start
    return text.replace("\\\r\n", " \r\n").replace("\\\n", " \n")


def _finding(file: SourceFile, string: Token, document: Document, place: Place, format_name: str) -> Iterator[Finding]:
    node, offset = place.node, string.inner.start
    if not is_scalar(node) or is_null(node):
        return
    text = text_of(document, node)
    span = Span(text.span.start + offset, text.span.stop + offset)
    standing = _moved(literal_standing(document.file, node, text), offset)
    if any(hole.span.start < span.stop and span.start < hole.span.stop for hole in string.holes):
        standing = Aside("variable", f"Groovy fills in {shortened(file.slice(span))} when the pipeline runs")
    yield finding_at(file, format_name, f"yaml {place.where}", span, standing)


def _moved(standing: Standing, offset: int) -> Standing:
    if not isinstance(standing, Writable):
        return standing
    tag, name = (_shifted(slot, offset) if slot else None for slot in (standing.tag, standing.name))
    return replace(standing, digest=_shifted(standing.digest, offset), tag=tag, name=name)


def _shifted(slot: Slot, offset: int) -> Slot:
    return replace(slot, span=Span(slot.span.start + offset, slot.span.stop + offset))
