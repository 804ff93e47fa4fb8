"""A small typed view of HCL (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md): blocks, attributes and
the few kinds of expressions in which a reference can stand.

Everything is read when it is asked for, and nothing that the parser could not read is handed out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinbot.formats._hcl_kinds import Call, Expression, Items, Literal, Name, Object, Other, Template
from pinbot.formats._hcl_tree import Tree
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._hcl_tree import TreeNode

_NEWLINE = re.compile(r"\n")


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" "label" { … }`; a file is a block without a type."""

    tree: Tree
    type: str
    labels: tuple[str, ...]
    node: TreeNode

    @property
    def span(self) -> Span:
        """Where the block stands."""
        return self.tree.span(self.node)

    @property
    def line(self) -> int:
        """The line on which the block begins."""
        return self.tree.file.position(self.span.start).line

    def blocks(self, kind: str | None = None) -> Iterator[Block]:
        """Yield the blocks directly inside, those of one type where it is given."""
        for node in self._content("block"):
            block = _block(self.tree, node)
            if block and kind in {None, block.type}:
                yield block

    def attributes(self) -> Iterator[tuple[str, Expression]]:
        """Yield the names and values that are set directly inside."""
        for node in self._content("attribute"):
            children = node.named_children
            if not node.has_error and len(children) >= 2:
                yield self.tree.text(children[0]), expression(self.tree, children[-1])

    def get(self, name: str) -> Expression | None:
        """Return the value of an attribute, None where it is not set."""
        return next((value for key, value in self.attributes() if key == name), None)

    def _content(self, kind: str) -> Iterator[TreeNode]:
        for child in self.node.named_children:
            if child.type == "body":
                yield from (node for node in child.named_children if node.type == kind)


def top(tree: Tree) -> Block:
    """Return the whole file as a block."""
    return Block(tree, "", (), tree.root)


def _block(tree: Tree, node: TreeNode) -> Block | None:
    head = [child for child in node.named_children if child.type in {"identifier", "string_lit"}]
    if not head or any(child.is_error for child in node.children):
        return None
    words = [tree.text(child) for child in head]
    return Block(tree, words[0], tuple(word.strip('"') for word in words[1:]), node)


def expression(tree: Tree, node: TreeNode) -> Expression:
    """Return the view of an expression; deep ones are no deeper than `_hcl_tree` lets through."""
    node = _unwrapped(node)
    if node.has_error:
        return Other("error", tree.span(node))
    match node.type:
        case "string_lit" | "quoted_template":
            return _quoted(tree, node)
        case "heredoc_template":
            return _heredoc(tree, node)
        case "tuple":
            return Items(
                tuple(expression(tree, n) for n in node.named_children if n.type == "expression"), tree.span(node)
            )
        case "object":
            return Object(tuple(_entries(tree, node)), tree.span(node))
        case "function_call":
            return _call(tree, node)
        case "expression":
            return _name(tree, node) or Other("expression", tree.span(node))
        case "variable_expr":
            return Name((tree.text(node),), tree.span(node))
        case "conditional":
            return Other("conditional", tree.span(node), tuple(_outcomes(tree, node)))
        case kind:
            return Other(kind, tree.span(node))


def _outcomes(tree: Tree, node: TreeNode) -> Iterator[Expression]:
    """Yield what a condition may come to, those of the conditions inside included: people chain them."""
    stack = [node]
    while stack:
        one = _unwrapped(stack.pop())
        if one.type != "conditional" or one.has_error:
            yield expression(tree, one)
            continue
        condition, *outcomes = _operands(one)
        # The grammar reads `a ? b : c ? d : e` from the left, as if `a ? b : c` were the second condition.
        while condition.child_count == 1 and _unwrapped(condition).type == "conditional":
            condition, outcome, _ = _operands(_unwrapped(condition))
            outcomes.insert(0, outcome)
        stack += reversed(outcomes)


def _operands(node: TreeNode) -> list[TreeNode]:
    return [child for child in node.named_children if child.type == "expression"]


def _unwrapped(node: TreeNode) -> TreeNode:
    """Return what stands in parentheses and in nodes that only say what kind their child is of."""
    while node.type in {"expression", "literal_value", "template_expr", "collection_value"}:
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def _name(tree: Tree, node: TreeNode) -> Name | None:
    """Return `a.b.c`; None where it is not made of names alone."""
    first, *rest = node.named_children or [node]
    if first.type != "variable_expr" or any(step.type != "get_attr" for step in rest):
        return None
    return Name(tuple(tree.text(step).lstrip(".").strip() for step in (first, *rest)), tree.span(node))


def _call(tree: Tree, node: TreeNode) -> Call:
    children = node.named_children
    arguments = next((child for child in children if child.type == "function_arguments"), None)
    inner = arguments.named_children if arguments else ()
    given = tuple(expression(tree, child) for child in inner if child.type == "expression")
    return Call(tree.text(children[0]), given, tree.span(node))


def _entries(tree: Tree, node: TreeNode) -> Iterator[tuple[str, Expression]]:
    for element in node.named_children:
        pair = [child for child in element.named_children if child.type == "expression"]
        if element.type == "object_elem" and len(pair) == 2:
            key = expression(tree, pair[0])
            if isinstance(key, Name) and len(key.names) == 1 and not tree.text(pair[0]).startswith("("):
                yield key.names[0], expression(tree, pair[1])
            elif isinstance(key, Template) and not key.parts:
                yield "", expression(tree, pair[1])
            elif isinstance(key, Template) and len(key.parts) == 1 and isinstance(key.parts[0], Literal):
                yield tree.file.slice(key.content), expression(tree, pair[1])


def _quoted(tree: Tree, node: TreeNode) -> Template:
    first, last = node.children[0], node.children[-1]
    content = Span(tree.offset(first.end_byte), tree.offset(last.start_byte))
    return Template(tuple(_parts(tree, node, content)), content, tree.span(node))


def _parts(tree: Tree, node: TreeNode, content: Span) -> Iterator[Literal | Expression]:
    """Yield what a template is made of; the characters are what lies between the rest, white space included."""
    at = content.start
    for child in _fillings(node):
        span = tree.span(child)
        if span.start > at:
            yield Literal(Span(at, span.start))
        yield _filled_in(tree, child)
        at = span.stop
    if content.stop > at:
        yield Literal(Span(at, content.stop))


def _fillings(node: TreeNode) -> Iterator[TreeNode]:
    """Yield `${…}` and each single `%{…}` of a template; what stands between `%{ if … }` and `%{ endif }` is text."""
    stack = list(reversed(node.named_children))
    while stack:
        child = stack.pop()
        if child.type in {"template_directive", "template_if", "template_for"}:
            stack += reversed(child.named_children)
        elif child.type.startswith(("template_i", "template_e", "template_f")):
            yield child


def _filled_in(tree: Tree, node: TreeNode) -> Expression:
    inner = [child for child in node.named_children if child.type == "expression"]
    if node.type != "template_interpolation" or len(inner) != 1 or "~" in tree.text(node):
        return Other("template", tree.span(node))
    return expression(tree, inner[0])


def _heredoc(tree: Tree, node: TreeNode) -> Template:
    text, whole = tree.file.text, tree.span(node)
    start = text.find("\n", whole.start, whole.stop) + 1 or whole.stop
    stop = text.rfind("\n", start, whole.stop) + 1 or start
    content = Span(start, stop)
    lines = list(_lines(text, content))
    if text.startswith("<<-", whole.start):
        lines = _without_indent(text, lines)
    return Template(tuple(_parts(tree, node, content)), content, whole, tuple(lines))


def _lines(text: str, content: Span) -> Iterator[Span]:
    """Yield the lines of a stretch, without their line ends."""
    at = content.start
    for newline in _NEWLINE.finditer(text, content.start, content.stop):
        stop = newline.start()
        yield Span(at, stop - text.startswith("\r", stop - 1) if stop > at else stop)
        at = newline.end()


def _without_indent(text: str, lines: list[Span]) -> list[Span]:
    """Return the lines without the white space that all of them begin with."""
    written = [line for line in lines if text[line.start : line.stop].strip()]
    width = min((_indent(text, line) for line in written), default=0)
    return [Span(min(line.start + width, line.stop), line.stop) for line in lines]


def _indent(text: str, line: Span) -> int:
    return line.stop - line.start - len(text[line.start : line.stop].lstrip(" \t"))
