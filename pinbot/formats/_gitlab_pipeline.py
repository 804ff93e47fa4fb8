"""A GitLab pipeline as one file shows it: which job takes which setting, and what its variables mean there.

https://docs.gitlab.com/ci/yaml/#extends, https://docs.gitlab.com/ci/variables/#cicd-variable-precedence and, for
components, https://docs.gitlab.com/ci/inputs/.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice, product
from typing import TYPE_CHECKING

from pinbot.formats._base import Companions
from pinbot.formats._yaml_nodes import every, is_mapping, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_variables import Lookup, Value, mentions, value_at

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# What stands at the top of a file without being a job (https://docs.gitlab.com/ci/jobs/#job-names).
NO_JOBS = frozenset({"include", "spec", "stages", "types", "variables", "workflow", "cache", "image", "services"})
# GitLab allows 11 levels of `extends`, and 200 jobs for one matrix.
_MAX_PARENTS = 100
_MAX_JOBS = 200
_MAX_CONTEXTS = 500
_INPUTS = "inputs."
_WORD = re.compile(r"(\w+)")
_INPUT = re.compile(r"\$\[\[\s?inputs\.([\w-]+)")
# https://docs.gitlab.com/ci/variables/predefined_variables/; people have variables of their own that begin with CI_.
_PREDEFINED = (
    "CI_API_",
    "CI_COMMIT_",
    "CI_DEPENDENCY_PROXY_",
    "CI_ENVIRONMENT_",
    "CI_JOB_",
    "CI_MERGE_REQUEST_",
    "CI_PIPELINE_",
    "CI_PROJECT_",
    "CI_REGISTRY",
    "CI_SERVER_",
    "CI_TEMPLATE_REGISTRY_HOST",
    "GITLAB_USER_",
)


class Pipeline:
    """One document with jobs, and the head of the file, which declares inputs where it is a component."""

    def __init__(self, document: Document, head: Document | None, companions: Companions) -> None:
        self._document = document
        self._head = head
        self._companions = companions
        self._known_layers: dict[str, Sequence[Node]] = {}
        self._known_variables: dict[int, Mapping[str, Node]] = {}
        self._jobs = {
            str(key.value): job
            for key, job in pairs(document.root)
            if is_mapping(job) and key.value not in NO_JOBS and key.value != "default"
        }

    def lookups(self, setting: Node, key: str, owner: str) -> Iterator[Lookup]:
        """Yield what variables mean in each job that takes this `image:` or `services:`, for each of its matrix.

        A setting that no job of the file takes is read as in its owner, a hidden job for other files.
        """
        jobs = self._takers(key).get(id(setting)) or [owner]
        contexts = ((job, row) for job in jobs for row in self._matrix(job))
        for job, row in islice(contexts, _MAX_CONTEXTS):
            yield partial(self._value, job, row)

    def _takers(self, key: str) -> Mapping[int, Sequence[str]]:
        return self._images if key == "image" else self._services

    @cached_property
    def _images(self) -> Mapping[int, Sequence[str]]:
        return self._taken("image")

    @cached_property
    def _services(self) -> Mapping[int, Sequence[str]]:
        return self._taken("services")

    def _taken(self, key: str) -> Mapping[int, Sequence[str]]:
        """Return which jobs take which node, their own or that of a job that they extend, or the default one."""
        root = self._document.root
        for_all = lookup(lookup(root, "default"), key) or lookup(root, key)
        takers: dict[int, list[str]] = defaultdict(list)
        for name in self._jobs:
            own = (lookup(layer, key) for layer in self._layers(name))
            setting = next((one for one in own if one is not None), for_all)
            if setting is not None and not name.startswith("."):
                takers[id(setting)].append(name)
        return takers

    def _layers(self, name: str) -> Sequence[Node]:
        """Return a job and what it extends, the strongest first."""
        if name not in self._known_layers:
            self._known_layers[name] = self._followed(name)
        return self._known_layers[name]

    def _followed(self, name: str) -> Sequence[Node]:
        found: dict[str, Node] = {}
        todo = [name]
        while todo and len(found) < _MAX_PARENTS:
            one = todo.pop()
            job = self._jobs.get(one)
            if job is not None and one not in found:
                found[one] = job
                todo += _words(lookup(job, "extends"))
        return list(found.values())

    def _matrix(self, name: str) -> list[Mapping[str, Node]]:
        """Return the rows of the matrix of a job, an empty one where it has none."""
        layers = (lookup(lookup(layer, "parallel"), "matrix") for layer in self._layers(name))
        matrix = next((one for one in layers if is_sequence(one)), None)
        rows: list[Mapping[str, Node]] = []
        for entry in matrix.value if matrix is not None else ():
            names = {str(key.value): value.value if is_sequence(value) else [value] for key, value in pairs(entry)}
            values = islice(product(*names.values()), _MAX_JOBS)
            rows += [dict(zip(names, one, strict=True)) for one in values]
        return rows[:_MAX_JOBS] or [{}]

    def _value(self, job: str, row: Mapping[str, Node], name: str) -> Value | str:
        value: Value | str | None
        if name.startswith(_INPUTS):
            value = self._input(name.removeprefix(_INPUTS))
            return value or f"whoever includes this file says what {name} is"
        if name in row:
            value = value_at(
                self._document, row[name], f"its value comes from the matrix of {job}; write the digest there by hand"
            )
        else:
            value = self._variable(job, name)
        return value or _unknown(name)

    def _variable(self, job: str, name: str) -> Value | str | None:
        for layer in [*self._layers(job), self._document.root]:
            node = self._variables(layer).get(name)
            if node is not None:
                inner = lookup(node, "value") if is_mapping(node) else node
                return value_at(self._document, inner, self._why_fixed(name, node))
        return None

    def _variables(self, layer: Node) -> Mapping[str, Node]:
        """Return what is set for all jobs, or for one."""
        if id(layer) not in self._known_variables:
            self._known_variables[id(layer)] = {str(k.value): v for k, v in pairs(lookup(layer, "variables"))}
        return self._known_variables[id(layer)]

    def _why_fixed(self, name: str, node: Node) -> str | None:
        """Say why the value of a variable cannot carry a digest; None where it can."""
        if self._definitions[name] > 1:
            return f"{name} is set {self._definitions[name]} times in this file; pin its values by hand"
        if lookup(node, "options") is not None:
            return f"{name} must be one of its options; write the digest there by hand"
        # The name stands in its definition as well.
        uses = mentions(self._document.root, _WORD)[name] - 1
        if uses > 1:
            return f"{name} is used {uses} times in this file, so its value cannot carry one digest"
        other = next((path for path, words in self._included if name in words), None)
        return f"{name} is used in {other} too, so its value cannot carry one digest" if other else None

    @cached_property
    def _definitions(self) -> Counter[str]:
        """How often each variable is set: for all jobs, for one, by a rule, or by a matrix."""
        return Counter(name for node in every(self._document.root) for name in _set_by(node))

    @cached_property
    def _included(self) -> list[tuple[str, frozenset[str]]]:
        """The files of the repository that this one includes by their names, each with its words."""
        include = lookup(self._document.root, "include")
        entries = include.value if is_sequence(include) else [include]
        names = (str(entry.value) if is_scalar(entry) else text_at(entry, "local") for entry in entries if entry)
        folder = posixpath.dirname(self._document.file.path)
        paths = [posixpath.normpath(posixpath.join(folder, name.lstrip("/"))) for name in names if name]
        files = ((path, self._companions(path)) for path in paths if "://" not in path and not path.startswith("../"))
        return [(path, frozenset(_WORD.findall(file.text))) for path, file in files if file]

    def _input(self, name: str) -> Value | str | None:
        declared = lookup(lookup(lookup(self._head.root, "spec"), "inputs"), name) if self._head else None
        default = lookup(declared, "default")
        if default is None or self._head is None:
            return None
        return value_at(self._head, default, self._why_input_fixed(name, declared))

    def _why_input_fixed(self, name: str, declared: Node | None) -> str | None:
        if lookup(declared, "options") is not None:
            return f"inputs.{name} must be one of its options; write the digest there by hand"
        if lookup(declared, "regex") is not None or text_at(declared, "type") not in {"", "string"}:
            return f"inputs.{name} is checked against its type or regex, which a digest may not match"
        uses = mentions(self._document.root, _INPUT)[name]
        if uses > 1:
            return f"inputs.{name} is used {uses} times in this file, so its default cannot carry one digest"
        return None


def _unknown(name: str) -> str:
    if name.startswith(_PREDEFINED):
        return f"GitLab sets {name} when the pipeline runs"
    return f"{name} has no value in this file"


def _words(node: Node | None) -> list[str]:
    """Return the texts of a scalar, or of a list of them."""
    items = node.value if is_sequence(node) else [node]
    return [str(item.value) for item in items if is_scalar(item)]


def _set_by(node: Node) -> Iterator[str]:
    """Yield the names of the variables that a mapping sets directly below it."""
    if is_mapping(node):
        yield from (str(key.value) for key, _ in pairs(lookup(node, "variables")))
        matrix = lookup(node, "matrix")
        for row in matrix.value if is_sequence(matrix) else ():
            yield from (str(key.value) for key, _ in pairs(row))
