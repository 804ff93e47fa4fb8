"""The artifacts of Skaffold: names of what it builds, and how (https://skaffold.dev/docs/references/yaml/#build)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._objects import below
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import filled_in, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, BuildContext, Published, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_MADE = "the name of what Skaffold builds"
_ELSEWHERE = re.compile(r"\w+://|/|~")


def artifact(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the name of an artifact, that it is made here, and what is set for the build of its Dockerfile."""
    image = below(place, "image")
    if image is not None:
        yield from made(image, format_name, label)
        reference = Reference.parse_or_none(image.node.value) if is_scalar(image.node) else None
        if reference is not None:
            yield Published(reference.registry, reference.path, _line(image))
    yield from _build(place)


def made(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the name of an artifact, wherever it is used."""
    if is_scalar(place.node) and place.node.value.strip():
        text = text_of(place.document, place.node)
        aside = Aside("local", _MADE, Reference.parse_or_none(text.value))
        yield scalar_finding(place.document.file, format_name, f"{label} {place.where}".lstrip(), text.span, aside)


def names(root: Node) -> frozenset[str]:
    """Return the names of all artifacts of a document, those of its profiles included."""
    profiles = lookup(root, "profiles")
    found = [root, *(profiles.value if is_sequence(profiles) else ())]
    lists = (lookup(lookup(node, "build"), "artifacts") for node in found)
    return frozenset(text_at(one, "image") for some in lists if is_sequence(some) for one in some.value)


def _build(place: Place) -> Iterator[Yield]:
    """Yield the arguments of the build of a Dockerfile, by Docker or by kaniko; Docker is what is meant by default."""
    kinds = {str(key.value) for key, _ in pairs(place.node)}
    if kinds & {"buildpacks", "buildpack", "jib", "ko", "bazel", "custom"}:
        return
    builder = lookup(place.node, "docker") or lookup(place.node, "kaniko")
    context = text_at(place.node, "context") or "."
    dockerfile = text_at(builder, "dockerfile") or "Dockerfile"
    if filled_in(context + dockerfile) or _ELSEWHERE.match(context) or _ELSEWHERE.match(dockerfile):
        return
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place.document.file.path), context, dockerfile))
    arguments = frozenset(_arguments(place.node, builder))
    if arguments and not path.startswith("../"):
        yield BuildContext(path, frozenset(), arguments, _line(place))


def _arguments(node: Node, builder: Node | None) -> Iterator[str]:
    """Yield the names of the arguments that are set: those that are written, and the images that are built before."""
    given = lookup(builder, "buildArgs")
    if is_mapping(given):
        yield from (str(key.value) for key, _ in pairs(given))
    required = lookup(node, "requires")
    for one in required.value if is_sequence(required) else ():
        yield text_at(one, "alias") or text_at(one, "image")


def _line(place: Place) -> str:
    file = place.document.file
    return f"{file.path}:{file.position(place.document.span(place.node).start).line}"
