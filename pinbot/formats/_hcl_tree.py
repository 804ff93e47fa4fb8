"""HCL as a syntax tree with offsets into the text of its file: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.

tree-sitter reads it, which counts in bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from pinbot.formats._offsets import Offsets
from pinbot.formats._syntax_trees import excess, first_error
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile, Span, encode

if TYPE_CHECKING:
    import tree_sitter

    # For the other modules of this language.
    TreeNode = tree_sitter.Node

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
        node = first_error(self.root)
        span = self.span(node)
        line = self.file.position(span.start).line
        what = f"{node.type} is missing" if node.is_missing else "a syntax error"
        return Skip(self.file.path, f"line {line}: {what}, so this stretch was not read", span)


# Several formats look into one file, one after the other, and a module's variables are used by all of its files.
@lru_cache(maxsize=2)
def parsed(file: SourceFile) -> Tree | Skip:
    """Return the tree of an HCL file, or why it is not read; never raises for what the file holds."""
    if skip := excess(file, _BRACKETS):
        return skip
    return Tree(file, _parser().parse(encode(file.text)).root_node)


def _parser() -> Any:
    """Return a parser of its own for each file: one must not be used by two threads, and a new one costs nothing."""
    import tree_sitter

    return tree_sitter.Parser(_language())


@cache
def _language() -> Any:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Language(tree_sitter_hcl.language())
