"""Woodpecker workflows: https://woodpecker-ci.org/docs/usage/workflow-syntax."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._woodpecker import ROUTES
from pinbot.formats._yaml import yaml_format

FORMAT = yaml_format(
    "woodpecker",
    about=About(
        title="Woodpecker workflows",
        url="https://woodpecker-ci.org/docs/usage/workflow-syntax",
        files="`.woodpecker.yaml`, and every YAML file in a folder `.woodpecker`",
        places=(
            "`image:` of a step, a service or a clone step, in lists and mappings",
            "`pipeline:`, as the steps were called before version 1",
            "`${NAME}` with the values of `matrix:`, and `${NAME:-default}`",
        ),
        path=".woodpecker.yaml",
        example="""\
steps:
  - name: test
    image: golang:1.23
    commands:
      - go test ./...
services:
  - name: database
    image: postgres:16
""",
        limits=(
            "a reference that a matrix feeds is refused: each of its values needs another digest",
            "the settings of plugins are text, whatever they hold",
        ),
    ),
    claims=placed(r"(?:.*/)?\.woodpecker(?:/.*)?\.ya?ml"),
    needles=("image",),
    routes=ROUTES,
)
