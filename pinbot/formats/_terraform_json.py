"""Terraform in JSON: https://developer.hashicorp.com/terraform/language/syntax/json, read with the YAML composer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._terraform_places import Site, leads, sites
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs
from pinbot.formats._yaml_scalar import literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Finding, Fixed, Writable, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode


def scan_json(file: SourceFile, format_name: str) -> Iterator[Yield]:
    """Yield the references of a file; what holds `${…}` is `variable`."""

    def read(document: Document) -> Iterator[Yield]:
        for block in ("resource", "data"):
            for kind, node in _named(lookup(document.root, block)):
                places = sites(block, kind)
                for name, body in _named(node) if places else ():
                    yield from _resource(document, places, f"{kind}.{name}", body, format_name)

    return scan_documents(file, read)


def _named(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield the names and values of a mapping, or of a list of mappings."""
    for one in node.value if is_sequence(node) else [node]:
        yield from ((str(key.value), value) for key, value in pairs(one))


def _resource(
    document: Document, places: tuple[Site, ...], where: str, body: Node, format_name: str
) -> Iterator[Finding]:
    for path, node in _leaves(body):
        site = next((one for one in places if not one.text and leads(one, ".".join(path))), None)
        if site is not None:
            text = text_of(document, node)
            standing = literal_standing(document.file, node, text)
            if isinstance(standing, Writable) and site.refused:
                standing = Fixed(standing.reference, site.refused)
            found = scalar_finding(document.file, format_name, "", text.span, standing)
            yield replace(found, where=f"{where}.{'.'.join(path)}")


def _leaves(body: Node) -> Iterator[tuple[tuple[str, ...], ScalarNode]]:
    """Yield the scalars below a node that say something, each with the keys on the way."""
    stack: list[tuple[tuple[str, ...], Node]] = [((), body)]
    while stack:
        path, node = stack.pop()
        if is_mapping(node):
            stack += reversed([((*path, str(key.value)), value) for key, value in pairs(node)])
        elif is_sequence(node):
            stack += ((path, item) for item in reversed(node.value))
        elif is_scalar(node) and node.value.strip():
            yield path, node
