"""Zarf packages: https://docs.zarf.dev/ref/components/#container-images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# `###ZARF_PKG_TMPL_VERSION###` is filled in while a package is made.
_TEMPLATE = "###"
_KINDS = {"ZarfPackageConfig", "ZarfInitConfig"}


def _label(root: Node) -> str | None:
    return text_at(root, "metadata", "name") if text_at(root, "kind") in _KINDS else None


def _image(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    for finding in literal(place, format_name, label):
        if _TEMPLATE in finding.text:
            yield replace(finding, standing=Aside("variable", f"{finding.text} is filled in while the package is made"))
        else:
            yield finding


FORMAT = yaml_format(
    "zarf",
    about=About(
        title="Zarf",
        url="https://docs.zarf.dev/ref/components/",
        files="`zarf.yaml`",
        places=("`components[].images`",),
        path="zarf.yaml",
        example="""\
kind: ZarfPackageConfig
metadata:
  name: web
components:
  - name: web
    required: true
    images:
      - nginx:1.27
""",
        limits=(
            "`###ZARF_PKG_TMPL_…###` is `variable`",
            "what a package asks for must be what its manifests and charts ask for: pin those too",
        ),
    ),
    claims=named(r"(?:.*[._-])?zarf(?:[._-].*)?\.ya?ml"),
    needles=("images", "Zarf"),
    document=_label,
    routes=(Route("components[].images[]", _image),),
)
