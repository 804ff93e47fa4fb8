"""Drone pipelines: https://docs.drone.io/pipeline/docker/syntax/, and those of version 0.8, which had no `kind:`
(https://0-8-0.docs.drone.io/getting-started/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About, Companions, Format
from pinbot.formats._claims import YAML, placed
from pinbot.formats._woodpecker import ROUTES
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import lookup, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Map, places
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "drone"
_IS_NAMED = placed(r"(?:.*/)?(?:\.drone(?:[._-][^/]*)?|drone|\.drone/.*)\.ya?ml")
# Runners that start containers (https://docs.drone.io/pipeline/overview/): `exec`, `ssh` and `macstadium` run
# commands on a machine, and what is called `image` there is a disk.
_RUNNERS = frozenset({"docker", "kubernetes", "digitalocean", "nomad"})
_PIPELINE = re.compile(r"^kind:[ \t]*[\"']?pipeline\b", re.MULTILINE)


def _label(root: Node, named: bool) -> str | None:
    """Return what a document is called, None for one that holds no images of containers."""
    kind, runner = text_at(root, "kind"), text_at(root, "type")
    if kind == "pipeline" and (runner in _RUNNERS or (named and not runner)):
        name = text_at(root, "name")
        return f"pipeline {name}" if name else "pipeline"
    return "" if named and lookup(root, "kind") is None else None


@cache
def _chart() -> Map:
    return Map.of([route.path for route in ROUTES])


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    named = _IS_NAMED(file.path)
    if not named and not _PIPELINE.search(file.text):
        return

    def read(document: Document) -> Iterator[Yield]:
        label = _label(document.root, named)
        if label is not None:
            for number, place in places(document, _chart()):
                yield from ROUTES[number].read(place, NAME, label)

    yield from scan_documents(file, read, ("image",))


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Drone pipelines",
        url="https://docs.drone.io/pipeline/docker/syntax/",
        files="`.drone.yml`, files in `.drone/`, and other YAML documents with `kind: pipeline` and a `type:`",
        places=(
            "`image:` of a step and of a service",
            "`image:` in `pipeline:`, `services:` and `clone:` of version 0.8, with the values of its `matrix:`",
            "`${NAME:-default}`",
        ),
        path=".drone.yml",
        example="""\
kind: pipeline
type: docker
name: test
steps:
  - name: test
    image: golang:1.23
    commands:
      - go test ./...
services:
  - name: cache
    image: redis:7
""",
        limits=(
            "the `exec` and `ssh` runners start no containers, so nothing of theirs is read",
            "templates (`kind: template`), Starlark and Jsonnet are programs and are not read",
            "a reference that a matrix feeds is refused: each of its values needs another digest",
        ),
    ),
    endings=YAML,
    needles=(b"image", (b"steps", b"pipeline", b"services", b"clone")),
    never=(OBJECT,),
)
