"""Crow CI workflows, which are Woodpecker's: https://crowci.dev/latest/usage/workflow-syntax/."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._woodpecker import ROUTES
from pinbot.formats._yaml import yaml_format

FORMAT = yaml_format(
    "crow",
    about=About(
        title="Crow CI workflows",
        url="https://crowci.dev/latest/usage/workflow-syntax/",
        files="`.crow.yaml`, and every YAML file in a folder `.crow`",
        places=(
            "`image:` of a step, a service or a clone step, in lists and mappings",
            "`${NAME}` with the values of `matrix:`, and `${NAME:-default}`",
        ),
        path=".crow/test.yaml",
        example="""\
steps:
  - name: test
    image: node:22
    commands:
      - npm test
""",
        limits=("a reference that a matrix feeds is refused: each of its values needs another digest",),
    ),
    claims=placed(r"(?:.*/)?\.crow(?:/.*)?\.ya?ml"),
    needles=("image",),
    routes=ROUTES,
)
