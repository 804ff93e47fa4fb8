"""A bake file as its targets, whether HCL or JSON: https://docs.docker.com/build/bake/reference/.

A target takes over what the ones it inherits set, the later ones first; its maps are merged, key by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pinbot.formats._hcl import top
from pinbot.formats._hcl_json import expression_of, used_in_text
from pinbot.formats._hcl_kinds import Expression, Items, Object, Template
from pinbot.formats._hcl_tree import Tree
from pinbot.formats._hcl_uses import used_names
from pinbot.formats._hcl_values import NULL, Given, Variables, is_nothing
from pinbot.formats._yaml_nodes import lookup, pairs
from pinbot.formats._yaml_stream import Document
from pinbot.source.text import SourceFile

# What a target sets that is built for itself.
_RESULT = frozenset({"output", "tags", "target"})
_MERGED = ("args", "contexts")
# Docker sets no limit but refuses circles; the longest chains that people write have four or five.
_MAX_STEPS = 32

Attributes = dict[str, Expression]
Uses = Callable[[], Mapping[tuple[str, ...], Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Target:
    """A target, as it is written."""

    name: str
    attributes: Attributes
    line: int


@dataclass(frozen=True)
class Bake:
    """The targets of a file and the variables that it knows."""

    file: SourceFile
    targets: Mapping[str, Target]
    groups: tuple[Attributes, ...]
    variables: Variables
    _known: dict[str, Attributes] = field(default_factory=dict)

    def resolved(self, name: str) -> Attributes:
        """Return what a target sets and inherits."""
        if name not in self._known:
            self._known[name] = self._merged(name, ())
        return self._known[name]

    def is_base(self, name: str) -> bool:
        """Whether a target is there to be inherited from only, as far as the file shows."""
        makes_something = not _RESULT.isdisjoint(self.targets[name].attributes)
        return name in self._inherited and name not in self._grouped and not makes_something

    def text(self, value: Expression | None) -> str | None:
        """Return the text that a value comes to, None where it is unknown."""
        found = self.variables.value(value) if value else None
        return None if found is None or found.problem else found.text

    def strings(self, value: Expression | None) -> Iterator[str]:
        """Yield the texts of a list, as far as they are known."""
        for item in value.items if isinstance(value, Items) else ():
            text = self.text(item)
            if text:
                yield text

    def _merged(self, name: str, way: tuple[str, ...]) -> Attributes:
        target = self.targets.get(name)
        if target is None or name in way or len(way) > _MAX_STEPS:
            return {}
        merged: Attributes = {}
        for parent in self.strings(target.attributes.get("inherits")):
            if parent not in self._known:
                self._known[parent] = self._merged(parent, (*way, name))
            merged = _over(merged, self._known[parent])
        return _over(merged, target.attributes)

    @cached_property
    def _inherited(self) -> frozenset[str]:
        return frozenset(n for t in self.targets.values() for n in self.strings(t.attributes.get("inherits")))

    @cached_property
    def _grouped(self) -> frozenset[str]:
        return frozenset(name for group in self.groups for name in self.strings(group.get("targets")))


def _over(below: Attributes, above: Attributes) -> Attributes:
    """Return the attributes of two targets laid over one another."""
    merged = {**below, **above}
    for name in _MERGED:
        first, second = below.get(name), above.get(name)
        if isinstance(first, Object) and isinstance(second, Object):
            merged[name] = Object(tuple({**dict(first.entries), **dict(second.entries)}.items()), second.span)
    return merged


def of_tree(tree: Tree) -> Bake:
    """Return what an HCL file bakes."""
    file = top(tree)
    targets = {
        block.labels[0]: Target(block.labels[0], dict(block.attributes()), block.line)
        for block in file.blocks("target")
        if block.labels
    }
    values = {block.labels[0]: block.get("default") for block in file.blocks("variable") if block.labels}
    values |= dict(file.attributes())
    groups = tuple(dict(block.attributes()) for block in file.blocks("group"))
    return Bake(tree.file, targets, groups, _variables(tree.file, values, lambda: used_names(tree)))


def of_document(document: Document) -> Bake:
    """Return what a JSON file bakes."""
    below = {kind: dict(_objects(document, kind)) for kind in ("target", "variable", "group")}
    targets = {name: Target(name, dict(one.entries), line) for name, (one, line) in below["target"].items()}
    values = {name: one.get("default") for name, (one, _) in below["variable"].items()}
    groups = tuple(dict(one.entries) for one, _ in below["group"].values())
    variables = _variables(document.file, values, lambda: used_in_text(document.file))
    return Bake(document.file, targets, groups, variables)


def _objects(document: Document, kind: str) -> Iterator[tuple[str, tuple[Object, int]]]:
    for key, node in pairs(lookup(document.root, kind)):
        value = expression_of(document, node)
        if isinstance(value, Object):
            yield str(key.value), (value, document.file.position(document.span(key).start).line)


def _variables(file: SourceFile, values: Mapping[str, Expression | None], uses: Uses) -> Variables:
    return Variables(
        file,
        {(name,): Given(file, value) for name, value in values.items() if value is not None},
        lambda name: f"{name}=… in the environment",
        lambda names: f"{'.'.join(names)} has no value in this file: a matrix, the environment or another file sets it",
        uses,
    )


def given(value: Expression, bake: Bake) -> bool:
    """Whether an argument is set at all: one that comes to null is left to the Dockerfile."""
    if is_nothing(value) and not isinstance(value, Template):
        return False
    found = bake.variables.value(value)
    return not (found.problem and found.problem.reason == NULL)
