"""Functions of Knative: https://github.com/knative/func/blob/main/docs/reference/func_yaml.md.

Services, sources and the other objects of Knative are Kubernetes manifests, whose `image:` is read there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_MADE = "the name of what the function is built as"


def _label(root: Node) -> str | None:
    return "" if is_scalar(lookup(root, "runtime")) and text_at(root, "name") else None


def _own(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    for finding in literal(place, format_name, label):
        yield replace(finding, standing=Aside("local", _MADE, finding.reference))


FORMAT = yaml_format(
    "knative-functions",
    about=About(
        title="Knative functions",
        url="https://github.com/knative/func/blob/main/docs/reference/func_yaml.md",
        files="`func.yaml`",
        places=("`build.builderImages`, in older files `builderImages` and `builders`", "`build.baseImage`"),
        path="func.yaml",
        example="""\
specVersion: 0.36.0
name: hello
runtime: go
image: registry.example.com/hello:latest
build:
  builder: pack
  builderImages:
    pack: paketobuildpacks/builder-jammy-base:0.4
""",
        limits=("`image` and `deploy.image` name what the function is built as: `local`",),
    ),
    claims=named(r"func\.ya?ml"),
    needles=("runtime", "name"),
    document=_label,
    routes=(
        Route("build.builderImages.*"),
        Route("builderImages.*"),
        Route("builders.*"),
        Route("build.baseImage"),
        Route("image", _own),
        Route("deploy.image", _own),
    ),
)
