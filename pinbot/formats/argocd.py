"""Argo CD applications: https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/.

An application overrides images of what it deploys: for kustomize as `name=new:tag@digest`
(https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/), for Helm as values and parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._argocd_helm import helm
from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._objects import RECORDED, TEXTS, below, of, owner, title
from pinbot.formats._yaml import Reader, Route, yaml_format
from pinbot.formats._yaml_nodes import is_null, is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import Text, filled_in, literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Slot, Standing, Writable, Yield
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_KINDS = frozenset({"Application", "ApplicationSet"})
_GROUPS = frozenset({"argoproj.io"})
# https://argocd-image-updater.readthedocs.io/en/stable/basics/update/
_IMAGE_LIST = "argocd-image-updater.argoproj.io/image-list"
_UPDATER = "Argo CD Image Updater sets this image, by the annotation image-list"
_SCHEME = "oci://"
_ONE_OF_BOTH = "Argo CD takes a tag or a digest as targetRevision, not both; write the digest alone to pin it"
_NO_TAG = "no tag and no digest: the image keeps the tag that the manifest has"


def _kustomize(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield an override of kustomize: `nginx=registry.example.com/nginx:1.27`, `nginx:1.27`."""
    file, node = place.document.file, place.node
    if not is_scalar(node) or is_null(node):
        return
    text = text_of(place.document, node)
    at = text.value.find("=") + 1
    image = Text(text.value[at:], text.span, text.problem)
    if text.problem is None:
        image = Text(text.value[at:], Span(text.span.start + at, text.span.stop))
    standing = literal_standing(file, node, image)
    reference = standing.reference
    if isinstance(standing, Writable) and reference and not reference.tag and not reference.digest:
        standing = Aside("variable", _NO_TAG, reference)
    if isinstance(standing, Writable) and not at:
        # Kustomize finds the image by this name.
        standing = replace(standing, name=None)
    yield scalar_finding(file, format_name, f"{label} {place.where}".lstrip(), image.span, standing)


def _artifact(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield an artifact that is a source: https://argo-cd.readthedocs.io/en/stable/user-guide/oci/."""
    revision, url = below(place, "targetRevision"), text_at(place.node, "repoURL")
    if revision is None or not is_scalar(revision.node) or not url.startswith(_SCHEME) or lookup(place.node, "chart"):
        return
    text = text_of(place.document, revision.node)
    reference = Reference.parse_or_none(url.removeprefix(_SCHEME) + ("@" if ":" in text.value else ":") + text.value)
    standing: Standing
    if filled_in(url + text.value) or reference is None:
        standing = Aside("variable", "Argo CD finds out which version this is", reference)
    elif reference.digest and text.problem is None:
        standing = Writable(reference, Slot(text.span))
    else:
        standing = Fixed(reference, _ONE_OF_BOTH)
    yield scalar_finding(place.document.file, format_name, f"{label} {revision.where}".lstrip(), text.span, standing)


def _unless_updated(read: Reader) -> Reader:
    """Return a reader that leaves to Argo CD Image Updater what is listed for it."""

    def reader(place: Place, format_name: str, label: str) -> Iterator[Yield]:
        listed = _listed(owner(place))
        for item in read(place, format_name, label):
            reference = item.reference if isinstance(item, Finding) else None
            if isinstance(item, Finding) and reference and (reference.registry, reference.path) in listed:
                yield replace(item, standing=Aside("ignored", _UPDATER, reference))
            else:
                yield item

    return of(_KINDS, _GROUPS, reader)


@lru_cache(maxsize=8)
def _listed(application: Node | None) -> frozenset[tuple[str, str]]:
    """Return the images that the annotations of an application, or of the template of one, name."""
    template = lookup(lookup(application, "spec"), "template")
    names = ",".join(text_at(node, "metadata", "annotations", _IMAGE_LIST) for node in (application, template))
    found = (Reference.parse_or_none(_without_version(name)) for name in names.split(","))
    return frozenset((reference.registry, reference.path) for reference in found if reference)


def _without_version(entry: str) -> str:
    """Return the name of `alias=registry/name:constraint`."""
    folder, slash, name = entry.strip().rpartition("=")[2].rpartition("/")
    return f"{folder}{slash}{name.partition(':')[0].partition('@')[0]}"


FORMAT = yaml_format(
    "argocd",
    about=About(
        title="Argo CD",
        url="https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/",
        files="YAML and JSON with an `Application` or `ApplicationSet` of `argoproj.io`",
        places=(
            "`kustomize.images` of a source: `name=new:tag`",
            "`helm.valuesObject`, and `helm.values` as a block, read as the values of a chart",
            "`helm.parameters` that name an image or its tag",
            "`repoURL: oci://…` with its `targetRevision`",
        ),
        path="apps/web.yaml",
        example="""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  source:
    repoURL: https://git.example.com/web.git
    path: overlays/prod
    kustomize:
      images:
        - web=nginx:1.27
""",
        limits=(
            "a parameter `image.tag` is refused, or `variable` where no parameter names its repository",
            "images that Argo CD Image Updater is told to set are `ignored`",
            "a kustomize image without a tag is `variable`",
            "an OCI artifact as source is refused: Argo CD takes its tag or its digest, not both",
            "charts are no images: their versions are not read",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=("argoproj.io", "Application", ("kustomize", "helm", "oci://")),
    passed_over=TEXTS,
    document=title,
    routes=(
        Route("**.kustomize.images[]", _unless_updated(_kustomize)),
        Route("**.helm", _unless_updated(helm)),
        Route("**.source", of(_KINDS, _GROUPS, _artifact)),
        Route("**.sources[]", of(_KINDS, _GROUPS, _artifact)),
    ),
    closed=RECORDED,
)
