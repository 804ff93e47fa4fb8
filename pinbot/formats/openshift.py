"""OpenShift: image streams, build configurations and templates (https://docs.okd.io/latest/openshift_images/).

A stream that is imported on a schedule rejects a digest. Releases of OpenShift differ in what they make of a digest
beside a tag (openshift/library-go#587), so a tag stays alone here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._dockerfile import scan_dockerfile_text
from pinbot.formats._objects import RECORDED, TEXTS, of, owner, title
from pinbot.formats._parameters import Parameters, declared, found_in, through
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup, text_at
from pinbot.formats._yaml_scalar import lines_of
from pinbot.formats._yaml_variables import Piece, Value, Variable, cut_at, mentions, references, value_at
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, BuildContext, Finding, Fixed, Skip, Writable, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_GROUPS = frozenset({"image.openshift.io", "build.openshift.io", "apps.openshift.io", "template.openshift.io", "apps"})
_SOURCES = frozenset({"ImageStream", "ImageStreamImport", "BuildConfig", "Build"})
_WORKLOADS = frozenset(
    {"DeploymentConfig", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicationController"}
)
_IMAGE = "DockerImage"
# One of these stands in every document that counts; older ones have an `apiVersion: v1` without a group.
_WORDS = ("openshift.io", "ImageStream", "BuildConfig", "Template")
_SCHEDULED = "OpenShift imports by a schedule only what has no digest; set `scheduled: false` to pin it"
_ONE_OF_BOTH = "releases of OpenShift differ in what they make of a digest beside a tag; write the digest alone"
_TRIGGERED = "a trigger of its DeploymentConfig sets this image"
_FILLED = "the template fills in a parameter here, before the Dockerfile is read"
_USE = re.compile(r"\$\{\{?(?P<name>[A-Za-z0-9_]+)\}?\}")
_MENTION = re.compile(r"\$\{\{?([A-Za-z0-9_]+)\}")


def _default(place: Place, used: re.Match[str]) -> Node | None:
    """Return the value of a parameter of the template that is the whole document."""
    lists = [found_in(place.document.root, "parameters")] if _is_template(place) else []
    return declared(iter(lists), used["name"], ("value",))


def _cut(match: re.Match[str], _base: int | None) -> Piece:
    return Variable(match["name"])


_pieces = cut_at(_USE, _cut)


def _joined(place: Place, format_name: str) -> Iterator[Finding]:
    """Yield an image that several parameters of the template make up: `${IMAGE}:${TAG}`."""
    uses = mentions(place.document.root, _MENTION)
    lists = [found_in(place.document.root, "parameters")]

    def value(name: str) -> Value | str:
        count = uses[name]
        reason = (
            f"{name} is used {count} times in this file, so its value cannot carry one digest" if count > 1 else None
        )
        found = value_at(place.document, declared(iter(lists), name, ("value",)), reason)
        return found or f"whoever uses the template says what {name} is"

    yield from references(place, format_name, _pieces, [value])


_any = through(Parameters(_USE, _MENTION, _default, whole=True))


def _source(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the image that is named beside `kind: DockerImage`; what other kinds name is known to the cluster."""
    if text_at(place.above[-1], "kind") != _IMAGE:
        return
    for finding in _any(place, format_name, label):
        standing = finding.standing
        if isinstance(standing, Writable) and (reason := _refusal(place, standing)):
            yield replace(finding, standing=Fixed(standing.reference, reason))
        else:
            yield finding


def _refusal(place: Place, standing: Writable) -> str | None:
    if text_at(place.above[-2], "importPolicy", "scheduled") == "true":
        return _SCHEDULED
    return None if standing.reference.digest and not standing.reference.tag else _ONE_OF_BOTH


def _workload(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the image of a container that a trigger may set, or a parameter of a template complete."""
    if not _is_template(place) and text_at(owner(place), "kind") != "DeploymentConfig":
        return
    several = is_scalar(place.node) and _is_template(place) and len(_USE.findall(place.node.value)) > 1
    for finding in _joined(place, format_name) if several else _any(place, format_name, label):
        if _is_triggered(place):
            yield replace(finding, standing=Aside("ignored", _TRIGGERED, finding.reference))
        else:
            yield finding


def _is_template(place: Place) -> bool:
    kind = found_in(place.document.root, "kind")
    return is_scalar(kind) and kind.value == "Template"


def _is_triggered(place: Place) -> bool:
    node = owner(place)
    return node is not None and text_at(place.above[-1], "name") in _triggered(node)


@lru_cache(maxsize=4)
def _triggered(deployment: Node) -> frozenset[str]:
    """Return the containers that image change triggers name (https://docs.okd.io/latest/applications/deployments/)."""
    triggers = lookup(lookup(deployment, "spec"), "triggers")
    lists = (
        lookup(lookup(trigger, "imageChangeParams"), "containerNames")
        for trigger in (triggers.value if is_sequence(triggers) else ())
    )
    return frozenset(one.value for names in lists if is_sequence(names) for one in names.value if is_scalar(one))


def _dockerfile(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the images of a Dockerfile that is written into a build configuration."""
    file, where = place.document.file, f"{label} {place.where}: ".lstrip()
    lines = lines_of(place.document, place.node) if is_scalar(place.node) else None
    if lines is None:
        span = place.document.span(place.node)
        line = file.position(span.start).line
        yield Skip(file.path, f"line {line}: write the Dockerfile as a block behind `|` to have it read", span)
        return
    arguments = lookup(lookup(lookup(lookup(owner(place), "spec"), "strategy"), "dockerStrategy"), "buildArgs")
    names = frozenset(text_at(one, "name") for one in arguments.value) if is_sequence(arguments) else frozenset()
    build = BuildContext("", frozenset(), names, f"{file.path}:{file.position(lines[0].start).line}")
    for item in scan_dockerfile_text(file, lines, format_name, where):
        yield _within(build.applied(item), place) if isinstance(item, Finding) else item


def _within(finding: Finding, place: Place) -> Finding:
    """Say that a template fills in a parameter before the Dockerfile is read."""
    filled = any(_default(place, used) is not None for used in _USE.finditer(finding.text))
    return replace(finding, standing=Aside("variable", _FILLED)) if filled else finding


_POD = "**.spec.template.spec"

FORMAT = yaml_format(
    "openshift",
    about=About(
        title="OpenShift",
        url="https://docs.okd.io/latest/cicd/builds/understanding-buildconfigs.html",
        files="YAML and JSON with image streams, build configurations, deployment configurations and templates",
        places=(
            "`from` with `kind: DockerImage` in an `ImageStream` and in a `BuildConfig`",
            "a Dockerfile in `source.dockerfile`",
            "the value of a parameter of a `Template` that ends an image: `${IMAGE}`",
        ),
        path="openshift/build.yaml",
        example="""\
apiVersion: build.openshift.io/v1
kind: BuildConfig
metadata:
  name: web
spec:
  source:
    dockerfile: |
      FROM nginx:1.27
      COPY . /usr/share/nginx/html
  strategy:
    dockerStrategy: {}
""",
        limits=(
            "a `DockerImage` takes a tag or a digest, not both: one with a tag is refused, a digest alone is kept",
            "`ImageStreamTag` and `ImageStreamImage` are names in a cluster and are not read",
            "a container whose image a trigger sets is `ignored`",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=(("image", "dockerfile", "Image"), "kind", _WORDS, (_IMAGE, "dockerfile", "Template", "imageChangeParams")),
    passed_over=TEXTS,
    document=title,
    routes=(
        Route("**.from.name", of(_SOURCES, _GROUPS, _source)),
        Route("**.spec.source.dockerfile", of(_SOURCES, _GROUPS, _dockerfile)),
        Route(f"{_POD}.containers[].image", of(_WORKLOADS, _GROUPS, _workload)),
        Route(f"{_POD}.initContainers[].image", of(_WORKLOADS, _GROUPS, _workload)),
    ),
    closed=RECORDED,
)
