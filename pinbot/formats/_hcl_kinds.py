"""The kinds of HCL expressions: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions."""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.source.text import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters of a template, as they are written."""

    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A string: `parts` are its characters and what is filled in between them, `content` is what the quotes hold.

    `lines` are the lines of a here-document, without the indentation that `<<-` takes off; of others None.
    """

    parts: tuple[Literal | Expression, ...]
    content: Span
    span: Span
    lines: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """`[…]`."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Object:
    """`{…}`, with the keys that are written out."""

    entries: tuple[tuple[str, Expression], ...]
    span: Span

    def get(self, name: str) -> Expression | None:
        """Return the value of a key, None where it is not there."""
        return next((value for key, value in self.entries if key == name), None)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, with the names behind its dots: `var.tag`."""

    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else: a number, a condition, a `for`; `inner` are the expressions directly in it."""

    kind: str
    span: Span
    inner: tuple[Expression, ...] = ()


Expression = Template | Items | Object | Call | Name | Other


def cut(template: Expression, lead: str, file: SourceFile) -> Template | None:
    """Return what stands behind `lead` in a string that begins with it, None for any other."""
    if not isinstance(template, Template) or not template.parts or template.lines is not None:
        return None
    first = template.parts[0]
    if not isinstance(first, Literal) or not file.slice(first.span).startswith(lead):
        return None
    start = first.span.start + len(lead)
    rest = Literal(Span(start, first.span.stop))
    parts = (rest, *template.parts[1:]) if start < first.span.stop else template.parts[1:]
    return Template(parts, Span(start, template.content.stop), template.span)
