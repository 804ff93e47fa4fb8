"""Ansible: images in the tasks of playbooks and roles, for the modules of community.docker, containers.podman and
kubernetes.core (https://docs.ansible.com/ansible/latest/collections/community/docker/index.html).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pinbot.formats._ansible_values import Task, parsed
from pinbot.formats._base import OBJECT, About
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import filled_in, literal, loads_as, scalar_finding, text_of
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.source.finding import Aside, Finding, Fixed, Published, Slot, Standing, Writable, Yield
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

NAME = "ansible"
_COLLECTIONS = ("", "community.docker.", "community.general.", "containers.podman.", "kubernetes.core.")
# Words that docker_image and podman_image use for images that are not pulled.
_MADE = {"build", "load", "local"}
_ARGUMENT = re.compile(r"(?:^|\s)image=(\S+)")
_YES = {"yes", "true", "on", "1"}


def _root(root: Node) -> str | None:
    """A playbook and a file of tasks are lists of mappings."""
    return "" if is_sequence(root) and any(map(is_mapping, root.value)) else None


def _task(read: Callable[[Place, Task, Node], Iterator[Yield]]) -> Callable[[Place, str, str], Iterator[Yield]]:
    """Return the reader of a module: of its parameters, which stand below its key, or by mistake beside it."""

    def reader(place: Place, _format_name: str, _label: str) -> Iterator[Yield]:
        if len(place.path) > 1 and isinstance(place.path[-2], int) and is_mapping(place.above[-1]):
            task = Task(place.document, place.above[-1], place.above[:-1])
            yield from read(place, task, place.above[-1] if is_null(place.node) else place.node)

    return reader


def _image(place: Place, task: Task, parameters: Node) -> Iterator[Yield]:
    """Yield what stands under `image`."""
    image = lookup(parameters, "image") or lookup(lookup(task.node, "args"), "image")
    if is_scalar(image) and not is_null(image):
        yield from _found(place, task, image, f"{place.where}.image", text_at(parameters, "state") == "absent")
    elif is_scalar(parameters):
        yield from _argument(place, parameters)


def _found(place: Place, task: Task, node: ScalarNode, where: str, removed: bool = False) -> Iterator[Finding]:
    for value in task.values(where, node):
        standing = _removed(value.standing) if removed else value.standing
        found = scalar_finding(place.document.file, NAME, value.where, value.span, standing)
        yield replace(found, variables=value.variables)


def _removed(standing: Standing) -> Standing:
    return Aside("ignored", "the task removes it", standing.reference)


def _argument(place: Place, node: ScalarNode) -> Iterator[Finding]:
    """Yield the image of a task that is written on one line: `docker_container: name=web image=nginx:1.27`."""
    text = text_of(place.document, node)
    argument = _ARGUMENT.search(text.value) if text.problem is None else None
    if argument is None:
        return
    start = text.span.start + argument.start(1)
    span = Span(start, start + len(argument[1]))
    standing = filled_in(argument[1]) or joined([Piece("", argument[1], start)])
    yield scalar_finding(place.document.file, NAME, f"{place.where} image", span, standing)


def _name(place: Place, task: Task, parameters: Node) -> Iterator[Yield]:
    """Yield what `name` and `tag` of docker_image, docker_image_pull and podman_image say."""
    name, tag = lookup(parameters, "name"), lookup(parameters, "tag")
    if parameters is task.node or not is_scalar(name) or is_null(name):
        return
    where = f"{place.where}.name"
    if made := _made(parameters):
        reference = parsed(name.value)
        span = text_of(place.document, name).span
        yield scalar_finding(place.document.file, NAME, where, span, Aside("local", made, reference))
        if reference and text_at(parameters, "push").lower() in _YES:
            line = place.document.file.position(span.start).line
            yield Published(reference.registry, reference.path, f"{place.document.file.path}:{line}")
        return
    removed = text_at(parameters, "state") == "absent"
    reference = parsed(name.value)
    if is_scalar(tag) and not is_null(tag) and not (reference and reference.tag):
        standing = _tagged(place, name, tag)
        span = text_of(place.document, tag).span
        yield scalar_finding(place.document.file, NAME, where, span, _removed(standing) if removed else standing)
    else:
        yield from _found(place, task, name, where, removed)


def _made(parameters: Node) -> str | None:
    """Say that a task makes its image, None where it pulls it."""
    if text_at(parameters, "source") in _MADE or text_at(parameters, "state") == "build":
        return "the name of what this task makes"
    if lookup(parameters, "path") is not None or lookup(parameters, "build") is not None:
        return "the name of what this task builds"
    return None


def _tagged(place: Place, name: ScalarNode, tag: ScalarNode) -> Standing:
    """Return the standing of a name with a tag of its own: the digest goes behind the name, where it wins."""
    document = place.document
    texts = text_of(document, name), text_of(document, tag)
    if aside := filled_in(texts[0].value) or filled_in(texts[1].value):
        return aside
    base, at, digest = texts[0].value.partition("@")
    pieces = [Piece("", base, texts[0].span.start), Piece(":", texts[1].value, texts[1].span.start)]
    if at:
        pieces.append(Piece("@", digest, texts[0].span.start + len(base) + 1))
    standing = joined(pieces)
    if isinstance(standing, Aside):
        return standing
    if kind := _other_number(tag):
        return Aside("invalid", f"{texts[1].value} loads as {kind}, not as text; quote it", standing.reference)
    if problem := texts[0].problem or texts[1].problem:
        return Fixed(standing.reference, problem)
    end = Slot(Span(texts[0].span.stop, texts[0].span.stop), lead="@")
    return standing if at else Writable(standing.reference, end, standing.tag, standing.name)


def _other_number(tag: ScalarNode) -> str | None:
    """Say what a tag loads as where Ansible would print another one: `1.30` becomes 1.3."""
    kind = loads_as(tag)
    try:
        return kind if kind and f"{float(tag.value):g}" != tag.value else None
    except ValueError:
        return kind


def _inside(*routes: str) -> Callable[[Place, Task, Node], Iterator[Yield]]:
    """Return the reader of a module that is given whole compose files or manifests."""

    @cache
    def chart() -> Map:
        return Map.of(routes)

    def read(place: Place, _task: Task, parameters: Node) -> Iterator[Yield]:
        inner = replace(place.document, root=parameters)
        for _, found in places(inner, chart()):
            where = Place(place.document, (*place.path, *found.path), found.node, found.above)
            for finding in literal(where, NAME, ""):
                yield _unbuilt(finding, found.above[-1])

    return read


def _unbuilt(finding: Finding, service: Node) -> Finding:
    """Compose builds an image that has `build:` beside it."""
    if any(key.value == "build" for key, _ in pairs(service)):
        return replace(finding, standing=Aside("local", "the name of what this service builds", finding.reference))
    return finding


_COMPOSE = _task(_inside("definition.services.*.image"))
_MODULES = {
    "docker_container": _task(_image),
    "docker_swarm_service": _task(_image),
    "podman_container": _task(_image),
    "docker_image": _task(_name),
    "docker_image_pull": _task(_name),
    "podman_image": _task(_name),
    "docker_compose": _COMPOSE,
    "docker_compose_v2": _COMPOSE,
    "docker_service": _COMPOSE,
    "docker_stack": _task(_inside("compose[].services.*.image")),
    "podman_containers": _task(_inside("containers[].image")),
    "k8s": _task(
        _inside(
            *(
                f"{parameter}.**.{containers}[].image"
                for parameter in ("definition", "resource_definition")
                for containers in ("containers", "initContainers", "ephemeralContainers")
            )
        )
    ),
}

FORMAT = yaml_format(
    NAME,
    about=About(
        title="Ansible",
        url="https://docs.ansible.com/ansible/latest/collections/community/docker/index.html",
        files="every YAML file that is a list of plays or of tasks",
        places=(
            "`image` of docker_container, docker_swarm_service and podman_container",
            "`name` and `tag` of docker_image, docker_image_pull and podman_image",
            "`definition` of docker_compose_v2 and `compose` of docker_stack",
            "`definition` of kubernetes.core.k8s",
            "a variable in the `vars` of the same file that ends an image, and the items of a loop",
        ),
        path="roles/web/tasks/main.yml",
        example="""\
- name: Run the web server
  community.docker.docker_container:
    name: web
    image: nginx:1.27
""",
        limits=(
            "variables from other files (`defaults/`, inventories) are not followed: `variable`",
            "a variable with several readers is refused",
            "where docker_image has `name` and `tag`, the digest goes behind the name, which wins",
            "with a tag and a digest in one `name`, docker_image pulls again on every run",
            "images that a task builds, loads or removes are not pinned",
        ),
    ),
    needles=("image", (*sorted(_MODULES.keys() - {"k8s"}), "k8s:")),
    never=(OBJECT,),
    document=_root,
    routes=tuple(
        Route(f'**."{collection}{module}"', read) for module, read in _MODULES.items() for collection in _COLLECTIONS
    ),
)
