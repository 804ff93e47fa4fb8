"""Pods without a `kind`: those that Jenkins reads from a file, and the jobs of Prow.

https://plugins.jenkins.io/kubernetes/ (`yamlFile`), https://docs.prow.k8s.io/docs/jobs/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_mapping, lookup

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_CONTAINERS = ("containers", "initContainers")
_JOBS = ("presubmits.*[]", "postsubmits.*[]", "periodics[]")


def _label(root: Node) -> str | None:
    return "" if is_mapping(root) and lookup(root, "kind") is None else None


FORMAT = yaml_format(
    "kubernetes-other",
    about=About(
        title="Pods without a kind",
        url="https://docs.prow.k8s.io/docs/jobs/",
        files="YAML files without `apiVersion` and `kind` that are the `spec` of a pod or the jobs of Prow",
        places=(
            "`spec.containers[].image` and `spec.initContainers[].image` of a pod that Jenkins reads from a file",
            "the same in `presubmits`, `postsubmits` and `periodics` of Prow",
        ),
        path="prow/jobs.yaml",
        example="""\
periodics:
  - name: nightly
    interval: 24h
    spec:
      containers:
        - image: golang:1.23
          command: [make, test]
""",
        limits=("files that another format knows by their name, or in which one finds anything, are left to it",),
    ),
    needles=("image:", "spec:", "ontainers:"),
    never=(OBJECT,),
    document=_label,
    routes=tuple(
        Route(f"{above}{key}[].image")
        for above in ("spec.", "spec.template.spec.", *(f"{job}.spec." for job in _JOBS))
        for key in _CONTAINERS
    ),
    general=True,
    fallback=True,
)
