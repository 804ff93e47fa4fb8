"""JSON that stands for HCL (https://github.com/hashicorp/hcl/blob/main/json/spec.md), as the same kinds of expressions.

A string is a template. Of what is filled in, a name alone is followed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pinbot.formats._hcl_kinds import Expression, Items, Literal, Name, Object, Other, Template
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, is_sequence, pairs
from pinbot.formats._yaml_scalar import loads_as, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.source.text import SourceFile, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

_FILLED = re.compile(r"[$%]\{[^{}\n]*\}")
_NAMES = re.compile(r"\$\{\s*([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)\s*\}")
_WORD = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)?")


def expression_of(document: Document, node: Node) -> Expression:
    """Return the view of a value."""
    if is_mapping(node):
        entries = ((str(key.value), expression_of(document, value)) for key, value in pairs(node))
        return Object(tuple(entries), document.span(node))
    if is_sequence(node):
        return Items(tuple(expression_of(document, item) for item in node.value), document.span(node))
    if not is_scalar(node) or (is_null(node) and not node.style):
        return Other("null_lit", document.span(node))
    return _template(document, node)


def _template(document: Document, node: ScalarNode) -> Expression:
    text = text_of(document, node)
    if not node.value:
        return Template((), Span(text.span.start, text.span.start), document.span(node))
    if loads_as(node):
        return Other("numeric_lit", document.span(node))
    if text.problem:
        return Other("escaped", document.span(node))
    return Template(tuple(_parts(document.file.text, text.span)), text.span, document.span(node))


def _parts(text: str, span: Span) -> Iterator[Literal | Expression]:
    at = span.start
    for match in _FILLED.finditer(text, span.start, span.stop):
        if match.start() > at:
            yield Literal(Span(at, match.start()))
        name = _NAMES.fullmatch(match[0])
        where = Span(*match.span())
        yield Name(tuple(name[1].split(".")), where) if name else Other("template", where)
        at = match.end()
    if span.stop > at:
        yield Literal(Span(at, span.stop))


def used_in_text(file: SourceFile) -> Mapping[tuple[str, ...], Sequence[int]]:
    """Return, for each name that is filled in somewhere in the text, the lines of its uses."""
    uses: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for filled in _FILLED.finditer(file.text):
        for word in _WORD.finditer(filled[0]):
            uses[tuple(word[0].split("."))].append(file.position(filled.start()).line)
    return uses
