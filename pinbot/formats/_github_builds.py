"""What the steps of a workflow build and push: https://github.com/docker/build-push-action#inputs,
https://github.com/docker/bake-action#inputs and https://github.com/docker/metadata-action#images-input.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pinbot.formats._build import built_for
from pinbot.formats._yaml_nodes import is_scalar, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import Text, lines_of, literal_standing, scalar_finding
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import BuildContext, Published, Relation, Yield
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

Inputs = Mapping[str, str]

_BUILDERS = ("docker/build-push-action@", "depot/build-push-action@", "useblacksmith/build-push-action@")
_BAKERS = ("docker/bake-action@", "depot/bake-action@")
_METADATA = "docker/metadata-action@"
_WORKSPACE = re.compile(r"\$\{\{\s?github\.workspace\s?\}\}")
# What the action takes as context where none is given: the commit itself, as BuildKit fetches it.
_DEFAULT_CONTEXT = re.compile(r"\{\{\s?defaultContext\s?\}\}:?")
_REMOTE = re.compile(r"\w+://|git@|/|~")
_IMAGE = "docker-image://"
_EXPRESSION = "${{"
_ENVIRONMENT = re.compile(r"\$\{\{\s?env\.(\w{1,100})\s?\}\}")


def built(step: Place, root: str, format_name: str) -> Iterator[Yield]:
    """Yield what a step says of the images that it builds, and the images that stand among its build contexts.

    `root` is the folder of the repository to which the workflow belongs.
    """
    action, inputs = text_at(step.node, "uses"), _inputs(step)
    line = step.document.file.position(step.document.span(step.node).start).line
    place = f"{step.document.file.path}:{line}"
    if action.startswith(_BUILDERS):
        yield from _build(inputs, root, place)
        yield from _contexts(step, lookup(lookup(step.node, "with"), "build-contexts"), format_name)
    elif action.startswith(_BAKERS):
        yield from _bake(inputs, root, place)
    elif action.startswith(_METADATA):
        yield from _published((_image(line) for line in _lines(inputs, "images")), place)


def _inputs(step: Place) -> Inputs:
    """Return the inputs of a step, with what the workflow says of its `env` filled in."""

    def value(match: re.Match[str]) -> str:
        levels = (lookup(lookup(node, "env"), match[1]) for node in (step.node, *reversed(step.above)))
        node = next((one for one in levels if one is not None), None)
        return str(node.value) if is_scalar(node) and _EXPRESSION not in node.value else match[0]

    given = ((str(key.value), node.value) for key, node in pairs(lookup(step.node, "with")) if is_scalar(node))
    return {name: _ENVIRONMENT.sub(value, text) for name, text in given}


def _build(inputs: Inputs, root: str, place: str) -> Iterator[Relation]:
    yield from built_for(_platforms(_lines(inputs, "platforms")))
    dockerfile = _dockerfile(inputs.get("context", ""), inputs.get("file", ""), root)
    if dockerfile:
        contexts, arguments = _names(inputs, "build-contexts"), _names(inputs, "build-args")
        yield BuildContext(dockerfile, contexts, arguments, place)
    if _pushes(inputs):
        yield from _published(_lines(inputs, "tags"), place)


def _platforms(entries: Iterable[str]) -> Iterator[str]:
    return (name.strip() for entry in entries for name in entry.split(","))


def _dockerfile(context: str, file: str, root: str) -> str | None:
    """Return the path of the Dockerfile in the repository, None where it lies elsewhere or is unknown."""
    context, file = (_WORKSPACE.sub(".", part) for part in (context, file))
    commit = _DEFAULT_CONTEXT.match(context)
    if commit:
        # BuildKit looks for the file in its context; the action elsewhere looks for it in the working directory.
        file = posixpath.join(context[commit.end() :], file or "Dockerfile")
    path = file or posixpath.join(context, "Dockerfile")
    if _EXPRESSION in path or _REMOTE.match(path) or (_REMOTE.match(context) and context != "."):
        return None
    path = posixpath.normpath(posixpath.join(root, path))
    return None if path.startswith("../") else path


def _bake(inputs: Inputs, root: str, place: str) -> Iterator[Relation]:
    """Yield what a step sets for the targets of a bake file: `*.args.VERSION=1`.

    Which Dockerfile a target builds says the bake file; here it is taken for the one that a target has by default.
    """
    folder = inputs.get("workdir", "") or "."
    settings = [line.partition("=") for line in _lines(inputs, "set")]
    yield from built_for(_platforms(value for name, _, value in settings if name.endswith(".platform")))
    parts = [name.split(".", 2) for name, _, _ in settings]
    arguments = [part[2] for part in parts if len(part) > 2 and part[1] == "args"]
    dockerfile = _dockerfile(folder, "", root)
    if arguments and dockerfile:
        yield BuildContext(dockerfile, frozenset(), frozenset(arguments), place)
    if _pushes(inputs):
        yield from _published((value for name, _, value in settings if name.endswith(".tags")), place)


def _contexts(step: Place, node: Node | None, format_name: str) -> Iterator[Yield]:
    """Yield the images that are build contexts: `base=docker-image://alpine:3.20`."""
    spans = lines_of(step.document, node) if is_scalar(node) else None
    file = step.document.file
    for span in spans or ():
        name, _, image = file.slice(span).strip().partition(f"={_IMAGE}")
        if image and is_scalar(node) and not name.startswith("#"):
            at = Span(span.start + file.slice(span).index(_IMAGE) + len(_IMAGE), span.stop)
            at = Span(at.start, at.start + len(image))
            standing = literal_standing(file, node, Text(image, at))
            yield scalar_finding(file, format_name, f"{step.where}.with.build-contexts.{name}", at, standing)


def _lines(inputs: Inputs, name: str) -> Iterator[str]:
    """Yield the entries of an input that is a list: one in a line, or between commas."""
    for line in inputs.get(name, "").splitlines():
        for entry in line.split(",") if name == "tags" else (line,):
            if entry.strip() and not entry.strip().startswith("#"):
                yield entry.strip()


def _names(inputs: Inputs, name: str) -> frozenset[str]:
    """Return the names in a list of `name=value`; a name that is filled in stays unknown."""
    names = (line.partition("=")[0].strip() for line in _lines(inputs, name))
    return frozenset(one for one in names if _EXPRESSION not in one)


def _pushes(inputs: Inputs) -> bool:
    push = inputs.get("push", "").strip().lower()
    return (
        push not in {"", "false"}
        or "push=true" in inputs.get("outputs", "")
        or "type=registry" in inputs.get("outputs", "")
    )


def _image(line: str) -> str:
    """Return the name in an entry of `images`: `name=ghcr.io/acme/app,enable=true`, or just the name."""
    return line.partition(",")[0].strip().removeprefix("name=")


def _published(names: Iterator[str] | list[str], place: str) -> Iterator[Published]:
    """Yield the repositories of the names that are known; a tag may be filled in."""
    known = (Reference.parse_or_none(name) for name in map(_repository, names) if name)
    found = dict.fromkeys((one.registry, one.path) for one in known if one)
    yield from (Published(registry, path, place) for registry, path in found)


def _repository(name: str) -> str:
    head, filled, _ = name.partition(_EXPRESSION)
    if not filled:
        return head
    repository, colon, tag = head.rpartition(":")
    return repository if colon and "/" not in tag else ""
