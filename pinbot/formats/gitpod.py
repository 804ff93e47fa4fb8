"""Gitpod: the image of a workspace (https://www.gitpod.io/docs/configure/workspaces/workspace-image)."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Yield


def _read(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the image of a workspace; a mapping names a Dockerfile, which is read as one."""
    if is_scalar(place.node):
        yield from literal(place, format_name, label)


FORMAT = yaml_format(
    "gitpod",
    about=About(
        title="Gitpod",
        url="https://www.gitpod.io/docs/configure/workspaces/workspace-image",
        files="`.gitpod.yml`",
        places=("`image`, where it is a text",),
        path=".gitpod.yml",
        example="""\
image: gitpod/workspace-full:2024-10-01-09-43-54
tasks:
  - init: make
""",
        limits=("`image.file` names a Dockerfile, which is read as one",),
    ),
    claims=named(r"\.gitpod\.ya?ml"),
    needles=("image",),
    routes=(Route("image", _read),),
)
