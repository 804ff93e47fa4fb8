"""An Azure pipeline or template as one file shows it: which containers it declares, and what its variables mean.

https://learn.microsoft.com/azure/devops/pipelines/process/variables and
https://learn.microsoft.com/azure/devops/pipelines/process/template-parameters
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import shortened
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_variables import Cut, Lookup, Piece, Value, Variable, cut_at, mentions, value_at

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# `${{ parameters.image }}`, `$[ variables['image'] ]`, `$(image)`; the limits keep the search linear.
_EXPRESSION = re.compile(r"\$\{\{([^{}]{1,300})\}\}|\$\[([^$]{1,300}?)\](?!\s?\])|\$\(([\w.]{1,100})\)")
_SIMPLE = re.compile(r"\s{0,9}(variables|parameters)(?:\.([\w-]+)|\[\s{0,9}'([^']+)'\s{0,9}\])\s{0,9}")
_PARAMETERS = "parameters."
_PARAMETER = re.compile(r"\bparameters(?:\.|\[\s?')([\w-]+)", re.IGNORECASE)
# `$(image)`, `variables.image`, `variables['image']`, and in scripts `$IMAGE`, `${IMAGE}`, `$env:IMAGE`, `%IMAGE%`.
_USE = re.compile(r"(?:\$\(|\bvariables\.|\bvariables\[\s?'|\$env:|\$\{?|%)([\w.]+)", re.IGNORECASE)
_VARIABLES = "variables."
_MAX_ROWS = 200
# What stands at the top of a pipeline that runs by itself.
_OWN_RUN = ("trigger", "pr", "schedules", "pool")


def _piece(match: re.Match[str], _base: int | None) -> Piece:
    if match[3]:
        return Variable(f"{_VARIABLES}{match[3]}")
    simple = _SIMPLE.fullmatch(match[1] or match[2])
    return Variable(f"{simple[1]}.{simple[2] or simple[3]}" if simple else shortened(match[0]))


cut: Cut = cut_at(_EXPRESSION, _piece)


class Pipeline:
    """One document of a pipeline."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._root = document.root
        self._variables: dict[int, Mapping[str, Node | None]] = {}

    @cached_property
    def aliases(self) -> frozenset[str]:
        """The names of the containers that the file declares."""
        containers = lookup(lookup(self._root, "resources"), "containers")
        declared = [text_at(one, "container") for one in (containers.value if is_sequence(containers) else ())]
        handed_on = lookup(lookup(lookup(self._root, "extends"), "parameters"), "containers")
        return frozenset([*declared, *(str(key.value) for key, _ in pairs(handed_on))])

    @property
    def runs_by_itself(self) -> bool:
        """Whether no other file can declare the containers that this one names."""
        own = any(lookup(self._root, key) is not None for key in _OWN_RUN)
        return own and lookup(self._root, "extends") is None and lookup(self._root, "parameters") is None

    def lookups(self, above: Sequence[Node]) -> Iterator[Lookup]:
        """Yield what the variables mean below these nodes, for each row of the matrix of a job."""
        for row in self._rows(above):
            yield partial(self._value, above, row)

    def _rows(self, above: Sequence[Node]) -> list[Mapping[str, Node]]:
        matrix = next((one for one in (lookup(lookup(n, "strategy"), "matrix") for n in reversed(above)) if one), None)
        rows: list[Mapping[str, Node]] = [
            {str(key.value): value for key, value in pairs(row)} for _, row in pairs(matrix)
        ]
        return rows[:_MAX_ROWS] or [{}]

    def _value(self, above: Sequence[Node], row: Mapping[str, Node], name: str) -> Value | str:
        value: Value | str | None = None
        if name.startswith(_PARAMETERS):
            value = self._parameter(name.removeprefix(_PARAMETERS))
            value = value or f"whoever uses this template says what {name} is"
        elif name.startswith(_VARIABLES):
            value = self._variable(above, row, name.removeprefix(_VARIABLES))
        if isinstance(value, Value) and value.text.value in self.aliases:
            return f"{value.text.value} is the name of a container that resources declares"
        return value or f"{name} is known only when the pipeline runs"

    def _variable(self, above: Sequence[Node], row: Mapping[str, Node], name: str) -> Value | str | None:
        if name in row:
            return value_at(self._document, row[name], "its value comes from a matrix; write the digest there by hand")
        for node in reversed(above):
            if id(node) not in self._variables:
                self._variables[id(node)] = dict(_settings(lookup(node, "variables"), "value"))
            value = self._variables[id(node)].get(name)
            if value is not None:
                return value_at(self._document, value, self._why_fixed(name))
        return None

    def _why_fixed(self, name: str) -> str | None:
        uses = self._uses[_in_scripts(name)]
        return f"{name} is used {uses} times in this file, so its value cannot carry one digest" if uses > 1 else None

    @cached_property
    def _uses(self) -> Counter[str]:
        """How often each variable is used, under whatever spelling."""
        uses: Counter[str] = Counter()
        for written, count in mentions(self._root, _USE).items():
            uses[_in_scripts(written)] += count
        return uses

    def _parameter(self, name: str) -> Value | str | None:
        declared = lookup(self._root, "parameters")
        for key, default in _settings(declared, "default"):
            if key == name and default is not None and not is_null(default):
                return value_at(self._document, default, self._why_parameter_fixed(name, declared))
        return None

    def _why_parameter_fixed(self, name: str, declared: Node | None) -> str | None:
        items = declared.value if is_sequence(declared) else ()
        if any(text_at(item, "name") == name and lookup(item, "values") is not None for item in items):
            return f"parameters.{name} must be one of its values; write the digest there by hand"
        if any(text_at(item, "name") == name and text_at(item, "type") not in {"", "string"} for item in items):
            return f"parameters.{name} is declared as no string, so a digest in its default would be refused"
        uses = mentions(self._root, _PARAMETER)[name]
        if uses > 1:
            return f"parameters.{name} is used {uses} times in this file, so its default cannot carry one digest"
        return None


def _in_scripts(name: str) -> str:
    """Return the name under which scripts see a variable; upper and lower case are one."""
    return name.upper().replace(".", "_").replace(" ", "_")


def _settings(node: Node | None, key: str) -> Iterator[tuple[str, Node | None]]:
    """Yield names and values of a mapping, or of a list of `name:` beside `value:` or `default:`."""
    if is_mapping(node):
        yield from ((str(name.value), value) for name, value in pairs(node))
    elif is_sequence(node):
        yield from ((text_at(item, "name"), lookup(item, key)) for item in node.value)


def is_job(node: Node) -> bool:
    """Whether a mapping is a job."""
    return lookup(node, "job") is not None or lookup(node, "deployment") is not None


def is_pipeline(root: Node) -> bool:
    """Whether a document looks like a pipeline, or a template for one, and like nothing else."""
    containers = lookup(lookup(root, "resources"), "containers")
    if is_sequence(containers) and any(lookup(one, "container") is not None for one in containers.value):
        return True
    if text_at(root, "extends", "template"):
        return True
    return _lists(root, "jobs", ("job", "deployment", "template")) or _lists(root, "stages", ("stage", "template"))


def _lists(root: Node, key: str, names: tuple[str, ...]) -> bool:
    items = lookup(root, key)
    return is_sequence(items) and any(
        is_mapping(item) and any(is_scalar(lookup(item, name)) for name in names) for item in items.value
    )
