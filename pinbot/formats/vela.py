"""Vela pipelines: https://go-vela.github.io/docs/reference/yaml/."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._substitution import Values
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    # The compiler fills in `${NAME}` from the environment of the step (https://go-vela.github.io/docs/reference/yaml/).
    yield from Values(place.document).findings(place.node, format_name, f"{label} {place.where}".lstrip())


FORMAT = yaml_format(
    "vela",
    about=About(
        title="Vela pipelines",
        url="https://go-vela.github.io/docs/reference/yaml/",
        files="`.vela.yml`, `.vela-release.yml` and the like, and every YAML file in a folder `.vela`",
        places=(
            "`image:` of a step, in `steps:` or in a stage",
            "`image:` of a service",
            "`origin.image` of a secret that a plugin fetches",
        ),
        path=".vela.yml",
        example="""\
version: "1"
steps:
  - name: test
    image: golang:1.23
    commands:
      - go test ./...
services:
  - name: database
    image: postgres:16
""",
        limits=("steps that are made of a template hold no image here",),
    ),
    claims=placed(r"(?:.*/)?\.vela(?:/.*|[._-][^/]*)?\.ya?ml"),
    needles=("image",),
    routes=(
        Route("steps[].image", _read),
        Route("services[].image", _read),
        Route("stages.*.steps[].image", _read),
        Route("secrets[].origin.image", _read),
    ),
)
