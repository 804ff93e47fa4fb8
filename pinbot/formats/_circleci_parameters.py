"""Parameters of CircleCI's jobs and executors, as far as the file that declares them says what they are.

https://circleci.com/docs/guides/orchestrate/reusable-config/#using-parameters-in-executors
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, islice, product
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import every, is_mapping, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_variables import Cut, Lookup, Piece, Value, Variable, cut_at, mentions, value_at
from pinbot.formats._yaml_walk import Place

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

    Arguments = Mapping[str, Node]

# `<< parameters.tag >>`; the limit keeps the search linear.
_PARAMETER = re.compile(r"<<[ \t]{0,9}([^<>]{1,200}?)[ \t]{0,9}>>")
_OF_PIPELINE = "pipeline.parameters."
_OF_OWNER = "parameters."
_OF_MATRIX = "matrix."
_MAX_CALLS = 200


def _piece(match: re.Match[str], _base: int | None) -> Piece:
    return Variable(match[1])


cut: Cut = cut_at(_PARAMETER, _piece)


def lookups(place: Place) -> Iterator[Lookup]:
    """Yield what parameters mean at an image, for each time that its job or executor is run in the file."""
    scope = _Scope(place)
    for call in islice(scope.calls(), _MAX_CALLS):
        yield partial(scope.value, call)


class _Scope:
    """The job or executor in which an image stands."""

    def __init__(self, place: Place) -> None:
        self._document = place.document
        # A source file of an orb is one job or executor: its name is that of the file.
        whole = place.path[0] == "docker"
        self._above = place.above if whole else place.above[1:]
        self._name = "" if whole else str(place.path[-4])
        self._qualified = f"{place.path[1]}/{self._name}" if place.path[0] == "orbs" else self._name

    def calls(self) -> Iterator[Arguments]:
        """Yield the arguments of each call, or no arguments where nothing in the file calls it."""
        names = sorted({self._name, self._qualified} - {""})
        run, taken = _job_calls(self._document.root), _executor_calls(self._document.root)
        rows = (row for name in names for arguments in run.get(name, ()) for row in _rows(arguments))
        found = chain(rows, *(taken.get(name, ()) for name in names))
        first = next(found, {})
        yield from chain([first], found)

    def value(self, call: Arguments, name: str) -> Value | str:
        """Return what a parameter means in a call."""
        value: Value | str | None = None
        if name.startswith(_OF_PIPELINE):
            key = name.removeprefix(_OF_PIPELINE)
            value = self._default(self._document.root, lookup(lookup(self._document.root, "parameters"), key), name)
        elif name.startswith(_OF_OWNER):
            value = self._argument(call, name.removeprefix(_OF_OWNER), name)
        elif name.startswith(_OF_MATRIX) and (given := call.get(name)) is not None:
            value = value_at(self._document, given, self._elsewhere())
        return value or f"CircleCI sets {name} when the pipeline runs"

    def _argument(self, call: Arguments, key: str, name: str) -> Value | str | None:
        given = call.get(key)
        if given is None:
            owner = next((node for node in reversed(self._above) if lookup(lookup(node, "parameters"), key)), None)
            value = self._default(owner, lookup(lookup(owner, "parameters"), key), name) if owner is not None else None
            return value or f"{name} has no default; whoever uses {self._name or 'this'} says what it is"
        value = value_at(self._document, given, self._elsewhere())
        if isinstance(value, Value) and _OF_OWNER in value.text.value.replace(_OF_PIPELINE, ""):
            return f"{name} is passed on from the parameters of what uses {self._name}"
        return value

    def _elsewhere(self) -> str:
        return f"its value is given where {self._name} is used; write the digest there by hand"

    def _default(self, owner: Node, declared: Node | None, name: str) -> Value | str | None:
        default = lookup(declared, "default")
        if default is None:
            return None
        return value_at(self._document, default, _why_fixed(owner, declared, name))


def _why_fixed(owner: Node, declared: Node | None, name: str) -> str | None:
    """Say why the default of a parameter cannot carry a digest; None where it can."""
    if text_at(declared, "type") == "enum":
        return f"{name} must be one of its enum; write the digest there by hand"
    if text_at(declared, "type") not in {"", "string"}:
        return f"{name} is declared as no string, so a digest in its default would be refused"
    uses = mentions(owner, _PARAMETER)[name]
    return f"{name} is used {uses} times, so its default cannot carry one digest" if uses > 1 else None


# A file has many images; the calls of its jobs and executors are looked up once for all of them.
@lru_cache(maxsize=1)
def _job_calls(root: Node) -> Mapping[str, Sequence[Node | None]]:
    """Return the arguments with which workflows run each job, None where they give none."""
    calls: dict[str, list[Node | None]] = defaultdict(list)
    for _, workflow in pairs(lookup(root, "workflows")):
        jobs = lookup(workflow, "jobs")
        for item in jobs.value if is_sequence(jobs) else ():
            for key, arguments in pairs(item):
                calls[str(key.value)].append(arguments)
            if is_scalar(item):
                calls[str(item.value)].append(None)
    return calls


def _rows(arguments: Node | None) -> Iterator[Arguments]:
    """Yield the arguments of a job, each row of its matrix on its own."""
    given = {str(key.value): value for key, value in pairs(arguments)}
    matrix = lookup(given.get("matrix"), "parameters")
    vectors = {str(key.value): value.value for key, value in pairs(matrix) if is_sequence(value)}
    for values in islice(product(*vectors.values()), _MAX_CALLS):
        row = dict(zip(vectors, values, strict=True))
        yield {**given, **row, **{f"{_OF_MATRIX}{name}": value for name, value in row.items()}}


@lru_cache(maxsize=1)
def _executor_calls(root: Node) -> Mapping[str, Sequence[Arguments]]:
    """Return the arguments with which jobs take each executor."""
    calls: dict[str, list[Arguments]] = defaultdict(list)
    for node in every(root):
        executor = lookup(node, "executor") if is_mapping(node) else None
        if is_scalar(executor):
            calls[str(executor.value)].append({})
        elif is_mapping(executor):
            calls[text_at(executor, "name")].append({str(key.value): value for key, value in pairs(executor)})
    return calls
