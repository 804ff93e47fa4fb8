"""Tekton: tasks, pipelines, their runs, step actions and triggers (https://tekton.dev/docs/pipelines/tasks/).

Images stand in steps, sidecars and step templates; bundles of tasks are images too
(https://tekton.dev/docs/pipelines/bundle-resolver/). An object needs no `apiVersion` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._objects import RECORDED, TEXTS, below, items, of, title
from pinbot.formats._parameters import Parameters, declared, found_in, through
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import text_at
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_KINDS = frozenset({"Task", "ClusterTask", "Pipeline", "PipelineRun", "TaskRun", "Run", "CustomRun", "StepAction"})
_GROUPS = frozenset({"tekton.dev"})
# $(params.image), $(params["image"]), and with `inputs.` in front as in v1alpha1
_USE = re.compile(r"\$\((?:inputs\.)?params(?:\.|\[[\"'])(?P<name>[A-Za-z_][\w.-]*)(?:[\"']\])?\)")
_MENTION = re.compile(r"params(?:\.|\[[\"'])([A-Za-z_][\w-]*(?:\.[\w-]+)*)")


def _default(place: Place, used: re.Match[str]) -> Node | None:
    """Return the default of a parameter, in the nearest of the objects and specs around a place that declare it."""
    lists = (
        entries
        for node in reversed(place.above)
        for entries in (found_in(node, "params"), found_in(node, "inputs", "params"))
    )
    return declared(lists, used["name"], ("default",))


_image = through(Parameters(_USE, _MENTION, _default))


def _bundle(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the bundle that a reference to a task names; beside a resolver its own `bundle` counts for nothing."""
    resolver = text_at(place.node, "resolver")
    if not resolver:
        found = below(place, "bundle")
    elif resolver == "bundles":
        given = below(place, "params") or below(place, "resource")
        entry = next((one for one in items(given) if text_at(one.node, "name") == "bundle"), None)
        found = below(entry, "value") if entry else None
    else:
        return
    if found is not None:
        yield from _image(found, format_name, label)


_IMAGES = (
    "**.steps[].image",
    "**.sidecars[].image",
    "**.stepTemplate.image",
    "**.containerTemplate.image",
    "spec.image",
    "items[].spec.image",
)
_REFERENCES = ("**.taskRef", "**.pipelineRef", "**.steps[].ref")

FORMAT = yaml_format(
    "tekton",
    about=About(
        title="Tekton",
        url="https://tekton.dev/docs/pipelines/",
        files="YAML and JSON with objects of `tekton.dev`, also in lists, trigger templates and without `apiVersion`",
        places=(
            "`image:` of steps, sidecars, step templates and step actions",
            "the default of a parameter that ends such an image: `$(params.image)`",
            "`bundle:` of `taskRef` and `pipelineRef`, and the parameter `bundle` of the bundle resolver",
        ),
        path=".tekton/build.yaml",
        example="""\
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: build
spec:
  params:
    - name: linter
      default: golangci/golangci-lint:v1.62
  steps:
    - name: lint
      image: $(params.linter)
    - name: test
      image: golang:1.23
""",
        limits=(
            "a parameter that is used more than once, or that a run in the same file sets, is refused",
            "tasks that are fetched by URL or from a hub are not followed",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=(("image", "undle"), "kind", ("tekton.dev", "Task", "Pipeline", "StepAction")),
    passed_over=TEXTS,
    document=title,
    routes=(
        *(Route(path, of(_KINDS, _GROUPS, _image)) for path in _IMAGES),
        *(Route(path, of(_KINDS, _GROUPS, _bundle)) for path in _REFERENCES),
    ),
    closed=RECORDED,
)
