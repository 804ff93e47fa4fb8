"""Concourse pipelines and tasks: https://concourse-ci.org/docs/tasks/ and https://concourse-ci.org/docs/resource-types/.

What `source` holds is up to the type: https://github.com/concourse/registry-image-resource and
https://github.com/concourse/docker-image-resource. A task takes the digest of a registry-image as its `version`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import OBJECT, About
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_insert import inserted, removal
from pinbot.formats._yaml_nodes import every, is_mapping, is_null, is_scalar, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import Text, scalar_finding, text_of
from pinbot.formats._yaml_split import Keys, Missing, split_finding
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Published, Slot, Standing, Writable, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import MappingNode, Node

_REGISTRY_IMAGE, _DOCKER_IMAGE = "registry-image", "docker-image"
_NEWEST = "without a tag Concourse takes the newest version there is; write a `tag` to have it pinned"
_FOLLOWS = "a resource is there to follow its tag; give it a `version: {digest: …}`, and that will be kept up to date"
_NO_PLACE = "Concourse has no place for the digest of a resource type that is a registry-image"
_BY_HAND = "write `version: {digest: …}` beside its `source` by hand, and it will be kept up to date"
_ECR = "the registry is that of an AWS account, which `aws_region` and its credentials name"
_PUSHED = "a job of this pipeline pushes it"


def _label(root: Node) -> str | None:
    """Return the name of a pipeline or task, None for what is neither."""
    is_task = bool(text_at(root, "platform")) and is_mapping(lookup(root, "run"))
    is_pipeline = lookup(root, "jobs") is not None and lookup(root, "apiVersion") is None
    return "" if is_task or is_pipeline or lookup(root, "resource_types") is not None else None


def _read(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield what a resource, a resource type or the image of a task says."""
    node, kind = place.node, text_at(place.node, "type")
    source = lookup(node, "source")
    if kind not in {_REGISTRY_IMAGE, _DOCKER_IMAGE} or not is_mapping(node) or not is_mapping(source):
        return
    where = f"{label} {place.where}".lstrip()
    role = "image_resource" if place.path[-1] == "image_resource" else str(place.path[0])
    if kind == _REGISTRY_IMAGE:
        finding = _of_registry(place.document, node, source, role)
    else:
        finding = _of_docker(place.document, source, role)
    if finding is None:
        return
    finding = replace(finding, format=format_name, where=where)
    pushed = role == "resources" and text_at(node, "name") in _put(place.document)
    if pushed and finding.reference:
        yield Published(finding.reference.registry, finding.reference.path, f"{place.document.file.path}, {where}")
    aside = _unknown(source) or (Aside("local", _PUSHED, finding.reference) if pushed else None)
    yield replace(finding, standing=aside) if aside else finding


def _unknown(source: MappingNode) -> Aside | None:
    written = [text_at(source, key) for key in ("repository", "tag", "digest")]
    if any("((" in text for text in written):
        return Aside("variable", "Concourse fills in `((…))` when the pipeline is set or run")
    if text_at(source, "aws_region") and "." not in written[0].partition("/")[0]:
        return Aside("variable", _ECR, Reference.parse_or_none(written[0]))
    return None


def _of_docker(document: Document, source: MappingNode, role: str) -> Finding | None:
    """Read a docker-image, which has a key for the digest among those of its source."""
    keys = Keys(name=("repository",), tag=("tag",), digest=("digest",))
    missing = Missing(tag="without a tag it is `latest`; write `tag: latest` to have it pinned")
    if role == "resources":
        missing = replace(missing, digest="a resource is there to follow its tag; give it a `digest` to pin it")
    return split_finding(document, source, keys, missing, "", "")


def _of_registry(document: Document, node: MappingNode, source: MappingNode, role: str) -> Finding | None:
    """Read a registry-image, whose digest stands in the `version` beside its source."""
    name, tag = _said(document, source, "repository"), _said(document, source, "tag")
    digest = _said(document, lookup(node, "version"), "digest")
    if name is None:
        return None
    at = tag or name
    standing = _standing(document, node, name, tag, digest, role)
    return scalar_finding(document.file, "", "", at.span, standing)


def _said(document: Document, mapping: Node | None, key: str) -> Text | None:
    node = lookup(mapping, key)
    return text_of(document, node) if is_scalar(node) and not is_null(node) else None


def _standing(
    document: Document, node: MappingNode, name: Text, tag: Text | None, digest: Text | None, role: str
) -> Standing:
    joined = name.value + (f":{tag.value}" if tag else "") + (f"@{digest.value}" if digest else "")
    try:
        reference = Reference.parse(joined)
    except InvalidReference as error:
        return Aside("invalid", str(error))
    if problem := next((text.problem for text in (name, tag, digest) if text and text.problem), None):
        return Fixed(reference, problem)
    where = Slot(tag.span) if tag else None
    if digest is not None:
        version = lookup(node, "version")
        alone = is_mapping(version) and len(version.value) == 1
        cut = removal(document, node, version) if alone and version is not None else None
        return Writable(reference, Slot(digest.span, cut=cut), where)
    if tag is None:
        return Aside("variable", _NEWEST, reference)
    if role != "image_resource":
        return Fixed(reference, _FOLLOWS if role == "resources" else _NO_PLACE)
    slot = _version(document, node)
    return Writable(reference, slot, where) if slot else Fixed(reference, _BY_HAND)


def _version(document: Document, node: MappingNode) -> Slot | None:
    """Return the slot of a `version: {digest: …}` that is not there yet, behind the `type`."""
    kind = next(((key, value) for key, value in node.value if key.value == "type"), None)
    if kind is None or lookup(node, "version") is not None:
        return None
    slot = inserted(document, node, *kind, "version")
    if slot is None or slot.tail:
        return None
    return replace(slot, lead=f"{slot.lead}{{digest: ", tail="}")


# Every resource of a pipeline asks for this.
@lru_cache(maxsize=2)
def _put(document: Document) -> frozenset[str]:
    """Return the names of the resources that a job pushes to."""
    names = set[str]()
    for node in every(lookup(document.root, "jobs")):
        if is_mapping(node):
            for key, value in pairs(node):
                if is_scalar(key) and key.value == "put" and is_scalar(value):
                    names.add(text_at(node, "resource") or value.value)
    return frozenset(names)


FORMAT = yaml_format(
    "concourse",
    about=About(
        title="Concourse pipelines and tasks",
        url="https://concourse-ci.org/docs/tasks/",
        files="YAML files that are a pipeline (`jobs:`, `resource_types:`) or a task (`platform:` and `run:`)",
        places=(
            "`image_resource:` of a task, in a file of its own or in a job, of type `registry-image` or `docker-image`",
            "`resource_types:` and `resources:` of these types",
        ),
        path="ci/tasks/test.yml",
        example="""\
platform: linux
image_resource:
  type: registry-image
  source:
    repository: golang
    tag: "1.23"
run:
  path: go
  args: [test, ./...]
""",
        limits=(
            "the digest of a task's registry-image becomes its `version:`, that of a docker-image its `digest:`",
            "a resource follows its tag by design: it is refused, unless its `version:` or `digest:` is already there",
            "Concourse has no place for the digest of a resource type that is a registry-image: refused",
            "a registry-image without a tag means the newest version: `variable`",
            "what a job pushes with `put:` is `local`",
        ),
    ),
    needles=("image", (_REGISTRY_IMAGE, _DOCKER_IMAGE), "repository"),
    never=(OBJECT,),
    document=_label,
    routes=(
        Route("**.image_resource", _read),
        Route("resources[]", _read),
        Route("resource_types[]", _read),
    ),
)
