"""Helmfile states: the values that stand in them (https://helmfile.readthedocs.io/en/latest/#configuration)."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import YAML, placed
from pinbot.formats._helm import value_key
from pinbot.formats._helm_overrides import overrides
from pinbot.formats._helm_values import parameter_findings, values_findings
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Override, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "helmfile"
_WORDS = ("image", "Image", "IMAGE", "repository", "Repository", ".tag")
_MAX_FILES = 50  # of values for one release: each is said for each value that is set
# What is set by these is set behind all values (https://helmfile.readthedocs.io/en/latest/#set).
_SETS = ("set", "setString")


class _Reader:
    """Reads the values of one document of a state."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._folder = dirname(document.file.path)

    def findings(self) -> Iterator[Yield]:
        root = self._document.root
        for name, node in self._held(root):
            own = text_at(node, "chart").startswith(".")
            yield from self._values(lookup(node, "values"), f"{name}.values", own)
            for key in _SETS:
                parameters = lookup(node, key)
                yield from parameter_findings(self._document, parameters, NAME, f"{name}.{key}")
                yield from self._overrides(node, parameters)

    def _held(self, root: Node) -> Iterator[tuple[str, Node]]:
        """Yield what holds values, each with its place in words."""
        for key in ("environments", "templates"):
            yield from ((f"{key}.{name.value}", node) for name, node in pairs(lookup(root, key)))
        for key in ("helmfiles", "releases"):
            items = lookup(root, key)
            yield from ((f"{key}[{index}]", n) for index, n in enumerate(items.value if is_sequence(items) else ()))

    def _values(self, values: Node | None, where: str, own: bool) -> Iterator[Yield]:
        """Yield the images in values that are written out, `own` for a chart of the repository, and the tags they set.

        A string is the path of a file.
        """
        for index, item in enumerate(values.value if is_sequence(values) else ()):
            if is_mapping(item):
                yield from values_findings(self._document, item, NAME, f"{where}[{index}]")
                yield from overrides(self._document, item) if own else ()

    def _overrides(self, release: Node, parameters: Node | None) -> Iterator[Override]:
        """Yield what a release sets of the values of its chart and of its files of values."""
        values = lookup(release, "values")
        named = [item.value for item in (values.value if is_sequence(values) else ()) if is_scalar(item)]
        scopes = [normpath(join(self._folder, path)) for path in named[:_MAX_FILES]]
        chart = text_at(release, "chart")
        if chart.startswith("."):
            scopes.append(normpath(join(self._folder, chart)))
        for item in parameters.value if is_sequence(parameters) else ():
            name = lookup(item, "name")
            if is_scalar(name):
                place = f"{self._document.file.path}:{self._line(name)}"
                yield from (Override(value_key(name.value, scope), place) for scope in scopes)

    def _line(self, node: Node) -> int:
        return self._document.file.position(self._document.span(node).start).line


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    def read(document: Document) -> Iterator[Yield]:
        return _Reader(document).findings()

    yield from scan_documents(file, read, (_WORDS,))


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Helmfile states",
        url="https://helmfile.readthedocs.io/en/latest/#configuration",
        files="`helmfile.yaml`, `helmfile.yaml.gotmpl`, `helmfile-*.yaml`, and the YAML files in `helmfile.d`",
        places=(
            "`values:` of releases, environments, templates and nested states that are written out, as in Helm values",
            "`set:` with a name such as `image.repository` and `image.tag`",
        ),
        path="helmfile.yaml",
        example="""\
releases:
  - name: web
    chart: example/web
    values:
      - image:
          repository: nginx
          tag: "1.27"
          digest: ""
        sidecar:
          image: envoyproxy/envoy:v1.32.1
""",
        limits=(
            "charts are not images and are left alone",
            "without a `digest:` key, or a digest in the tag, a reference is refused",
        ),
    ),
    claims=placed(r"(?:.*/)?(?:helmfile(?:[._-][^/]*)?\.ya?ml|helmfile\.d/[^/]*\.ya?ml)"),
    endings=YAML,
    needles=(tuple(word.encode() for word in _WORDS),),
)
