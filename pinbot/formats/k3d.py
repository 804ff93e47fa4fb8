"""k3d's clusters: https://k3d.io/stable/usage/configfile/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# `image: stable` and `image: +v1.31` name a channel of k3s: https://update.k3s.io/v1-release/channels
_CHANNELS = {"latest", "stable", "testing"}


def _label(root: Node) -> str | None:
    if not text_at(root, "apiVersion").startswith("k3d.io/"):
        return None
    name = text_at(root, "metadata", "name") or text_at(root, "name")
    return f"Simple/{name}" if name else "Simple"


def _image(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    for finding in literal(place, format_name, label):
        if finding.text in _CHANNELS or finding.text.startswith("+"):
            channel = Aside("variable", f"k3d asks a channel of k3s which version {finding.text} is")
            yield replace(finding, standing=channel)
        else:
            yield finding


FORMAT = yaml_format(
    "k3d",
    about=About(
        title="k3d",
        url="https://k3d.io/stable/usage/configfile/",
        files="YAML of `k3d.io`",
        places=("`image`", "`registries.create.image`"),
        path="k3d.yaml",
        example="""\
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata:
  name: dev
image: rancher/k3s:v1.31.2-k3s1
registries:
  create:
    name: registry.localhost
    image: docker.io/library/registry:2
""",
        limits=("the name of a channel (`stable`, `+v1.31`) is `variable`",),
    ),
    endings=YAML,
    needles=("image", "k3d.io/"),
    document=_label,
    routes=(Route("image", _image), Route("registries.create.image")),
)
