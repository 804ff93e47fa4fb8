"""Expressions in a workflow, as far as they lead to values that the file itself holds.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions and, for what is known in a container,
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pinbot.formats._github_matrix import combinations
from pinbot.formats._yaml_nodes import is_mapping, is_sequence, lookup, text_at
from pinbot.formats._yaml_scalar import Text, shortened
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_variables import (
    Literal,
    Lookup,
    Piece,
    Value,
    Variable,
    cut_at,
    mentions,
    value_at,
)
from pinbot.formats._yaml_walk import Place
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._github_matrix import Combination
    from pinbot.formats._yaml_nodes import Node

# The limits keep the search linear; no expression in a reference comes near them.
_EXPRESSION = re.compile(r"\$\{\{([^}]{0,500})\}\}")
# `matrix.image`, `inputs['image']`, `vars.IMAGE || 'node:20'`, `'node:20'`
_SIMPLE = re.compile(
    r"\s{0,99}(?P<path>[A-Za-z_][\w-]{0,99}(?:\.[\w-]{1,99}|\['[^']{1,99}'\]){0,9})?"
    r"(?:(?(path)\s{0,99}\|\|)\s{0,99}'(?P<text>[^']{0,400})')?\s{0,99}"
)
# What hands over all of them is counted under no name.
_INPUT = re.compile(r"\binputs\s?(?:\.|\[\s?')\s?([\w-]+)|\btojson\(\s?(?:github\.event\.)?inputs\s?\)", re.IGNORECASE)
_STEP = re.compile(r"\['([^']*)'\]|\.?([\w-]+)")
_UNKNOWN = {
    "env": "GitHub knows no env in this place; use an input or the value itself",
    "vars": "the settings of the repository or its organisation say what {} is",
    "secrets": "the settings of the repository or its organisation say what {} is",
    "inputs": "whoever starts the workflow says what {} is",
    "matrix": "the matrix is computed while the workflow runs, so {} is not known before",
}
_AT_RUN_TIME = "{} is known only while the workflow runs"


def _piece(match: re.Match[str], base: int | None) -> Piece:
    simple = _SIMPLE.fullmatch(match[1])
    if simple is None or simple.end() == 0:
        return Variable(shortened(match[0]))
    start = None if base is None or simple["text"] is None else base + match.start(1) + simple.start("text")
    text = None if simple["text"] is None else Literal(simple["text"], start)
    if simple["path"]:
        return Variable(_normal(simple["path"]), text)
    return text or Variable(shortened(match[0]))


def _normal(path: str) -> str:
    """Return a path with dots only, its context in lower case: `matrix.image` for `Matrix['image']`."""
    context, *names = (quoted or bare for quoted, bare in _STEP.findall(path))
    return ".".join((context.lower(), *names))


_cut = cut_at(_EXPRESSION, _piece)


def cut(text: Text) -> Sequence[Piece]:
    """Return the literal stretches and the expressions of a text."""
    return _cut(text)


def without_expressions(name: str) -> str:
    """Say that nothing is filled in here: the lookup of `uses`."""
    return f"GitHub fills in no expressions here, so {name} stays as it is written"


class Workflow:
    """What the expressions of a workflow can mean."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._combinations: dict[str, Sequence[Combination | None]] = {}

    def lookups(self, place: Place) -> Iterator[Lookup]:
        """Yield what the variables at a place in a job mean, for each combination of its matrix."""
        job = str(place.path[1])
        for combination in self._combinations_of(job) if "matrix" in str(place.node.value).lower() else [None]:
            yield partial(self._value, job, combination)

    def _combinations_of(self, job: str) -> Sequence[Combination | None]:
        if job not in self._combinations:
            found = combinations(self._job(job))
            self._combinations[job] = [None] if found is None else found
        return self._combinations[job]

    def _job(self, name: str) -> Node | None:
        return lookup(lookup(self._document.root, "jobs"), name)

    def _value(self, job: str, combination: Combination | None, name: str) -> Value | str:
        context, _, rest = name.partition(".")
        value: Value | str | None = None
        if context == "matrix" and combination is not None:
            value = self._of_matrix(job, combination, rest)
        elif context == "inputs":
            value = self._of_input(rest)
        return value or _UNKNOWN.get(context, _AT_RUN_TIME).format(name)

    def _of_matrix(self, job: str, combination: Combination, path: str) -> Value | str | None:
        name, *inner = path.split(".")
        node = combination.get(name)
        for key in inner:
            node = lookup(node, key)
        if node is None:
            # A combination without it gives nothing; a vector that is an expression gives something unknown.
            vector = lookup(lookup(lookup(self._job(job), "strategy"), "matrix"), name)
            return Value(Text("", Span(0, 0))) if vector is None or is_sequence(vector) else None
        return value_at(
            self._document, node, f"its value comes from the matrix of job {job}; write the digest there by hand"
        )

    def _of_input(self, name: str) -> Value | str | None:
        """Return the default of an input, where one is given."""
        declared = list(self._inputs(name))
        defaults = [one for one in (lookup(node, "default") for node in declared) if one is not None]
        if not defaults:
            return None
        return value_at(self._document, defaults[0], self._why_fixed(name, declared))

    def _inputs(self, name: str) -> Iterator[Node]:
        triggers = lookup(self._document.root, "on")
        for trigger in ("workflow_call", "workflow_dispatch"):
            declared = lookup(lookup(lookup(triggers, trigger), "inputs"), name)
            if is_mapping(declared):
                yield declared

    def _why_fixed(self, name: str, declared: Sequence[Node]) -> str | None:
        """Say why the default of an input cannot carry a digest; None where it can."""
        if len(declared) > 1:
            return f"inputs.{name} is declared twice, for workflow_call and workflow_dispatch"
        if lookup(declared[0], "options") is not None:
            return f"inputs.{name} must be one of its options; write the digest there by hand"
        if text_at(declared[0], "type") not in {"", "string"}:
            return f"inputs.{name} is declared as no string, so a digest in its default would be refused"
        mentioned = mentions(self._document.root, _INPUT)
        if mentioned[""]:
            return "toJSON(inputs) is used in this file, so no default of an input can carry a digest"
        uses = mentioned[name]
        if uses > 1:
            return f"inputs.{name} is used {uses} times in this file, so its default cannot carry one digest"
        return None
