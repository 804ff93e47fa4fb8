"""Argo Workflows: https://argo-workflows.readthedocs.io/en/latest/fields/, also as Argo Events sensors make them.

Beyond the images of templates, which stand where those of pods do: parameters that complete an image, and the
objects and patches that stand as text in a template (`resource.manifest`, `podSpecPatch`). An object needs neither
`apiVersion` nor `kind` where its templates tell what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._objects import RECORDED, TEXTS, identity, owner, title
from pinbot.formats._parameters import Parameters, declared, found_in, through
from pinbot.formats._yaml import Reader, Route, yaml_format
from pinbot.formats._yaml_embedded import embedded
from pinbot.formats._yaml_nodes import is_sequence, lookup, text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.source.finding import Skip, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_KINDS = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow", "WorkflowEventBinding"})
_GROUP = "argoproj.io"
_USE = re.compile(r"\{\{[ \t]*(?P<scope>inputs|workflow)\.parameters\.(?P<name>[\w-]+)[ \t]*\}\}")
_MENTION = re.compile(r"parameters(?:\.|\[[\"'])([\w-]+)")


def _default(place: Place, used: re.Match[str]) -> Node | None:
    """Return the value of a parameter of the template around a place, or of the workflow."""
    key = "inputs" if used["scope"] == "inputs" else "arguments"
    lists = (found_in(node, key, "parameters") for node in reversed(place.above))
    return declared(lists, used["name"], ("value", "default"))


_image = through(Parameters(_USE, _MENTION, _default))

_POD = ("containers[].image", "initContainers[].image")
_TEMPLATE = ("container.image", "script.image", "sidecars[].image", *_POD)
_IMAGES = tuple(f"**.{path}" for path in _TEMPLATE)
_TEXTS = ("**.resource.manifest", "**.podSpecPatch")


@cache
def _chart() -> Map:
    return Map.of(_IMAGES)


def _text(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the images of an object, or a patch of one, that a template holds as text."""
    where = f"{label} {place.where}:".lstrip()
    for item in embedded(place.document, place.node):
        if isinstance(item, Skip):
            # Most such texts name no image; what is filled in before it is YAML need not be read to know that.
            if "image" in place.node.value:
                yield item
            continue
        for _, inner in places(item, _chart()):
            # Its parameters are those of the template around it, which fills them in before the text is read.
            yield from literal(inner, format_name, where)


def _ours(read: Reader) -> Reader:
    """Return a reader that looks only into workflows."""

    def reader(place: Place, format_name: str, label: str) -> Iterator[Yield]:
        if _within_workflow(place):
            yield from read(place, format_name, label)

    return reader


def _within_workflow(place: Place) -> bool:
    """Whether the object around a place is a workflow, by its kind, or without one by its templates."""
    node = owner(place)
    if node is None:
        return is_sequence(found_in(place.above[0], "spec", "templates"))
    group, kind = identity(node) or ("", "")
    return kind in _KINDS and group in {_GROUP, ""}


def _label(root: Node) -> str | None:
    named = title(root)
    if named is None and lookup(root, "spec") is not None:
        return text_at(root, "metadata", "name") or text_at(root, "metadata", "generateName")
    return named


FORMAT = yaml_format(
    "argo-workflows",
    about=About(
        title="Argo Workflows",
        url="https://argo-workflows.readthedocs.io/en/latest/fields/",
        files="YAML and JSON with workflows, templates of them and cron workflows, also in sensors of Argo Events",
        places=(
            "`image:` of containers, scripts, container sets, init containers and sidecars of a template",
            "the value of a parameter that ends such an image: `{{inputs.parameters.image}}`",
            "the same places in objects that stand as text: `resource.manifest`, `podSpecPatch`",
        ),
        path="workflows/build.yaml",
        example="""\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: build-
spec:
  entrypoint: build
  templates:
    - name: build
      container:
        image: golang:1.23
        command: [go, build]
""",
        limits=(
            "a parameter that is used more than once, or set by a step in the same file, is refused",
            "`{{item.image}}` and expressions are `variable`",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=("image", "templates", ("container", "script")),
    passed_over=TEXTS,
    document=_label,
    routes=(
        *(Route(path, _ours(_image)) for path in _IMAGES),
        *(Route(path, _ours(_text)) for path in _TEXTS),
    ),
    closed=RECORDED,
)
