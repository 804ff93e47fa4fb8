"""Batect: the containers of a project (https://batect.dev/docs/reference/config/containers)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import lookup, pairs, text_at
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import BuildContext, Yield


def _build(place: Place, _format_name: str, _label: str) -> Iterator[Yield]:
    """Yield what a container sets for the build of its Dockerfile."""
    folder, file = text_at(place.node, "build_directory"), place.document.file
    name = text_at(place.node, "dockerfile") or "Dockerfile"
    arguments = frozenset(str(key.value) for key, _ in pairs(lookup(place.node, "build_args")))
    if not arguments or not folder or folder.startswith(("/", "~")) or set("$<{") & set(folder + name):
        return
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), folder, name))
    line = file.position(place.document.span(place.node).start).line
    yield BuildContext(path, frozenset(), arguments, f"{file.path}:{line}")


FORMAT = yaml_format(
    "batect",
    about=About(
        title="Batect",
        url="https://batect.dev/docs/reference/config/containers",
        files="`batect.yml`, `batect-bundle.yml` and `*.batect.yml`",
        places=("`image` of a container",),
        path="batect.yml",
        example="""\
containers:
  build-env:
    image: eclipse-temurin:21-jdk
tasks:
  build:
    run:
      container: build-env
      command: ./gradlew build
""",
        limits=("expressions (`$NAME`, `<name`) are `variable`",),
    ),
    claims=named(r"batect(?:-bundle)?\.ya?ml|.+\.batect\.ya?ml"),
    needles=("containers",),
    routes=(Route("containers.*.image"), Route("containers.*", _build)),
)
