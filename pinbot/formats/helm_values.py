"""Values of Helm charts (https://helm.sh/docs/chart_template_guide/values_files/)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import YAML, placed
from pinbot.formats._helm import chart_of
from pinbot.formats._helm_overrides import overrides
from pinbot.formats._helm_values import values_findings
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, lookup, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "helm-values"
_WORDS = ("image", "Image", "IMAGE", "repository", "Repository")


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    def read(document: Document) -> Iterator[Yield]:
        if not _is_manifest(document.root):
            chart = chart_of(file.path, companions)
            yield from values_findings(document, document.root, NAME, "", chart)
            yield from overrides(document, document.root, chart)

    yield from scan_documents(file, read, (_WORDS,))


def _is_manifest(root: Node) -> bool:
    """Whether a document is an object of Kubernetes, which other formats read."""
    return bool(text_at(root, "apiVersion") and text_at(root, "kind")) and is_mapping(lookup(root, "metadata"))


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Helm values",
        url="https://helm.sh/docs/chart_best_practices/values/",
        files="`values.yaml`, `values-*.yaml`, `*-values.yaml`, `*.values.yaml`, and the files in a folder `values`",
        places=(
            "`repository:` with `tag:`, and `registry:` or `digest:` beside them, at any depth",
            "`name:` or `image:` with `tag:` in a mapping under a key `image`, `…Image` or `images`",
            "pairs such as `fooImage` and `fooTag`, `image_repository` and `image_tag`",
            "whole references under `image`, `…Image`, and among `images`",
        ),
        path="chart/values.yaml",
        example="""\
image:
  registry: ghcr.io
  repository: example/web
  tag: "1.27"
  digest: ""
sidecar:
  image: nginx:1.27
""",
        limits=(
            "a name without a tag is `variable`: as a rule the chart takes its `appVersion`",
            "without a `digest:` key, a template that reads one, or a digest in the tag, a reference is refused",
            "a tag without a name, as values of one environment have it, is `variable`",
            "YAML within strings is read only under keys such as `extraContainers`",
        ),
    ),
    claims=placed(r"(?:.*/)?(?:[^/]*[._-])?values(?:[._-][^/]*)?\.ya?ml|(?:.*/)?values/.*\.ya?ml"),
    endings=YAML,
    needles=(tuple(word.encode() for word in _WORDS),),
)
