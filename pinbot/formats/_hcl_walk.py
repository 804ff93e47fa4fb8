"""Everything that a block of HCL sets, at any depth, with the names on the way there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pinbot.formats._hcl import Block
from pinbot.formats._hcl_kinds import Call, Expression, Items, Object

# Functions that hand on what they are given, so that what stands in their arguments stands where they do.
_HAND_ON = frozenset(
    {"jsonencode", "yamlencode", "concat", "merge", "tolist", "toset", "tomap", "flatten", "compact", "try", "coalesce"}
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is neither a list nor an object; `path` are names of blocks, attributes and keys.

    `beside` are the other values of the same block or object.
    """

    path: tuple[str, ...]
    value: Expression
    beside: dict[str, Expression]

    @property
    def where(self) -> str:
        """The path in words."""
        return ".".join(self.path)


def leaves(block: Block) -> Iterator[Leaf]:
    """Yield all values of a block and the blocks in it, in their order.

    The blocks that a `dynamic` one makes count as written
    (https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks).
    """
    stack: list[tuple[tuple[str, ...], Block]] = [((), block)]
    while stack:
        path, one = stack.pop()
        beside = dict(one.attributes())
        for name, value in beside.items():
            yield from within((*path, name), value, beside)
        stack += reversed([((*path, *_step(inner)), inner) for inner in one.blocks()])


def _step(block: Block) -> tuple[str, ...]:
    if block.type == "dynamic" and block.labels:
        return (block.labels[0],)
    return () if block.type == "content" else (block.type,)


def within(path: tuple[str, ...], value: Expression, beside: dict[str, Expression]) -> Iterator[Leaf]:
    """Yield all values of an expression; `path` and `beside` are those of the expression itself."""
    stack = [(path, value, beside)]
    while stack:
        path, value, beside = stack.pop()
        match value:
            case Items(items=items):
                stack += ((path, item, beside) for item in reversed(items))
            case Object(entries=entries):
                inner = dict(entries)
                stack += (((*path, key), item, inner) for key, item in reversed(entries))
            case Call(name=name, arguments=arguments) if name in _HAND_ON:
                stack += ((path, argument, beside) for argument in reversed(arguments))
            case _:
                yield Leaf(path, value, beside)
