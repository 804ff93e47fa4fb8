"""Compose files of other names, such as `deploy/production.yml`: they are what https://compose-spec.io describes.

A file counts when every key at its top is one of compose's, and `services` is among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About, Companions, Format
from pinbot.formats._claims import YAML
from pinbot.formats._compose import read
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, lookup
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json
_TOP = frozenset(
    {"configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes"},
)


def _is_compose(root: Node) -> bool:
    """Whether a document is a compose file by its keys: services that have an image or a build, and nothing strange."""
    services = lookup(root, "services")
    if not is_mapping(root) or not is_mapping(services):
        return False
    keys = [str(key.value) if is_scalar(key) else "" for key, _ in root.value]
    strange = [key for key in keys if key not in _TOP and not key.startswith("x-")]
    return not strange and all(
        lookup(service, "image") is not None or lookup(service, "build") is not None or lookup(service, "extends")
        for _, service in services.value
    )


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    def read_compose(document: Document) -> Iterator[Yield]:
        if _is_compose(document.root):
            yield from read(document, companions, FORMAT.name)

    yield from scan_documents(file, read_compose, ("services:", "image"))


FORMAT = Format(
    "compose-other",
    _scan,
    About(
        title="Compose files of other names",
        url="https://github.com/compose-spec/compose-spec/blob/main/spec.md",
        files="every YAML file whose keys at the top are all those of a compose file, `services` among them",
        places=("as in compose files",),
        path="deploy/production.yml",
        example="""\
services:
  web:
    image: nginx:1.27
networks: {front: {}}
""",
        limits=("each service needs an `image`, a `build` or an `extends`",),
    ),
    endings=YAML,
    needles=(b"image", b"services:"),
    never=(OBJECT,),
    general=True,
)
