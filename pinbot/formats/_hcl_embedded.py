"""JSON or YAML that stands in a here-document of HCL, with `${…}` in it: read as what it becomes.

What HCL fills in is blanked to the same width before the text is composed, so that everything keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._hcl_kinds import Expression, Literal, Template
from pinbot.formats._hcl_values import Variables, finding, is_nothing
from pinbot.formats._templates import filled, nulled
from pinbot.formats._yaml_nodes import is_scalar
from pinbot.formats._yaml_scalar import loads_as, text_of
from pinbot.formats._yaml_stream import Part, too_much
from pinbot.formats._yaml_walk import Map, places
from pinbot.source.finding import Finding, Skip
from pinbot.source.text import SourceFile, Span


def embedded(
    template: Template, chart: Map, variables: Variables, format_name: str, where: str
) -> Iterator[Finding | Skip]:
    """Yield the references that the routes of `chart` lead to in the text of a here-document."""
    file = variables.file
    blanked = _blanked(file, template)
    if reason := too_much(blanked.slice(template.content)):
        yield Skip(file.path, reason, template.content)
        return
    composed = Part(blanked, template.content).composed
    for document in composed.documents:
        for _, place in places(document, chart):
            node = place.node
            if is_scalar(node) and node.value.strip() and not loads_as(node):
                text = text_of(document, node)
                part = _part(template, text.span)
                if not is_nothing(part):
                    yield finding(part, variables.value(part), variables, format_name, f"{where}: {place.where}")
    if composed.rest:
        line = file.position(template.span.start).line
        yield Skip(file.path, f"line {line}: what stands in this here-document could not be read", template.content)


def _blanked(file: SourceFile, template: Template) -> SourceFile:
    """Return the file with what is filled into the template as words of the same width."""
    text, at, kept = file.text, template.content.start, list[str]()
    for part in template.parts:
        if isinstance(part, Literal):
            kept += (nulled(text[at : part.span.start]), file.slice(part.span))
            at = part.span.stop
    kept.append(nulled(text[at : template.content.stop]))
    start, stop = template.content.start, template.content.stop
    return SourceFile(file.path, text[:start] + filled("".join(kept)) + text[stop:])


def _part(template: Template, span: Span) -> Template:
    """Return the stretch of a template that lies within a span."""
    parts: list[Literal | Expression] = []
    for part in template.parts:
        start, stop = max(part.span.start, span.start), min(part.span.stop, span.stop)
        if isinstance(part, Literal) and start < stop:
            parts.append(Literal(Span(start, stop)))
        elif not isinstance(part, Literal) and span.start <= part.span.start < span.stop:
            parts.append(part)
    return Template(tuple(parts), span, span)
