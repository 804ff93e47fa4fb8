"""What Woodpecker, its fork Crow and Drone before version 1 read alike (https://woodpecker-ci.org/docs/usage/workflow-syntax).

Steps and services are mappings by name, or lists; the values of a `matrix`
(https://woodpecker-ci.org/docs/usage/matrix-workflows) stand in for `${NAME}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING

from pinbot.formats._substitution import Values
from pinbot.formats._yaml import Route
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# Woodpecker itself makes no more of a matrix (`limitAxis` in its pipeline/frontend/yaml/matrix).
_MAX_ROWS = 26


def read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the references in the scalar at a place, with the matrix of the file filled in."""
    yield from values(place.document).findings(place.node, format_name, f"{label} {place.where}".lstrip())


ROUTES = tuple(
    Route(path, read)
    for group in ("steps", "pipeline", "services", "clone")
    for path in (f"{group}.*.image", f"{group}[].image")
)


# Every reference of a document asks for the same.
@lru_cache(maxsize=4)
def values(document: Document) -> Values:
    """Return what the `matrix` of a document gives to variables."""
    return Values(document, matrix=list(islice(_rows(lookup(document.root, "matrix")), _MAX_ROWS)))


def _rows(matrix: Node | None) -> Iterator[Mapping[str, str]]:
    included = lookup(matrix, "include")
    if is_sequence(included):
        yield from ({str(k.value): v.value for k, v in pairs(row) if is_scalar(v)} for row in included.value)
        return
    axes = list(_axes(matrix))
    if axes:
        for row in product(*(values for _, values in axes)):
            yield dict(zip((name for name, _ in axes), row, strict=True))


def _axes(matrix: Node | None) -> Iterator[tuple[str, Sequence[str]]]:
    for key, value in pairs(matrix) if is_mapping(matrix) else ():
        items = [str(item.value) for item in value.value if is_scalar(item)] if is_sequence(value) else []
        if items:
            yield str(key.value), items[:_MAX_ROWS]
