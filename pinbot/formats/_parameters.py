"""References that a parameter of the same document completes: `image: $(params.image)`, `{{inputs.parameters.tag}}`.

The rule is that of build arguments: where the parameter ends the reference and feeds nothing else, its default
carries the digest, so that whoever sets the parameter drops the pin together with the tag.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import slots_within
from pinbot.formats._objects import owner
from pinbot.formats._yaml_nodes import children, is_mapping, is_null, is_scalar, is_sequence, lookup, text_at
from pinbot.formats._yaml_scalar import (
    Text,
    filled_in,
    literal,
    loads_as,
    scalar_finding,
    shortened,
    text_of,
    with_remark,
)
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive, directives
from pinbot.source.finding import Aside, Finding, Fixed, Slot, Standing, Writable
from pinbot.source.text import SourceFile, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode, SequenceNode


# Between a key and its value on the next line stands little but indentation.
_MOST = 500
# How a list gives a parameter a value, in block and flow style, the name first or last.
_NAME = r"""["']?([\w.-]+)["']?[ \t]*"""
_GAP = r"\s{0,250}"
_SETTINGS = (
    rf"""\bname["']?:[ \t]*{_NAME}(?:,|\r?\n){_GAP}["']?value(?:From)?["']?:""",
    rf"^[ \t]*-?[ \t]*value:[^\n]*\n[ \t]*name:[ \t]*{_NAME}\r?$",
    rf"""[{{,]{_GAP}["']?value["']?:[^\n,{{}}]{{0,300}},{_GAP}["']?name["']?:[ \t]*{_NAME}{_GAP}[}},]""",
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """How parameters are used: `use` matches one use and its groups say which, `name` among them.

    `mention` matches any mention of a parameter, its name in the first group. They are counted in the object around
    the use, or in the `whole` document. `default` finds the scalar of the value in force.
    """

    use: re.Pattern[str]
    mention: re.Pattern[str]
    default: Callable[[Place, re.Match[str]], Node | None]
    whole: bool = False


def through(parameters: Parameters) -> Callable[[Place, str, str], Iterator[Finding]]:
    """Return a reader of references that may end in a parameter."""

    def read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
        if not is_scalar(place.node) or is_null(place.node):
            yield from literal(place, format_name, label)
            return
        text = text_of(place.document, place.node)
        used = parameters.use.search(text.value)
        if text.problem or not used or used.end() != len(text.value) or filled_in(text.value[: used.start()]):
            yield from literal(place, format_name, label)
            return
        yield _followed(place, format_name, f"{label} {place.where}".lstrip(), text, used, parameters)

    return read


def declared(lists: Iterator[Node | None], name: str, keys: tuple[str, ...]) -> Node | None:
    """Return the value that the first of the lists that names the parameter gives it under one of the keys."""
    for entries in lists:
        entry = _by_name(entries).get(name) if is_sequence(entries) else None
        if entry is not None:
            return next((node for key in keys if (node := lookup(entry, key)) is not None), None)
    return None


# Many images stand below the same few nodes.
@lru_cache(maxsize=256)
def found_in(node: Node, *keys: str) -> Node | None:
    """Return what the keys lead to from a node."""
    found: Node | None = node
    for key in keys:
        found = lookup(found, key)
    return found


@lru_cache(maxsize=64)
def _by_name(entries: SequenceNode) -> dict[str, Node]:
    return {text_at(entry, "name"): entry for entry in reversed(entries.value) if is_mapping(entry)}


def _followed(
    place: Place, format_name: str, where: str, text: Text, used: re.Match[str], parameters: Parameters
) -> Finding:
    file, name = place.document.file, used["name"]
    node = parameters.default(place, used)
    if not is_scalar(node) or is_null(node):
        aside = Aside("variable", f"nothing here says what the parameter {name} is")
        return scalar_finding(file, format_name, where, text.span, aside)
    value = text_of(place.document, node)
    standing = _standing(place, text.value[: used.start()], node, value, name, parameters)
    finding = scalar_finding(file, format_name, where, text.span, standing)
    return replace(finding, variables=(name,), directives=(*finding.directives, *_remarks(file, value.span)))


def _standing(place: Place, prefix: str, node: ScalarNode, value: Text, name: str, parameters: Parameters) -> Standing:
    written = place.document.file.slice(value.span)
    if kind := loads_as(node):
        return Aside("invalid", f"{shortened(written)} loads as {kind}, not as text; quote it")
    if aside := filled_in(value.value):
        return aside
    try:
        reference = Reference.parse(prefix + value.value)
    except InvalidReference as error:
        return Aside("invalid", f"with its parameter {name} it is no reference: {error}")
    reason = _refusal(place, node, name, parameters) or value.problem
    if reason:
        return Fixed(reference, reason)
    digest, tag = slots_within(prefix + value.value, reference, value.span.start - len(prefix))
    return with_remark(place.document.file, Writable(reference, digest, _within(tag, value.span)), value.span)


def _within(slot: Slot, span: Span) -> Slot | None:
    return slot if span.start <= slot.span.start else None


def _refusal(place: Place, node: ScalarNode, name: str, parameters: Parameters) -> str | None:
    """Say why the value cannot carry a digest, None where it can."""
    document = place.document
    scope = document.root if parameters.whole else owner(place) or document.root
    uses = _mentions(document.file, document.span(scope), parameters.mention)[name]
    if uses > 1:
        return f"the parameter {name} is used {uses} times here, so its value cannot carry the digest of one image"
    if id(node) in _chosen(document.root):
        return f"the parameter {name} must be one of its enum; write the digest there by hand"
    line = _set_elsewhere(document.file, name, document.span(node))
    return f"line {line} sets the parameter {name} too, and what it sets would not be pinned" if line else None


# Many parameters of one document ask.
@lru_cache(maxsize=1)
def _chosen(root: Node) -> frozenset[int]:
    """Return the ids of what stands in a mapping beside an `enum`, which says what it may be."""
    found, seen, stack = set[int](), set[int](), [root]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            below = list(children(node))
            stack += below
            found |= {id(one) for one in below} if lookup(node, "enum") is not None else set()
    return frozenset(found)


@lru_cache(maxsize=8)
def _mentions(file: SourceFile, span: Span, mention: re.Pattern[str]) -> Counter[str]:
    return Counter(match[1] for match in mention.finditer(file.text, span.start, span.stop))


def _set_elsewhere(file: SourceFile, name: str, own: Span) -> int | None:
    """Return a line of the file that gives a parameter of that name a value, other than its own; None for none."""
    for setting in _settings(file).get(name, ()):
        between = file.text[setting.stop : own.start] if own.start - setting.stop < _MOST else "…"
        within = setting.start <= own.start < setting.stop
        if not within and (own.start < setting.start or between.strip(" \t\r\n\"'&!|>-")):
            return file.position(setting.start).line
    return None


@lru_cache(maxsize=1)
def _settings(file: SourceFile) -> dict[str, list[Span]]:
    """Return where the parameters of a file are given values, by their names."""
    found: dict[str, list[Span]] = defaultdict(list)
    for pattern in _SETTINGS:
        for match in re.finditer(pattern, file.text, re.MULTILINE):
            found[match[1]].append(Span(*match.span()))
    return found


def _remarks(file: SourceFile, span: Span) -> tuple[Directive, ...]:
    """Return the remarks about the line of the value."""
    line = file.position(span.start).line
    return directives(file.line_text(line - 1) if line > 1 else "", file.line_text(line))
