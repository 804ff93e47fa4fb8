"""Skaffold: https://skaffold.dev/docs/references/yaml/, in all its schema versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML
from pinbot.formats._helm import value_key
from pinbot.formats._helm_values import values_findings
from pinbot.formats._skaffold_builds import artifact, made, names
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Override, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_CACHE = "a build cache: what its tag names is meant, and a digest would only make it old"
_built = lru_cache(maxsize=4)(names)


def _label(root: Node) -> str | None:
    if not text_at(root, "apiVersion").startswith("skaffold/"):
        return None
    name = text_at(root, "metadata", "name")
    return f"Config/{name}" if name else "Config"


def _image(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield an image that is used; it may be an artifact."""
    if is_scalar(place.node) and place.node.value in _built(place.document.root):
        yield from made(place, format_name, label)
    else:
        yield from literal(place, format_name, label)


def _cache(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    for finding in literal(place, format_name, label):
        yield replace(finding, standing=Aside("ignored", _CACHE, finding.reference))


def _release(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the images that a Helm release sets, and what it overrides in a chart of the repository."""
    for key in ("setValues", "setValueTemplates", "overrides"):
        values = lookup(place.node, key)
        if is_mapping(values):
            where = f"{label} {place.where}.{key}".lstrip()
            yield from values_findings(place.document, values, format_name, where)
            if lookup(place.node, "chartPath") is not None:
                yield from (Override(value_key(str(name.value)), _line(place, name)) for name, _ in pairs(values))


def _line(place: Place, node: Node) -> str:
    file = place.document.file
    return f"{file.path}:{file.position(place.document.span(node).start).line}"


_STEPS = ("docker", "kaniko", "maven", "gradle", "pack", "ko", "bucket")
_BUILD = "build.artifacts[]"
_IMAGES = (
    f"{_BUILD}.buildpacks.builder",
    f"{_BUILD}.buildpacks.runImage",
    f"{_BUILD}.buildpack.builder",
    f"{_BUILD}.buildpack.runImage",
    f"{_BUILD}.jib.fromImage",
    f"{_BUILD}.ko.fromImage",
    f"{_BUILD}.kaniko.image",
    f"{_BUILD}.kaniko.initImage",
    *(
        f"build.googleCloudBuild.{step}Image"
        for step in ("docker", "kaniko", "maven", "gradle", "pack", "ko", "bucket")
    ),
    "verify[].container.image",
    "customActions[].containers[].image",
)
_ROUTES = (
    Route(_BUILD, artifact),
    *(Route(path, _image) for path in _IMAGES),
    Route(f"{_BUILD}.docker.cacheFrom[]", _cache),
    Route("test[].image", made),
    Route("deploy.docker.images[]", _image),
    Route("deploy.helm.releases[]", _release),
    Route("manifests.helm.releases[]", _release),
)

FORMAT = yaml_format(
    "skaffold",
    about=About(
        title="Skaffold",
        url="https://skaffold.dev/docs/references/yaml/",
        files="YAML whose `apiVersion` is of `skaffold/…`",
        places=(
            "builders, run images and base images of artifacts: `buildpacks`, `jib`, `ko`, `kaniko`",
            "`container.image` of `verify`, `containers[].image` of `customActions`",
            "the images of `googleCloudBuild`, and those that Helm releases set",
            "all of these in `profiles` too",
        ),
        path="skaffold.yaml",
        example="""\
apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - image: web
      buildpacks:
        builder: paketobuildpacks/builder-jammy-base:0.4
verify:
  - name: smoke
    container:
      name: smoke
      image: alpine:3.20
""",
        limits=(
            "the names of artifacts are `local`, here and wherever they are used",
            "`cacheFrom` is `ignored`: a digest would only make the cache old",
        ),
    ),
    endings=YAML,
    needles=("skaffold/",),
    document=_label,
    routes=(*_ROUTES, *(Route(f"profiles[].{route.path}", route.read) for route in _ROUTES)),
)
