"""Kubernetes manifests, of every kind (https://kubernetes.io/docs/concepts/containers/images/#image-names).

Whatever has an `apiVersion` and a `kind` is an object; in it every scalar under a key `image` is an image, in pods
as in custom resources, and so is the `reference` of an image volume
(https://kubernetes.io/docs/concepts/storage/volumes/#image).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._objects import RECORDED, owner
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import lookup, text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# API groups, and all below them, whose `image` is not the image of a container.
_OTHER_IMAGES = (
    "cluster.x-k8s.io",  # disks of machines: an Azure marketplace image, an OpenStack or DigitalOcean name
    "machine.openshift.io",  # disks of machines
    "machine.sapcloud.io",  # disks of machines (Gardener)
    "core.gardener.cloud",  # disks of machines: a name and a version
    "kops.k8s.io",  # disks of machines: `ubuntu/images/…` in a cloud account
    "metal3.io",  # disks of machines: a URL and a checksum
    "compute.gcp.upbound.io",  # disks of machines: `debian-cloud/debian-12`
    "compute.cnrm.cloud.google.com",  # disks of machines
    "image.toolkit.fluxcd.io",  # a repository to watch: Flux refuses a tag or digest there
    "kyverno.io",  # patterns to match images with: `!*:latest`
    "constraints.gatekeeper.sh",  # patterns to match images with
    "kustomize.config.k8s.io",  # its `images` are a format of their own
    "skaffold",  # names of what it builds from source
)
# Kinds of objects, in any group, that hold no reference.
_OTHER_KINDS = frozenset({"ConfigMap", "Secret", "CustomResourceDefinition", "Kustomization"})
# The same in the text, at the left margin where only the keys of the document stand: definitions of custom resources
# are most of the YAML of many repositories.
_OTHER_KIND = re.compile(rf"\nkind:[ \t]*[\"']?(?:{'|'.join(sorted(_OTHER_KINDS))})[\"']?[ \t]*\r?$", re.MULTILINE)
# Places in an object that hold text for others, or describe what may stand elsewhere.
_CLOSED = (
    *RECORDED,
    "**.metadata",
    "**.annotations",
    "**.labels",
    "**.matchLabels",
    "**.nodeSelector",
    "**.openAPIV3Schema",
)
# Shipwright's `spec.output.image`, Strimzi's `spec.build.output.image`
_OUTPUT = "the name of what a build makes"
_BUILT_BY_KO = "ko://"
# Keys beside an `image` that hold what its consumer puts behind the name.
_TAG_KEYS = ("tag", "imageTag", "image_tag", "version", "digest", "sha")
# Keys of Flux, Argo CD and others under which the values of a Helm chart stand.
_VALUES = {"values", "valuesObject", "valuesInline"}
# Their values are read by formats that know the habits of charts.
_RELEASES = {"Application", "ApplicationSet", "HelmRelease"}


def _label(root: Node) -> str | None:
    """Return `Kind/name` of an object, None for what is no object or holds no container images."""
    group, kind = text_at(root, "apiVersion").partition("/")[0], text_at(root, "kind")
    if not group or not kind or kind in _OTHER_KINDS or _is_other(group):
        return None
    name = text_at(root, "metadata", "name") or text_at(root, "metadata", "generateName")
    return f"{kind}/{name}" if name else kind


def _is_other(group: str) -> bool:
    return any(group == other or group.endswith(f".{other}") for other in _OTHER_IMAGES)


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the finding at a place, unless an inner object closes it."""
    if any(_closes(node) for node in place.above[1:]) or _in_release(place):
        return
    for finding in literal(place, format_name, label):
        if finding.text.startswith(_BUILT_BY_KO):
            yield replace(finding, standing=Aside("local", "ko builds this image from source"))
        elif place.path[-2:-1] == ("output",):
            yield replace(finding, standing=Aside("local", _OUTPUT, finding.reference))
        else:
            yield replace(finding, standing=_bare(finding.standing, place) or finding.standing)


def _read_name(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the image of a cluster of CloudNativePG (https://cloudnative-pg.io/documentation/current/container_images/)."""
    if text_at(owner(place), "apiVersion").startswith("postgresql.cnpg.io/"):
        yield from _read(place, format_name, label)


def _in_release(place: Place) -> bool:
    return not _VALUES.isdisjoint(place.path) and text_at(owner(place), "kind") in _RELEASES


def _bare(standing: Standing, place: Place) -> Standing | None:
    """Return the standing of a name whose tag comes from elsewhere, so that `latest` would be made up."""
    reference = standing.reference
    if reference is None or reference.tag or reference.digest or not isinstance(standing, Writable):
        return None
    key = next((key for key in _TAG_KEYS if lookup(place.above[-1], key) is not None), None)
    if key is not None:
        return Fixed(reference, f"its tag seems to stand in `{key}` beside it; write the whole reference here")
    if _VALUES.isdisjoint(place.path):
        return None
    return Aside("variable", "a Helm value without a tag: the chart says which one it takes", reference)


# Many places lie below the same few nodes.
@lru_cache(maxsize=64)
def _closes(node: Node) -> bool:
    """Whether a node is an object, an item of a List, that holds no container images."""
    return bool(text_at(node, "apiVersion")) and _label(node) is None


FORMAT = yaml_format(
    "kubernetes",
    about=About(
        title="Kubernetes manifests",
        url="https://kubernetes.io/docs/concepts/containers/images/",
        files="every YAML or JSON file whose documents have an `apiVersion` and a `kind`, `kind: List` included",
        places=(
            "every `image:` in an object of any kind, custom resources too",
            "`image.reference` of an image volume",
            "`spec.imageName` of a cluster of CloudNativePG",
        ),
        path="deploy/web.yaml",
        example="""\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx:1.27
""",
        limits=(
            "`ConfigMap`, `Secret` and `CustomResourceDefinition` hold text for others and are not read",
            "`image:` of machines and disks (Cluster API, kOps, Metal3, …) names no container image",
            "a name whose tag stands in another key beside it is refused",
        ),
    ),
    endings=YAML_AND_JSON,
    general=True,
    needles=("image", "apiVersion", "kind"),
    passed_over=_OTHER_KIND,
    document=_label,
    routes=(
        Route("**.image", _read),
        Route("**.volumes[].image.reference", _read),
        Route("**.spec.imageName", _read_name),
    ),
    closed=_CLOSED,
)
