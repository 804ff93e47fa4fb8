"""Buildkite pipelines: https://buildkite.com/docs/pipelines/configure/defining-steps, their plugins
(https://buildkite.com/docs/pipelines/integrations/plugins/using) and
https://buildkite.com/docs/agent/self-hosted/agent-stack-k8s/podspec.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pinbot.formats._base import About
from pinbot.formats._buildkite_matrix import MATRIX, filled
from pinbot.formats._claims import YAML_AND_JSON, placed
from pinbot.formats._substitution import Values
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar, lookup, pairs
from pinbot.formats._yaml_scalar import scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed

# Plugins that start a container of their `image`; of others that is what they build, scan or only name in part.
_PLUGINS = frozenset({"docker", "docker-run", "podman", "k8s"})
_FED = "fed by the matrix of its step"
_UNKNOWN = Aside("variable", _FED)
_STEPS = ("", "steps[].", "steps[].steps[].", "[].", "[].steps[].")


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the references in the scalar at a place, once for each row of the matrix of its step."""
    where = f"{label} {place.where}".lstrip()
    node = place.node
    if not is_scalar(node) or not MATRIX.search(node.value):
        yield from _values(place.document).findings(node, format_name, where)
        return
    text = text_of(place.document, node)
    matrix = next((found for above in reversed(place.above) if (found := lookup(above, "matrix")) is not None), None)
    for value in filled(text.value, matrix):
        reference = Reference.parse_or_none(value)
        standing = Fixed(reference, f"{_FED}; write the digests into its values by hand") if reference else _UNKNOWN
        yield scalar_finding(place.document.file, format_name, where, text.span, standing)


def _of_plugin(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    if _plugin(str(place.path[-2])) in _PLUGINS:
        yield from _read(place, format_name, label)


def _plugin(source: str) -> str:
    """Return the name of a plugin: `docker` for `docker#v5.12.0`, `https://…/docker-buildkite-plugin.git#v5`."""
    name = source.partition("#")[0].rstrip("/").rpartition("/")[2]
    return name.removesuffix(".git").removesuffix("-buildkite-plugin")


# Every reference of a document asks for this.
@lru_cache(maxsize=2)
def _values(document: Document) -> Values:
    """Return the values of the pipeline's `env`, with which it is interpolated when it is uploaded."""
    settings = {str(key.value): value for key, value in pairs(lookup(document.root, "env")) if is_scalar(value)}
    return Values(document, settings, elsewhere="gets its value when the pipeline is uploaded", exported=True)


FORMAT = yaml_format(
    "buildkite",
    about=About(
        title="Buildkite pipelines",
        url="https://buildkite.com/docs/pipelines/configure/defining-steps",
        files="YAML and JSON files in a folder `.buildkite`, and `buildkite.yml`",
        places=(
            "`image:` of the `docker` plugin and its like, in steps and in groups of them",
            "`image:` of a pipeline or a step, and the containers of its `kubernetes:` pod",
            "`$NAME` and `${NAME:-default}` with the values of the pipeline's `env:`",
        ),
        path=".buildkite/pipeline.yml",
        example="""\
steps:
  - label: test
    command: go test ./...
    plugins:
      - docker#v5.12.0:
          image: golang:1.23
""",
        limits=(
            "the `docker-compose` plugin names services; their images stand in the compose file",
            "a version in `env:` is refused, since scripts may read it; a whole reference there carries the digest",
            "a reference that a matrix feeds is refused: each of its values needs another digest",
            "`image` among the tags of `agents:` is left alone: it is the disk of a machine as a rule",
        ),
    ),
    claims=placed(r"(?:.*/)?(?:\.buildkite/.*|\.?buildkite(?:[._-][^/]*)?)\.(?:ya?ml|json)"),
    endings=YAML_AND_JSON,
    needles=("image",),
    routes=(
        *(Route(f"{step}image", _read) for step in _STEPS),
        *(Route(f"{step}plugins[].*.image", _of_plugin) for step in _STEPS),
        *(Route(f"{step}plugins.*.image", _of_plugin) for step in _STEPS),
        *(Route(f"{step}plugins[].kubernetes.**.image", _read) for step in _STEPS),
        *(Route(f"{step}plugins.kubernetes.**.image", _read) for step in _STEPS),
        *(Route(f"{step}kubernetes.**.image", _read) for step in _STEPS),
    ),
    closed=("**.env", "**.metadata"),
)
