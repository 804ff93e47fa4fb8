"""A compose project as one file shows it: which variables have which value, who else uses them, and what a
reference with variables in it comes to (https://docs.docker.com/reference/compose-file/interpolation/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import Companions, name_within, slots_within
from pinbot.formats._compose_env import EnvFile
from pinbot.formats._compose_services import builders
from pinbot.formats._interpolation import (
    MAX_LENGTH,
    End,
    Expanded,
    Part,
    expand,
    names,
    open_end,
    parse,
)
from pinbot.formats._yaml_nodes import every, is_scalar
from pinbot.formats._yaml_scalar import Text, literal_standing, loads_as, shortened, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Fixed, Standing, Use, Writable
from pinbot.source.text import SourceFile, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node


class Project:
    """One document of a compose file, with the `.env` file beside it."""

    def __init__(self, document: Document, companions: Companions) -> None:
        self.document = document
        self.env = EnvFile(document.file.path, companions)
        self._companions = companions

    @property
    def file(self) -> SourceFile:
        """The compose file."""
        return self.document.file

    @cached_property
    def builders(self) -> Mapping[str, str]:
        """The services that compose builds, each with the place of its build in words."""
        return builders(self.document, self._companions)

    def companion(self, path: str) -> SourceFile | None:
        """Return another file of the repository, None where it is not there."""
        return self._companions(path)

    def text_of(self, node: Node) -> Text | None:
        """Return the text of a node; None where it is no scalar, or an empty one."""
        text = text_of(self.document, node) if is_scalar(node) else None
        return text if text and text.value else None

    def filled(self, template: str) -> str | None:
        """Return a text with its variables filled in; None where that cannot be known from the repository."""
        parts = parse(template) if len(template) <= MAX_LENGTH else None
        expanded = expand(parts, self.env.values) if parts is not None else None
        return expanded.text if expanded and not expanded.unknown else None

    def reference(self, template: str) -> Reference | None:
        """Return the reference that a text comes to, None where it is unknown or none."""
        return Reference.parse_or_none(self.filled(template) or "")

    def standing(self, node: Node, text: Text) -> Standing:
        """Return the standing of the reference in `text`, which is the text of `node` or a part of it."""
        assert is_scalar(node)
        if "$" not in text.value or loads_as(node):
            return literal_standing(self.file, node, text)
        parts = parse(text.value) if len(text.value) <= MAX_LENGTH else None
        if parts is None:
            return Aside("invalid", f"{shortened(text.value)}: compose reads no variable there; `$$` is a plain dollar")
        return self._interpolated(text, parts, expand(parts, self.env.values))

    def variables(self, text: Text) -> tuple[str, ...]:
        """Return the names of the variables in a text, each once."""
        return tuple(dict.fromkeys(names(parse(text.value) or ())))

    def _interpolated(self, text: Text, parts: tuple[Part, ...], expanded: Expanded) -> Standing:
        if expanded.unknown:
            return Aside("variable", f"{expanded.unknown[0]} has no default here and no value in {self.env.path}")
        try:
            reference = Reference.parse(expanded.text)
        except InvalidReference as error:
            return Aside("invalid", str(error))
        end = open_end(parts, self.env.values)
        # Another variable may give the name, as for a mirror: the same digest is there, or the pull fails loudly.
        if end and end.reach > len(reference.name):
            end = None
        if reason := text.problem or self._why_fixed(end, parts):
            return Fixed(reference, reason)
        if end is None:
            return Fixed(
                reference, f"a digest here would hold whatever {_first(parts)} says; only a default can carry it"
            )
        if end.literal is None:
            standing = self._in_env(reference, expanded, end.names[-1])
        else:
            start = text.span.start + end.literal.start
            standing = _writable(reference, expanded, Span(start, start + len(end.literal.text)))
        if isinstance(standing, Writable) and text.value.startswith(reference.name):
            return replace(standing, name=name_within(reference, text.span.start))
        return standing

    def _why_fixed(self, end: End | None, parts: tuple[Part, ...]) -> str | None:
        """Say what else a variable that would carry the digest depends on or feeds, None where it is nothing."""
        variables = tuple(end.names if end else names(parts))
        # Who else reads a value of the `.env` file is for the whole repository to say.
        for name in variables[:-1] if end and end.literal is None else variables:
            if name in self.env.settings:
                return f"{name} is set in {self.env.path}, line {self.env.settings[name].line}; pin it there by hand"
            if self._uses[name] > 1:
                return f"{name} is used {self._uses[name]} times in this file, so its default cannot carry one digest"
        return None

    def _in_env(self, reference: Reference, expanded: Expanded, name: str) -> Standing:
        """Put the slots into the line of the `.env` file that sets a variable."""
        setting = self.env.settings[name]
        if setting.span is None:
            return Fixed(reference, f"{name} is put together in {self.env.path}, line {setting.line}; write it plainly")
        return _writable(reference, expanded, setting.span, self.env.path)

    def uses(self) -> Iterator[Use]:
        """Yield who reads the values of the `.env` file, as far as this document shows it."""
        return self.env.uses(self.document, self._read)

    @cached_property
    def _uses(self) -> Counter[str]:
        """How often each variable is used in the document, wherever that is."""
        return Counter(name for _, name in self._read)

    @cached_property
    def _read(self) -> list[tuple[Node, str]]:
        """Every use of a variable in the document, with its node."""
        found: list[tuple[Node, str]] = []
        for node in every(self.document.root):
            if is_scalar(node) and "$" in node.value:
                found += ((node, name) for name in names(parse(node.value) or ()))
        return found


def _writable(reference: Reference, expanded: Expanded, end: Span, path: str | None = None) -> Standing:
    """Put the slots into the text that ends the template, where what is written is dropped by any override."""
    digest, tag = slots_within(expanded.text, reference, end.stop - len(expanded.text))
    if digest.span.start < end.start:
        return Fixed(reference, "the digest is written in parts; write it in one piece")
    in_end = tag if tag.span.start >= end.start else None
    name = name_within(reference, end.stop - len(expanded.text), end.start)
    return Writable(
        reference,
        replace(digest, path=path),
        in_end and replace(in_end, path=path),
        name and replace(name, path=path),
    )


def _first(parts: tuple[Part, ...]) -> str:
    return f"${next(names(parts))}"
