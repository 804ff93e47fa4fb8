"""kind's clusters: https://kind.sigs.k8s.io/docs/user/configuration/#kubernetes-version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import text_at

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node


def _label(root: Node) -> str | None:
    """Return the name of a cluster; older files write `kind: Config` of `kind.sigs.k8s.io`."""
    group, kind = text_at(root, "apiVersion").partition("/")[0], text_at(root, "kind")
    name = text_at(root, "name")
    known = group in {"kind.x-k8s.io", "kind.sigs.k8s.io"} and kind in {"Cluster", "Config"}
    return (f"{kind}/{name}" if name else kind) if known else None


FORMAT = yaml_format(
    "kind",
    about=About(
        title="kind",
        url="https://kind.sigs.k8s.io/docs/user/configuration/",
        files="YAML with a `Cluster` of `kind.x-k8s.io`",
        places=("`nodes[].image`",),
        path="kind.yaml",
        example="""\
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - role: control-plane
    image: kindest/node:v1.31.2
""",
        limits=("the notes of a release of kind list the digests that fit it; a tag may have moved on since",),
    ),
    endings=YAML,
    needles=("image", ("kind.x-k8s.io", "kind.sigs.k8s.io")),
    document=_label,
    routes=(Route("nodes[].image"),),
)
