"""The matrix of a Buildkite step: https://buildkite.com/docs/pipelines/configure/workflows/build-matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

MATRIX = re.compile(r"\{\{\s*matrix(?:\.([\w.-]+))?\s*\}\}")
# Buildkite itself makes 50 jobs of a matrix at most.
_MAX_ROWS = 100


def filled(text: str, matrix: Node | None) -> list[str]:
    """Return the different texts that a matrix makes of one; a `$` stands for what it does not give."""
    found = dict.fromkeys(_filled(text, row) for row in _rows(matrix))
    return list(found) or [_filled(text, {})]


def _filled(text: str, row: Mapping[str, str]) -> str:
    return MATRIX.sub(lambda match: row.get(match[1] or "", "$"), text)


def _rows(matrix: Node | None) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a matrix, by the names of its dimensions; a matrix without names has one, the empty one."""
    setup = lookup(matrix, "setup") or matrix
    if is_sequence(setup):
        axes = [("", _values(setup))]
    else:
        axes = [(str(key.value), _values(value)) for key, value in pairs(setup)] if is_mapping(setup) else []
    found = product(*(values for _, values in axes)) if axes else iter(())
    for row in islice(found, _MAX_ROWS):
        yield dict(zip((name for name, _ in axes), row, strict=True))
    yield from _adjusted(matrix)


def _adjusted(matrix: Node | None) -> Iterator[Mapping[str, str]]:
    """Yield the rows that adjustments add."""
    adjustments = lookup(matrix, "adjustments")
    for adjustment in adjustments.value if is_sequence(adjustments) else ():
        given = lookup(adjustment, "with")
        if is_scalar(given):
            yield {"": str(given.value)}
        elif is_mapping(given):
            yield {str(key.value): str(value.value) for key, value in pairs(given) if is_scalar(value)}


def _values(node: Node) -> list[str]:
    items = node.value if is_sequence(node) else []
    return [str(item.value) for item in items if is_scalar(item)][:_MAX_ROWS]
