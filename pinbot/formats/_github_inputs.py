"""Inputs of actions that are images, by the documentation of each action; of other actions nothing is known.

https://github.com/docker/setup-qemu-action#inputs, https://github.com/docker/setup-buildx-action#inputs,
https://github.com/helm/kind-action#inputs, https://github.com/addnab/docker-run-action#inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import Text, lines_of, literal_standing, scalar_finding
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_IMAGES = {
    "docker/setup-qemu-action": "image",
    "helm/kind-action": "node_image",
    "engineerd/setup-kind": "image",
    "addnab/docker-run-action": "image",
}
_BUILDX = "docker/setup-buildx-action"
# One of these stands in a file in which an input is read.
WORDS = ("docker/setup-", "kind-action", "setup-kind", "docker-run-action")


def image_of(step: Place) -> Place | None:
    """Return the place of the input that is an image, None where the action of the step has none."""
    action = text_at(step.node, "uses").partition("@")[0].lower()
    name = _IMAGES.get(action)
    inputs = lookup(step.node, "with")
    node = lookup(inputs, name) if name else None
    if name is None or inputs is None or node is None:
        return None
    return Place(step.document, (*step.path, "with", name), node, (*step.above, step.node, inputs))


def builder_images(step: Place, format_name: str) -> Iterator[Finding]:
    """Yield the image of BuildKit that a step sets up: a line `image=…` of its `driver-opts`."""
    if not text_at(step.node, "uses").lower().startswith(f"{_BUILDX}@"):
        return
    node: Node | None = lookup(lookup(step.node, "with"), "driver-opts")
    file = step.document.file
    for line in (lines_of(step.document, node) if is_scalar(node) else None) or ():
        written = file.slice(line)
        key, equals, image = written.strip().partition("=")
        if key == "image" and equals and image and is_scalar(node):
            start = line.start + written.index("=") + 1
            at = Span(start, start + len(image))
            standing = literal_standing(file, node, Text(image, at))
            yield scalar_finding(file, format_name, f"{step.where}.with.driver-opts", at, standing)
