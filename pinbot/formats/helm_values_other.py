"""Values of Helm charts in files of other names, such as `dev.yaml` (https://helm.sh/docs/chart_template_guide/values_files/).

A document counts when it is no object and has an image in parts: a mapping under a key `image`, `…Image` or `image…`
with a `repository` and a `tag`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About, Companions, Format
from pinbot.formats._claims import YAML
from pinbot.formats._helm_names import normal
from pinbot.formats._helm_values import value_nodes, values_findings
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, lookup, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "helm-values-other"
# Keys at the top of what is no values: objects, tests of charts, and descriptions of what may stand elsewhere.
_OTHERS = ("kind", "suite", "tests", "openapi", "swagger", "asyncapi", "$schema", "$id")


def _claims(path: str) -> bool:
    """Leave out hidden files and folders: they belong to tools, not to charts."""
    return not any(part.startswith(".") for part in path.split("/"))


def _is_values(root: Node) -> bool:
    if not is_mapping(root) or any(lookup(root, key) is not None for key in _OTHERS):
        return False
    return any(
        "image" in normal(str(path[-1])) and text_at(node, "repository") != "" and is_scalar(lookup(node, "tag"))
        for path, node in value_nodes(root)
        if path and is_mapping(node)
    )


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    def read(document: Document) -> Iterator[Yield]:
        if _is_values(document.root):
            yield from values_findings(document, document.root, NAME, "")

    yield from scan_documents(file, read, (("image", "Image"), "repository:", "tag:"))


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Helm values of other names",
        url="https://helm.sh/docs/chart_template_guide/values_files/",
        files="other YAML files with a mapping under a key `image` or `…Image` that has a `repository` and a `tag`",
        places=("as in Helm values",),
        path="environments/production.yaml",
        example="""\
web:
  image:
    repository: ghcr.io/example/web
    tag: "1.27"
    digest: ""
""",
        limits=("files that another format knows by their name, or in which one finds anything, are left to it",),
    ),
    claims=_claims,
    endings=YAML,
    needles=(b"repository:", b"tag:", (b"image", b"Image")),
    never=(OBJECT,),
    general=True,
    fallback=True,
)
