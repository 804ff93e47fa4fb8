"""Values that are laid over those of a chart (https://helm.sh/docs/chart_template_guide/values_files/): then a tag in
them is rendered with the digest that stands in the values below, unless they bring a digest of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._helm import chart_values_key, own_values, value_key
from pinbot.formats._helm_names import named_images, normal
from pinbot.formats._helm_values import Path, dotted, value_nodes
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, lookup, pairs
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Override

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

_DIGEST = ("digest", "sha", "sha256")


def overrides(document: Document, root: Node, chart: str | None = None) -> Iterator[Override]:
    """Yield the tags that a tree of values sets without a digest, for a chart, or for whatever chart it is laid over.

    What the values of a chart set below the name of another one is for that one, which is a part of the first.
    """
    path = document.file.path
    if chart is not None and path.startswith(f"{own_values(chart).removesuffix('values.yaml')}ci/"):
        return  # https://github.com/helm/chart-testing: values for tests, which deploy nothing
    for said, tag in _tags(root):
        place = f"{path}:{document.file.position(document.span(tag).start).line}"
        if chart is None:
            yield Override(chart_values_key(dotted(said)), place)
        elif path != own_values(chart):
            yield Override(value_key(dotted(said), own_values(chart)), place)
        if isinstance(said[0], str) and len(said) > 2:
            yield Override(chart_values_key(dotted(said[1:]), said[0]), place)


def _tags(root: Node) -> Iterator[tuple[Path, ScalarNode]]:
    """Yield the tags without a digest beside them, each with the keys that lead there."""
    for path, node in value_nodes(root):
        if not is_mapping(node):
            continue
        keys = [key for key in path if isinstance(key, str)]
        for one in named_images(node, normal(keys[-1]) if keys else "", listed=False):
            if one.keys is None or any(lookup(node, key) is not None for key in (*one.keys.digest, *one.keys.bare)):
                continue
            # One without a name is the tag itself, and says of no other key what it is.
            key = one.keys.tag[0] if one.keys.name else one.key
            if not one.keys.name and any(normal(str(other.value)).endswith(_DIGEST) for other, _ in pairs(node)):
                continue
            tag = lookup(node, key)
            if is_scalar(tag) and not is_null(tag):
                yield (*path, key), tag
