"""YAML that is the text of a scalar in another YAML document: Argo's `manifest: |`, Argo CD's `helm.values: |`.

It is composed where it stands: a block that is indented as a whole is YAML still, and its nodes have marks in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_scalar
from pinbot.formats._yaml_scalar import lines_of, text_of
from pinbot.formats._yaml_stream import Document, Part
from pinbot.source.finding import Skip
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

_MARK = re.compile(r"---(?=\s|\Z)")


def embedded(document: Document, node: Node) -> Iterator[Document | Skip]:
    """Yield the documents that the text of a scalar holds, and a Skip where it cannot be read in its place."""
    if not is_scalar(node) or not node.value.strip():
        return
    stretches = _stretches(document, node)
    if stretches is None:
        span = document.span(node)
        line = document.file.position(span.start).line
        yield Skip(document.file.path, f"line {line}: write this YAML as a block behind `|` to have it read", span)
        return
    for span in stretches:
        composed = Part(document.file, span).filled
        yield from composed.documents
        if composed.rest is not None:
            yield composed.rest


def _stretches(document: Document, node: ScalarNode) -> list[Span] | None:
    """Return the stretches of the file between the `---` of a text, None where it is not there line by line."""
    lines = lines_of(document, node)
    if lines is None:
        return None
    source = document.file.text
    text = text_of(document, node)
    if text.problem is None and node.style not in {"|", ">"}:
        return [text.span]
    stretches, start = list[Span](), _line_start(source, lines[0].start)
    for line in lines:
        if _MARK.match(source, line.start, line.stop):
            stretches.append(Span(start, _line_start(source, line.start)))
            start = line.stop
    return [*stretches, Span(start, lines[-1].stop)]


def _line_start(source: str, at: int) -> int:
    return source.rfind("\n", 0, at) + 1
