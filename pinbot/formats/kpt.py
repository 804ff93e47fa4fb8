"""The functions of a kpt package: https://kpt.dev/reference/schema/kptfile/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding

_SHORT = "kpt puts a registry of its own before a short name"


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    for finding in literal(place, format_name, label):
        short = finding.reference is not None and "/" not in finding.text
        yield replace(finding, standing=Aside("variable", _SHORT)) if short else finding


FORMAT = yaml_format(
    "kpt",
    about=About(
        title="kpt packages",
        url="https://kpt.dev/reference/schema/kptfile/",
        files="`Kptfile`",
        places=("`image` of the `mutators` and `validators` of a `pipeline`",),
        path="Kptfile",
        example="""\
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: web
pipeline:
  mutators:
    - image: ghcr.io/kptdev/krm-functions-catalog/set-labels:v0.2
""",
        limits=("a short name (`set-labels:v0.2`) is `variable`: kpt knows of which registry it is",),
    ),
    claims=named("Kptfile"),
    endings=("",),
    needles=("pipeline", "image"),
    routes=(Route("pipeline.mutators[].image", _read), Route("pipeline.validators[].image", _read)),
)
