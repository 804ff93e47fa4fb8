"""Terraform in JSON: https://developer.hashicorp.com/terraform/language/syntax/json, read with the YAML composer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._hcl_json import expression_of
from pinbot.formats._hcl_values import Given
from pinbot.formats._hcl_walk import Leaf, within
from pinbot.formats._terraform_places import Site, leads, sites
from pinbot.formats._yaml_nodes import is_sequence, lookup, pairs
from pinbot.formats._yaml_stream import Document

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node


def values(document: Document) -> Iterator[tuple[tuple[str, ...], Given]]:
    """Yield the variables with a default, and the locals, that a file declares, by their full names."""
    for name, node in _named(lookup(document.root, "variable")):
        default = lookup(node, "default")
        if default is not None:
            kind = lookup(node, "type")
            declared = None if kind is None else expression_of(document, kind)
            yield ("var", name), Given(document.file, expression_of(document, default), declared)
    for name, node in _named(lookup(document.root, "locals")):
        yield ("local", name), Given(document.file, expression_of(document, node))


def resources(document: Document) -> Iterator[tuple[str, Leaf, Site]]:
    """Yield the values that stand in the place of an image, each with the name of its resource."""
    for block in ("resource", "data"):
        for kind, node in _named(lookup(document.root, block)):
            places = [one for one in sites(block, kind) if not one.text]
            for name, body in _named(node) if places else ():
                for leaf in within((), expression_of(document, body), {}):
                    site = next((one for one in places if leads(one, leaf.where)), None)
                    if site is not None:
                        yield f"{kind}.{name}", leaf, site


def _named(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield the names and values of a mapping, or of a list of mappings."""
    for one in node.value if is_sequence(node) else [node]:
        yield from ((str(key.value), value) for key, value in pairs(one))
