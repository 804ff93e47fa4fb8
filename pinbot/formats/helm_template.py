"""Templates of Helm charts (https://helm.sh/docs/chart_template_guide/): partials, and the digests that they read.

A template with an `apiVersion` and a `kind` is a Kubernetes manifest, and read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import YAML, ending, placed
from pinbot.formats._helm import value_key, whole_digest_key, whole_reference_key
from pinbot.formats._helm_reads import digests_read
from pinbot.formats._yaml_nodes import is_scalar, text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_stream import Document, Part, parts
from pinbot.formats._yaml_walk import Map, places
from pinbot.source.finding import Aside, Consumer, Finding, Override, Yield
from pinbot.source.text import SourceFile, Span

NAME = "helm-template"
_FOLDER = "templates/"
_IMAGE = re.compile(r"^[ \t-]*[\"']?image[\"']?:", re.MULTILINE)
# At the left margin, where the keys of a whole object stand.
_OBJECT = (re.compile(r"^apiVersion:", re.MULTILINE), re.compile(r"^kind:", re.MULTILINE))
_DEFINE = re.compile(r"\{\{-?\s*(?:define|block)\s")
# `{{ .Values.image }}-debug`: text goes on right behind a value.
_CONTINUED = re.compile(r"\.Values\.([\w.]{1,200})\s{0,9}-?\}\}(?=[-:@./\w])")
_FILLED_IN = "Helm fills in {{ … }} from the values of the chart; what is written there is pinned there"
# Kinds of objects whose `image` is text for others.
_TEXTS = {"ConfigMap", "Secret", "CustomResourceDefinition"}


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    folder = _chart(file.path, companions)
    if folder is not None:
        reads = digests_read(file.text)
        yield from (Consumer(value_key(path, folder)) for path in reads.whole)
        effect = "writes `sha256:` in front of this value, so that a whole digest here would be one too many"
        yield from (Override(whole_digest_key(path, folder), file.path, effect) for path in reads.bare)
        effect = "writes more behind this value, where a digest has to be the end"
        continued = dict.fromkeys(match[1] for match in _CONTINUED.finditer(file.text))
        yield from (Override(whole_reference_key(path, folder), file.path, effect) for path in continued)
    # Others have folders of that name too, but not for files that define templates of Go.
    if _IMAGE.search(file.text) and (folder is not None or ending(file.path) == "tpl"):
        yield from _images_of(file)


def _chart(path: str, companions: Companions) -> str | None:
    """Return the folder of the chart to which a template belongs, None where there is none."""
    while _FOLDER in path:
        path = path[: path.rindex(_FOLDER)]
        if companions(f"{path}Chart.yaml") is not None:
            return path.rstrip("/")
    return None


def _images_of(file: SourceFile) -> Iterator[Yield]:
    partial = ending(file.path) == "tpl"
    for part in _definitions(file) if partial else parts(file):
        if part.matches(_IMAGE) and (partial or not all(map(part.matches, _OBJECT))):
            for document in part.filled.documents:
                yield from _read(document)
            if part.filled.rest is not None:
                yield part.filled.rest


def _definitions(file: SourceFile) -> Iterator[Part]:
    """Yield the stretches of a file of partials, each of which is YAML of its own."""
    starts = [match.start() for match in _DEFINE.finditer(file.text)]
    yield from (Part(file, Span(start, stop)) for start, stop in pairwise((*starts, len(file.text))))


def _read(document: Document) -> Iterator[Finding]:
    if is_scalar(document.root) or text_at(document.root, "kind") in _TEXTS:
        return
    for _, place in places(document, _routes()):
        for finding in literal(place, NAME, ""):
            filled_in = isinstance(finding.standing, Aside) and finding.standing.status == "variable"
            yield replace(finding, standing=Aside("variable", _FILLED_IN)) if filled_in else finding


@cache
def _routes() -> Map:
    closed = ("**.metadata", "**.annotations", "**.labels", "**.matchLabels", "**.nodeSelector", "**.openAPIV3Schema")
    return Map.of(("**.image",), closed)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Helm templates",
        url="https://helm.sh/docs/chart_template_guide/named_templates/",
        files="YAML and `.tpl` files below `templates/` of a folder with a `Chart.yaml`",
        places=(
            "`image:` in partials, such as `_pod.tpl`; templates of whole objects are read as Kubernetes manifests",
            "`.Values.….digest`, which tells that a digest in the values is used",
        ),
        path="charts/web/templates/_pod.tpl",
        example="""\
{{- define "web.pod" -}}
initContainers:
  - name: wait
    image: busybox:1.36
containers:
  - name: web
    image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
{{- end -}}
""",
        limits=(
            "what Helm fills in is `variable`; it is pinned in the values",
            "a digest that is read through `include` or a library chart is not seen",
        ),
    ),
    claims=placed(r"(?:.*/)?templates/.*"),
    endings=YAML | {"tpl"},
    needles=((b"image", b"igest"),),
)
