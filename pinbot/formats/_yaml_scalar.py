"""Scalars: from a node to the very text that it loads from (https://yaml.org/spec/1.1/#id903915, chapter 9).

A span that is handed out holds, character for character, what the scalar loads as; what YAML escapes, folds or
joins has no such span, and is said to have none. A digest needs no quotes that the reference has not: it adds
`@`, `:`, letters and digits, and neither a `:` without a space behind it nor an `@` within a word ends a plain
scalar, in a flow collection or outside, or makes it load as anything but a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import finding_at, standing_at
from pinbot.formats._yaml_nodes import CORE, is_null, is_scalar, tag_of
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive, directives
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable
from pinbot.source.text import SourceFile, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import ScalarNode

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_KINDS = {"int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date", "binary": "bytes"}
# What tools or people fill in before a file is used: shell and Tekton, Helm and Jinja, ERB, sed, `<your-image>`,
# `%NAME%`, `@NAME@`, `__NAME__`, `#{name}#`.
_VARIABLE = re.compile(
    r"\$[({A-Za-z_]|\{\{|\{%|<[%\w]|%[%A-Za-z_]|@(?:@|[A-Za-z_]\w*@)|#\{|(?<![A-Za-z0-9])__[A-Z][A-Z0-9_]*__"
)
_NO_SCALAR = Aside("variable", "a template's action stands here")
_VERSION_REMARK = re.compile(r"[\"']?[ \t]+#[ \t]*(v?\d+(?:\.\d+)*(?:-[A-Za-z0-9_.-]+)?)[ \t]*(?=\r?\n|\Z)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a scalar: `value` as it loads, and where it stands.

    Where `problem` is None the span holds exactly the value; else it is the whole scalar, and `problem` says
    why nothing can be written there.
    """

    value: str
    span: Span
    problem: str | None = None


def text_of(document: Document, node: ScalarNode) -> Text:
    """Return the text of a scalar, without the white space around it."""
    span = _literal(document, node)
    value = node.value.strip()
    if span is not None and document.file.slice(span) == value:
        return Text(value, span)
    whole = _without_properties(document, node)
    return Text(value, whole, "YAML escapes, folds or joins this text; write it plainly on one line to have it pinned")


def lines_of(document: Document, node: ScalarNode) -> list[Span] | None:
    """Return where each line of a literal block (`|`) or of a one-line scalar stands, without its indentation.

    None where the text of the scalar is not found in the file line by line.
    """
    text = text_of(document, node)
    if text.problem is None:
        return [text.span]
    source, whole = document.file.text, _without_properties(document, node)
    lines = list(_line_spans(source, whole))[1:]
    present = [line for line in lines if source[line.start : line.stop].strip()]
    if node.style != "|" or not present:
        return None
    indent = _width(source, present[0])
    spans = [Span(min(line.start + indent, line.stop), line.stop) for line in lines]
    written = "\n".join(source[s.start : s.stop] for s in spans)
    return spans if written.rstrip() == node.value.rstrip() else None


def loads_as(node: ScalarNode) -> str | None:
    """Return what a scalar loads as where that is no string, in words; None for a string."""
    tag = tag_of(node)
    return _KINDS.get(tag.removeprefix(CORE)) if tag.startswith(CORE) else None


def literal(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the finding for a reference that stands, literally, in the scalar at `place`; a null yields nothing."""
    node, file = place.node, place.document.file
    where = f"{label} {place.where}".lstrip()
    if is_scalar(node) and not is_null(node):
        text = text_of(place.document, node)
        yield scalar_finding(file, format_name, where, text.span, literal_standing(file, node, text))
    elif file.text.startswith("{{", place.document.span(node).start):
        # Without quotes a template's action reads as a mapping within a mapping.
        span = place.document.span(node)
        yield scalar_finding(file, format_name, where, span, filled_in(file.slice(span)) or _NO_SCALAR)


def scalar_finding(file: SourceFile, format_name: str, where: str, span: Span, standing: Standing) -> Finding:
    """Return the finding for the text at `span`, with the remarks of the line of its key where that is another."""
    return finding_at(file, format_name, where, span, standing, _remarks_of_key(file, span))


def _remarks_of_key(file: SourceFile, span: Span) -> tuple[Directive, ...]:
    """Return the remarks about the key of a value that begins on a line of its own; of others the line says all."""
    line = file.position(span.start).line
    if file.text[file.line_span(line).start : span.start].strip():
        return ()
    while line > 1:
        line -= 1
        text = file.line_text(line).strip()
        if text and not text.startswith("#"):
            return directives(file.line_text(line - 1) if line > 1 else "", text)
    return ()


def literal_standing(file: SourceFile, node: ScalarNode, text: Text) -> Standing:
    """Return the standing of a reference in a scalar that knows no variables of its own."""
    written = file.slice(text.span)
    if kind := loads_as(node):
        return Aside("invalid", f"{written} loads as {kind}, not as text; quote it")
    if aside := filled_in(written):
        return aside
    if text.problem:
        return _fixed(text.value, text.problem)
    return with_remark(file, standing_at(file, text.span), text.span)


def filled_in(written: str) -> Aside | None:
    """Say that a text holds a variable that some tool replaces before use, None where it stands for itself."""
    return (
        Aside("variable", f"{shortened(written)} is filled in by another tool") if _VARIABLE.search(written) else None
    )


def with_remark(file: SourceFile, standing: Standing, span: Span) -> Standing:
    """Give a bare digest the tag that a comment behind it names: `postgres@sha256:… # 16.7`."""
    reference = standing.reference
    if not isinstance(standing, Writable) or reference is None or reference.tag or not reference.digest:
        return standing
    remark = _VERSION_REMARK.match(file.text, span.stop)
    if remark is None or _DATE.fullmatch(remark[1]):
        return standing
    return Writable(replace(reference, tag=remark[1]), standing.digest, name=standing.name)


def shortened(text: str) -> str:
    """Return text for a sentence: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"


def _fixed(value: str, reason: str) -> Standing:
    try:
        return Fixed(Reference.parse(value), reason)
    except InvalidReference as error:
        return Aside("invalid", str(error))


def _literal(document: Document, node: ScalarNode) -> Span | None:
    """Return where the value would stand if the scalar were written without any escape."""
    whole = _without_properties(document, node)
    source = document.file.text
    if node.style in {"'", '"'}:
        return _stripped(source, Span(whole.start + 1, whole.stop - 1))
    if node.style in {"|", ">"}:
        header_end = source.find("\n", whole.start, whole.stop) + 1
        return _stripped(source, Span(header_end or whole.stop, whole.stop))
    return _stripped(source, whole)


def _without_properties(document: Document, node: ScalarNode) -> Span:
    """Return the span of a scalar without its anchor and tag, and without the white space after it."""
    span = document.span(node)
    start = span.start
    if document.file.text[start : start + 1] in {"&", "!"}:
        properties = _PROPERTIES.match(document.file.text, start, span.stop)
        start = properties.end() if properties else start
    return _stripped(document.file.text, Span(start, span.stop))


def _line_spans(source: str, span: Span) -> Iterator[Span]:
    """Yield the lines of a stretch of text, without their line ends."""
    at = span.start
    for line in source[span.start : span.stop].split("\n"):
        yield Span(at, at + len(line.removesuffix("\r")))
        at += len(line) + 1


def _width(source: str, line: Span) -> int:
    text = source[line.start : line.stop]
    return len(text) - len(text.lstrip(" "))


def _stripped(text: str, span: Span) -> Span:
    """Return the span without white space at its ends."""
    start, stop = span.start, span.stop
    while start < stop and text[start].isspace():
        start += 1
    while start < stop and text[stop - 1].isspace():
        stop -= 1
    return Span(start, stop)
