"""What a compose file says of builds: https://docs.docker.com/reference/compose-file/build/.

Images that stand as build contexts, a Dockerfile that is written inside, and what is set for one that is not.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._compose_project import Project
from pinbot.formats._dockerfile import scan_dockerfile_text
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import Text, lines_of, scalar_finding
from pinbot.source.finding import Aside, BuildContext, Finding, Skip, Yield
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_IMAGE = "docker-image://"
_REMOTE = re.compile(r"\w+://|git@|github\.com/|/|~")


def builds(project: Project, service: str, build: Node, format_name: str) -> Iterator[Yield]:
    """Yield what the `build:` of a service holds."""
    where = f"services.{service}.build"
    contexts = lookup(build, "additional_contexts")
    for name, node in entries(contexts):
        yield from _context(project, f"{where}.additional_contexts.{name}", node, format_name)
    context = _build_context(project, build)
    inline = lookup(build, "dockerfile_inline")
    if inline is not None and not is_null(inline):
        yield from _inline(project, where, inline, context, format_name)
    elif context.dockerfile:
        yield context


def entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield names and values of a setting that is a mapping, or a list of `name=value`."""
    if is_mapping(node):
        yield from ((str(key.value), value) for key, value in pairs(node))
    elif is_sequence(node):
        for item in node.value:
            if is_scalar(item):
                yield item.value.partition("=")[0], item


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
    if not context or not name or _REMOTE.match(context) or name.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(project.file.path), context, name))
    return None if path.startswith("../") else path


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
