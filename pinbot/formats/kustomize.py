"""Kustomizations and components (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/).

`newTag` and `digest` together become `name:newTag@digest`; an old kustomize writes the digest alone, a pin as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from pinbot.formats._base import About
from pinbot.formats._claims import YAML, named
from pinbot.formats._helm_values import values_findings
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_inner import inner_documents
from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup, text_at
from pinbot.formats._yaml_scalar import literal, scalar_finding, text_of
from pinbot.formats._yaml_split import Keys, Missing, split
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Yield

_KEYS = Keys(name=("newName", "name"), tag=("newTag",), digest=("digest",), matched=("name",))
_NO_TAG = "neither newTag nor digest: the tag is the one in the manifests"
_PATTERN = "its name is a pattern; the manifests say which image it is"
_CHART = "a Helm chart, not an image"
# Kinds of objects whose `image` is text for others.
_TEXTS = {"ConfigMap", "Secret", "CustomResourceDefinition"}
_entry = split(_KEYS, Missing(tag=_NO_TAG))


def _image(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the image of an entry; kustomize matches its `name` as a regular expression."""
    for finding in _entry(place, format_name, label):
        invalid = isinstance(finding.standing, Aside) and finding.standing.status == "invalid"
        pattern = invalid and not set(text_at(place.node, "name")).isdisjoint("*+?()[]|^$\\")
        yield replace(finding, standing=Aside("variable", _PATTERN)) if pattern else finding


def _patch(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the images in a patch that stands in the kustomization as a text."""
    if not is_scalar(place.node):
        return
    where = f"{label} {place.where}".strip()
    for inner in inner_documents(place.document, place.node):
        yield from _operations(inner, format_name, where)
        if text_at(inner.root, "kind") not in _TEXTS:
            for _, image in places(inner, _images()):
                yield from literal(image, format_name, where)


def _operations(inner: Document, format_name: str, where: str) -> Iterator[Finding]:
    """Yield what JSON patches (RFC 6902) write to a path that ends in `image`."""
    for index, item in enumerate(inner.root.value if is_sequence(inner.root) else ()):
        value = lookup(item, "value")
        if text_at(item, "path").endswith("/image") and text_at(item, "op") in {"add", "replace"} and value:
            yield from literal(Place(inner, (index, "value"), value, (inner.root, item)), format_name, where)


@cache
def _images() -> Map:
    closed = ("**.metadata", "**.annotations", "**.labels", "**.matchLabels", "**.nodeSelector")
    return Map.of(("**.image",), closed)


def _chart(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield a chart of a registry, and the images in the values that are written beside it."""
    where = f"{label} {place.where}".strip()
    repository, version = text_at(place.node, "repo"), lookup(place.node, "version")
    if repository.startswith("oci://") and is_scalar(version):
        name = f"{repository.removeprefix('oci://').rstrip('/')}/{text_at(place.node, 'name')}"
        reference = Reference.parse_or_none(f"{name}:{version.value}")
        span = text_of(place.document, version).span
        yield scalar_finding(place.document.file, format_name, where, span, Aside("ignored", _CHART, reference))
    values = lookup(place.node, "valuesInline")
    if values is not None:
        yield from values_findings(place.document, values, format_name, f"{where}.valuesInline")


FORMAT = yaml_format(
    "kustomize",
    about=About(
        title="Kustomizations",
        url="https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/",
        files="`kustomization.yaml`, `kustomization.yml` and `Kustomization`",
        places=(
            "`images:` with `newName`, `newTag` and `digest`; the digest gets a line of its own",
            "`image` in patches that are written in the file, strategic or JSON 6902",
            "`valuesInline` of `helmCharts`, as in Helm values",
        ),
        path="overlays/prod/kustomization.yaml",
        example="""\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
images:
  - name: nginx
    newName: ghcr.io/example/nginx
    newTag: "1.27"
""",
        limits=(
            "an entry without `newTag` and `digest` is `variable`: the tag is the one in the manifests",
            "charts under `helmCharts` are listed, but not pinned",
            "`configMapGenerator` and `replacements` hold text and are not read",
        ),
    ),
    claims=named(r"kustomization(?:\.ya?ml)?"),
    endings=YAML | {""},
    needles=(("images", "patch", "helmCharts"),),
    routes=(
        Route("images[]", _image),
        Route("patches[].patch", _patch),
        Route("patchesJson6902[].patch", _patch),
        Route("patchesStrategicMerge[]", _patch),
        Route("helmCharts[]", _chart),
    ),
)
