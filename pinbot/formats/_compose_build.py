"""What a compose file says of builds: https://docs.docker.com/reference/compose-file/build/.

Images that stand as build contexts, a Dockerfile that is written inside, and what is set for one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._build import built_for, folder, path_within
from pinbot.formats._build_arguments import Argument, Builds, plain
from pinbot.formats._compose_project import Project
from pinbot.formats._dockerfile import scan_dockerfile_text
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import Text, lines_of, loads_as, scalar_finding
from pinbot.source.finding import Aside, BuildContext, Finding, Skip, Yield
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_IMAGE = "docker-image://"
# A number that compose prints as it is written; 1.30 becomes 1.3.
_SAME_NUMBER = re.compile(r"0|[1-9]\d{0,5}|(?:0|[1-9]\d{0,5})\.\d*[1-9]")


def builds(project: Project, service: str, build: Node, format_name: str, arguments: Builds) -> Iterator[Yield]:
    """Yield what the `build:` of a service holds; what its arguments feed is gathered in `arguments`."""
    where = f"services.{service}.build"
    contexts = lookup(build, "additional_contexts")
    for name, node in entries(contexts):
        yield from _context(project, f"{where}.additional_contexts.{name}", node, format_name)
    platforms = lookup(build, "platforms")
    nodes = platforms.value if is_sequence(platforms) else ()
    yield from built_for(project.filled(node.value) or "" for node in nodes if is_scalar(node))
    context = _build_context(project, build)
    inline = lookup(build, "dockerfile_inline")
    if inline is not None and not is_null(inline):
        yield from _inline(project, where, inline, context, format_name)
    elif context.dockerfile:
        yield context
        dockerfile = project.companion(context.dockerfile)
        if dockerfile:
            given = dict(_arguments(project, f"{where}.args", lookup(build, "args")))
            arguments.add(dockerfile, given, context.contexts)


def entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield names and values of a setting that is a mapping, or a list of `name=value`."""
    if is_mapping(node):
        yield from ((str(key.value), value) for key, value in pairs(node))
    elif is_sequence(node):
        for item in node.value:
            if is_scalar(item):
                yield item.value.partition("=")[0], item


def _arguments(project: Project, where: str, args: Node | None) -> Iterator[tuple[str, Argument]]:
    """Yield the arguments that have a value here; one without takes it from the environment."""
    for name, node in entries(args):
        text = None if is_null(node) else project.text_of(node)
        if text is not None and is_sequence(args):
            _, equals, value = text.value.partition("=")
            text = _part(text, len(text.value) - len(value)) if equals else None
        # What compose fills in is not known here, nor where else it goes; the Dockerfile says that it is set.
        if text is not None and text.value and "$" not in text.value:
            yield name, Argument(f"{where}.{name}", text.span, plain(text.span, text.value), None, _problem(node, text))


def _problem(node: Node, text: Text) -> str | None:
    """Say why nothing can be written into the value of an argument, None where it can."""
    kind = loads_as(node) if is_scalar(node) else None
    if kind and not _SAME_NUMBER.fullmatch(text.value):
        return f"{text.value} loads as {kind}, not as text; quote it"
    return text.problem


def _context(project: Project, where: str, node: Node, format_name: str) -> Iterator[Finding]:
    """Yield the image that is a build context; folders and other services are none."""
    text = project.text_of(node)
    at = text.value.find(_IMAGE) if text else -1
    if text is None or at < 0:
        return
    image = _part(text, at + len(_IMAGE))
    finding = scalar_finding(project.file, format_name, where, image.span, project.standing(node, image))
    yield replace(finding, variables=project.variables(image))


def _part(text: Text, at: int) -> Text:
    """Return the end of a text, from an offset into its value on."""
    span = text.span if text.problem else Span(text.span.start + at, text.span.stop)
    return Text(text.value[at:], span, text.problem)


def _build_context(project: Project, build: Node) -> BuildContext:
    line = project.file.position(project.document.span(build).start).line
    return BuildContext(
        dockerfile=_dockerfile(project, build) or "",
        contexts=frozenset(name for name, _ in entries(lookup(build, "additional_contexts"))),
        arguments=frozenset(name for name, _ in entries(lookup(build, "args"))),
        place=f"{project.file.path}:{line}",
    )


def _dockerfile(project: Project, build: Node) -> str | None:
    """Return the path of the Dockerfile in the repository, None where it lies elsewhere or is unknown."""
    context = project.filled((build.value if is_scalar(build) else text_at(build, "context")) or ".")
    name = project.filled(text_at(build, "dockerfile") or "Dockerfile")
    return path_within(folder(project.file.path), context, name) if context and name else None


def _inline(project: Project, where: str, node: Node, build: BuildContext, format_name: str) -> Iterator[Yield]:
    lines = lines_of(project.document, node) if is_scalar(node) else None
    if lines is None:
        span = project.document.span(node)
        line = project.file.position(span.start).line
        yield Skip(
            project.file.path, f"line {line}: write dockerfile_inline as a block behind `|` to have it read", span
        )
        return
    for item in scan_dockerfile_text(project.file, lines, format_name, f"{where}: "):
        yield _within(item, build) if isinstance(item, Finding) else item


def _within(finding: Finding, build: BuildContext) -> Finding:
    """Apply to a reference of an inline Dockerfile what its build sets, and what compose fills in before."""
    if "$" in finding.text:
        reason = "compose replaces variables before the Dockerfile is read, so this one cannot be followed"
        return replace(finding, standing=Aside("variable", reason))
    return build.applied(finding)
