"""The matrix of a job: which combinations of values it runs with.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

Combination = Mapping[str, "Node"]

# GitHub starts no more jobs than this for one matrix.
_MAX_JOBS = 256


def combinations(job: Node | None) -> list[Combination] | None:
    """Return the combinations of a job, an empty one where it has no matrix; None where they are computed."""
    matrix = lookup(lookup(job, "strategy"), "matrix")
    if matrix is None:
        return [{}]
    if not is_mapping(matrix):
        return None
    vectors = {str(key.value): value for key, value in pairs(matrix)}
    included, excluded = _entries(vectors.pop("include", None)), _entries(vectors.pop("exclude", None))
    if included is None or excluded is None:
        return None
    # A vector that is an expression leaves the others known.
    known = {name: vector.value for name, vector in vectors.items() if is_sequence(vector)}
    crossed = (dict(zip(known, values, strict=True)) for values in islice(product(*known.values()), _MAX_JOBS))
    kept: list[Combination] = [one for one in crossed if not any(_agree(one, entry) for entry in excluded)]
    return _with_included(kept if vectors else [], included, frozenset(vectors)) or [{}]


def _entries(node: Node | None) -> list[Combination] | None:
    if node is None:
        return []
    if not is_sequence(node):
        return None
    return [{str(key.value): value for key, value in pairs(entry)} for entry in node.value if is_mapping(entry)]


def _with_included(kept: list[Combination], included: list[Combination], names: frozenset[str]) -> list[Combination]:
    """Add each entry to the combinations whose values it does not change, or as a combination of its own."""
    extended, alone = [dict(one) for one in kept], list[Combination]()
    for entry in included[:_MAX_JOBS]:
        own = {name: value for name, value in entry.items() if name in names}
        matching = [number for number, one in enumerate(kept) if _agree(one, own)]
        for number in matching:
            extended[number].update({name: value for name, value in entry.items() if name not in names})
        if not matching:
            alone.append(entry)
    return [*extended, *alone]


def _agree(combination: Combination, entry: Combination) -> bool:
    """Whether a combination has every value of an entry."""
    return all(name in combination and _same(combination[name], value) for name, value in entry.items())


def _same(one: Node, other: Node) -> bool:
    if is_scalar(one) and is_scalar(other):
        return bool(one.value == other.value)
    if is_mapping(one) and is_mapping(other):
        left, right = dict(_plain(one)), dict(_plain(other))
        return all(name in left and _same(left[name], value) for name, value in right.items())
    return one is other


def _plain(node: Node) -> Iterator[tuple[str, Node]]:
    yield from ((str(key.value), value) for key, value in pairs(node))
