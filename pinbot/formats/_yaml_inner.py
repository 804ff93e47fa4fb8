"""YAML in the strings of YAML: a block scalar holds whole documents, each of which stands in the file as it is.

A document may be indented as a whole, so the lines of a literal block (https://yaml.org/spec/1.1/#id926836) are
composed where they stand, and the marks of the nodes lead to the very bytes of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_mapping, is_sequence
from pinbot.formats._yaml_scalar import lines_of
from pinbot.formats._yaml_stream import Document, Part
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import ScalarNode


def inner_documents(document: Document, node: ScalarNode) -> Iterator[Document]:
    """Yield the documents in a scalar whose text stands in the file line by line; prose and what is broken is none."""
    for span in _between_marks(document, lines_of(document, node) or []):
        for inner in Part(document.file, span).filled.documents:
            if is_mapping(inner.root) or is_sequence(inner.root):
                yield inner


def _between_marks(document: Document, lines: list[Span]) -> Iterator[Span]:
    """Yield the stretches between lines of `---`, which would be no marks where they are indented."""
    text = document.file.text
    first: int | None = None
    for number, line in enumerate(lines):
        if text.startswith("---", line.start, line.stop):
            if first is not None:
                yield Span(first, line.start)
            first = None
        elif first is None:
            first = _start(text, line, whole=number > 0 or len(lines) > 1)
    if first is not None:
        yield Span(first, lines[-1].stop)


def _start(text: str, line: Span, *, whole: bool) -> int:
    """Return where a line of a block starts with its indentation; a string within a line starts where it is."""
    return text.rfind("\n", 0, line.start) + 1 if whole else line.start
