"""Objects of the Kubernetes API and where they begin: at the root of a document, in lists, and within one another.

What has a `kind` and a `spec` or `metadata` is an object (https://kubernetes.io/docs/concepts/overview/working-with-objects/);
a mere reference to one (`taskRef: {apiVersion, kind, name}`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_mapping, lookup, text_at
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# What a cluster wrote down about an object: no place to change anything.
RECORDED = ("status", "items[].status")
# Objects that hold text for others. In the text of a document that is told at the left margin, where only its own keys
# stand; definitions of custom resources are most of the YAML of many repositories, and composing them most of the time.
# A line end in front, since that is found fast; who is passed over by mistake or not makes no difference but time.
TEXTS = re.compile(r"\nkind:[ \t]*[\"']?(?:ConfigMap|Secret|CustomResourceDefinition)[\"']?[ \t]*\r?$", re.MULTILINE)

_Reader = Callable[[Place, str, str], Iterator[Yield]]


# Many places lie below the same few nodes.
@lru_cache(maxsize=64)
def identity(node: Node) -> tuple[str, str] | None:
    """Return the API group and the kind of an object, None for what is no object; the group may be empty."""
    kind = text_at(node, "kind")
    if not kind or (lookup(node, "spec") is None and lookup(node, "metadata") is None):
        return None
    return text_at(node, "apiVersion").rpartition("/")[0], kind


def title(root: Node) -> str | None:
    """Return `Kind/name` of an object, as reports call it; None for what has no kind."""
    kind = text_at(root, "kind")
    name = text_at(root, "metadata", "name") or text_at(root, "metadata", "generateName")
    return f"{kind}/{name}" if kind and name else kind or None


def owner(place: Place) -> Node | None:
    """Return the innermost object around a place."""
    return next((node for node in reversed(place.above) if identity(node)), None)


def of(kinds: frozenset[str], groups: frozenset[str], read: _Reader) -> _Reader:
    """Return a reader that looks only into objects of these kinds, and of these groups where they name one."""

    def reader(place: Place, format_name: str, label: str) -> Iterator[Yield]:
        node = owner(place)
        group, kind = (node and identity(node)) or ("", "")
        if kind in kinds and (not group or group in groups):
            yield from read(place, format_name, label)

    return reader


def below(place: Place, *keys: str) -> Place | None:
    """Return the place that the keys lead to from another one, None where there is none."""
    for key in keys:
        node = lookup(place.node, key)
        if node is None:
            return None
        place = Place(place.document, (*place.path, key), node, (*place.above, place.node))
    return place


def items(place: Place | None) -> Iterator[Place]:
    """Yield the items of a sequence that are mappings."""
    if place is not None and getattr(place.node, "id", None) == "sequence":
        for index, node in enumerate(place.node.value):
            if is_mapping(node):
                yield Place(place.document, (*place.path, index), node, (*place.above, place.node))
