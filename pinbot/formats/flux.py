"""Flux: Helm releases, kustomizations and OCI sources (https://fluxcd.io/flux/components/)."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._flux_sources import oci_repository
from pinbot.formats._helm_overrides import overrides
from pinbot.formats._helm_values import values_findings
from pinbot.formats._objects import RECORDED, TEXTS, of, owner, title
from pinbot.formats._yaml import Reader, Route, yaml_format
from pinbot.formats._yaml_nodes import text_at
from pinbot.formats._yaml_split import Keys, Missing, split
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Yield

# https://fluxcd.io/flux/components/kustomize/kustomizations/#images; kustomize writes a tag and a digest both.
_image = split(
    Keys(name=("newName", "name"), tag=("newTag",), digest=("digest",), matched=("name",)),
    Missing(tag="no newTag and no digest: the image keeps the tag that the manifest has"),
)


def _values(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    yield from values_findings(place.document, place.node, format_name, f"{label} {place.where}".lstrip())
    source = text_at(owner(place), "spec", "chart", "spec", "sourceRef", "kind")
    if source in {"GitRepository", "Bucket"}:
        yield from overrides(place.document, place.node)


def _of(kind: str, group: str, read: Reader) -> Reader:
    return of(frozenset({kind}), frozenset({f"{group}.toolkit.fluxcd.io"}), read)


FORMAT = yaml_format(
    "flux",
    about=About(
        title="Flux",
        url="https://fluxcd.io/flux/components/",
        files="YAML and JSON with objects of `toolkit.fluxcd.io`",
        places=(
            "`spec.values` of a `HelmRelease`, read as the values of a chart",
            "`spec.images` of a `Kustomization`, and those of `postRenderers` in a `HelmRelease`",
            "`spec.url` and `spec.ref` of an `OCIRepository`",
        ),
        path="clusters/prod/podinfo.yaml",
        example="""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: podinfo
spec:
  url: oci://ghcr.io/stefanprodan/manifests/podinfo
  ref:
    tag: 6.7.1
""",
        limits=(
            "a line with an `$imagepolicy` marker belongs to Flux: `ignored`",
            "a semver range in `ref` is `variable`",
            "patches, which are text, and `valuesFrom` are not read",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=("toolkit.fluxcd.io", ("image", "oci://", "repository")),
    passed_over=TEXTS,
    document=title,
    routes=(
        Route("**.spec.values", _of("HelmRelease", "helm", _values)),
        Route("**.postRenderers[].kustomize.images[]", _of("HelmRelease", "helm", _image)),
        Route("**.spec.images[]", _of("Kustomization", "kustomize", _image)),
        Route("spec", _of("OCIRepository", "source", oci_repository)),
        Route("items[].spec", _of("OCIRepository", "source", oci_repository)),
    ),
    closed=RECORDED,
)
