"""TOML as its values, each with the keys that lead to it and its exact place: https://toml.io/en/v1.0.0.

tree-sitter reads it, which counts in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pinbot.formats._offsets import Offsets
from pinbot.formats._syntax_trees import excess, first_error
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile, Span, encode

if TYPE_CHECKING:
    import tree_sitter

    TreeNode = tree_sitter.Node

_BRACKETS = re.compile(r"[\[\]{}]")
_TABLES = {"table", "table_array_element"}
_KEYS = {"bare_key", "quoted_key", "dotted_key"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A string: the keys that lead to it, and the text between its quotes; `span` is None where TOML escapes it."""

    path: tuple[str, ...]
    text: str
    span: Span | None
    whole: Span

    @property
    def where(self) -> str:
        """The path in words."""
        return ".".join(self.path)


def strings(file: SourceFile) -> Iterator[Entry | Skip]:
    """Yield all strings of a file in their order, and a Skip where a stretch is no TOML; never raises."""
    if skip := excess(file, _BRACKETS):
        yield skip
        return
    root = _parser().parse(encode(file.text)).root_node
    reader = _Reader(file)
    yield from reader.below(root)
    if root.has_error:
        span = reader.offsets.span(first_error(root))
        line = file.position(span.start).line
        yield Skip(file.path, f"line {line}: a syntax error, so this stretch was not read", span)


class _Reader:
    """Reads the nodes of one file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self.offsets = Offsets(file)

    def below(self, root: TreeNode) -> Iterator[Entry]:
        stack: list[tuple[tuple[str, ...], TreeNode]] = [((), root)]
        while stack:
            path, node = stack.pop()
            if node.is_error or (node.type == "pair" and node.has_error):
                continue
            if node.type == "string":
                yield self._entry(path, node)
                continue
            children = node.named_children
            if node.type in _TABLES | {"pair"} and children and children[0].type in _KEYS:
                path, children = (*path, *self._keys(children[0])), children[1:]
            stack += ((path, child) for child in reversed(children))

    def _keys(self, node: TreeNode) -> Iterator[str]:
        stack = [node]
        while stack:
            key = stack.pop()
            if key.type == "dotted_key":
                stack += reversed(key.named_children)
            else:
                yield self._file.slice(self.offsets.span(key)).strip("\"'")

    def _entry(self, path: tuple[str, ...], node: TreeNode) -> Entry:
        whole = self.offsets.span(node)
        written = self._file.slice(whole)
        width = 3 if written.startswith(('"""', "'''")) else 1
        text = written[width:-width]
        plain = width == 1 and not (written.startswith('"') and "\\" in text)
        return Entry(path, text, Span(whole.start + 1, whole.stop - 1) if plain else None, whole)


def _parser() -> Any:
    """Return a parser of its own for each file: one must not be used by two threads, and a new one costs nothing."""
    import tree_sitter

    return tree_sitter.Parser(_language())


@cache
def _language() -> Any:
    import tree_sitter
    import tree_sitter_toml

    return tree_sitter.Language(tree_sitter_toml.language())
