"""HCL as a syntax tree with offsets into the text of its file: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.

tree-sitter reads it, which counts in bytes. What it takes too long for, or what would nest too deep for whoever walks
the tree, is looked for in the text before it is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from pinbot.formats._offsets import Offsets
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile, Span, encode

if TYPE_CHECKING:
    import tree_sitter

    # For the other modules of this language.
    TreeNode = tree_sitter.Node

# The longest files that people write have some 300 KB; a megabyte takes the parser half a second.
MAX_BYTES = 1024 * 1024
# The deepest configurations that people write have about fifteen levels.
MAX_DEPTH = 100

_BRACKETS = re.compile(r"[\[\](){}]")


@dataclass(frozen=True)
class Tree:
    """A parsed file; `skip` names the stretch that could not be read, if there is one."""

    file: SourceFile
    root: TreeNode

    def span(self, node: TreeNode) -> Span:
        """Return where a node stands, in code points."""
        return Span(self.offset(node.start_byte), self.offset(node.end_byte))

    def text(self, node: TreeNode) -> str:
        """Return the text of a node."""
        return self.file.slice(self.span(node))

    def offset(self, byte: int) -> int:
        """Return the code point offset of a byte offset."""
        return self._offsets.offset(byte)

    @cached_property
    def _offsets(self) -> Offsets:
        return Offsets(self.file)

    @cached_property
    def skip(self) -> Skip | None:
        """The first stretch that is no HCL."""
        if not self.root.has_error:
            return None
        node = _first_error(self.root)
        span = self.span(node)
        line = self.file.position(span.start).line
        what = f"{node.type} is missing" if node.is_missing else "a syntax error"
        return Skip(self.file.path, f"line {line}: {what}, so this stretch was not read", span)


def _first_error(node: TreeNode) -> TreeNode:
    while not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            return node
        node = broken
    return node


# Several formats look into one file, one after the other, and a module's variables are used by all of its files.
@lru_cache(maxsize=2)
def parsed(file: SourceFile) -> Tree | Skip:
    """Return the tree of an HCL file, or why it is not read; never raises for what the file holds."""
    depth = _depth(file.text)
    if depth > MAX_DEPTH:
        return Skip(file.path, f"brackets are nested deeper than {MAX_DEPTH} levels")
    if len(file.text) > MAX_BYTES:
        return Skip(file.path, f"the file has more than the {MAX_BYTES:,} characters that are read")
    return Tree(file, _parser().parse(encode(file.text)).root_node)


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _depth(text: str) -> int:
    """Return how deep brackets are nested at most; those in strings count as well."""
    steps = (1 if bracket[0] in "[({" else -1 for bracket in _BRACKETS.finditer(text))
    return max(accumulate(steps, lambda depth, step: max(depth + step, 0)), default=0)
