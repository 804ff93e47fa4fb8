"""Routes: a tiny language for places in a YAML document, and the walk that finds them.

    services.*.image            the image of every service
    **.containers[].image       at any depth, in every item of a sequence
    annotations."a.b/c"         a key that holds a dot

`*` is any key, `[]` any item, `**` any number of keys and items, none included. A merge key (`<<`, see
https://yaml.org/type/merge.html) is no step: what is merged stands where it is merged into.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_mapping, is_merge, is_scalar, is_sequence, merged_into
from pinbot.formats._yaml_stream import Document
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_STEP = re.compile(r'"(?P<quoted>[^"]+)"|(?P<item>\[\])|(?P<name>[^.\[\]"]+)')
_ITEM = "[]"
_ANY = "*"
_DEEP = "**"

Path = tuple[str | int, ...]
State = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """A node that a route leads to: the keys and indices on the way, and the nodes above it, the root first."""

    document: Document
    path: Path
    node: Node
    above: tuple[Node, ...]

    @property
    def where(self) -> str:
        """The place in words: `spec.containers[0].image`."""
        return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path).lstrip(".")


class Routes:
    """Several routes as one machine, which knows after each step which of them may still be followed."""

    def __init__(self, routes: Sequence[str]) -> None:
        self._steps = tuple(_steps(route) for route in routes)
        self._names = {step for steps in self._steps for step in steps} - {_ITEM, _ANY, _DEEP}
        self._known: dict[tuple[State, str], State] = {}
        self._ends: dict[State, tuple[int, ...]] = {}
        self.start = self._settled((number, 0) for number in range(len(self._steps)))

    def step(self, state: State, key: str | int) -> State:
        """Return the state after a key or an item."""
        name = _ITEM if isinstance(key, int) else key if key in self._names else _ANY
        after = self._known.get((state, name))
        if after is None:
            after = self._known[state, name] = self._settled(self._moves(state, name))
        return after

    def arrived(self, state: State) -> tuple[int, ...]:
        """Return the numbers of the routes that end here, in their order."""
        if state not in self._ends:
            self._ends[state] = tuple(sorted(route for route, at in state if at == len(self._steps[route])))
        return self._ends[state]

    def _moves(self, state: State, name: str) -> Iterator[tuple[int, int]]:
        for route, at in state:
            wanted = self._steps[route][at] if at < len(self._steps[route]) else None
            if wanted == _DEEP:
                yield route, at
            elif wanted == name or (wanted == _ANY and name != _ITEM):
                yield route, at + 1

    def _settled(self, places: Iterable[tuple[int, int]]) -> State:
        """Return the state with what `**` may pass over."""
        todo, state = list(places), set[tuple[int, int]]()
        while todo:
            route, at = todo.pop()
            state.add((route, at))
            if at < len(self._steps[route]) and self._steps[route][at] == _DEEP:
                todo.append((route, at + 1))
        return frozenset(state)


def _steps(route: str) -> tuple[str, ...]:
    return tuple(m["quoted"] or m["item"] or m["name"] for m in _STEP.finditer(route))


@dataclass(frozen=True, slots=True)
class Map:
    """Where to look: the first `wanted` of the routes lead to places, the others to what is not entered.

    `words` are the keys in which the wanted routes end: what holds none of them in its text is not entered.
    None where a route ends in no key, so that everything has to be.
    """

    routes: Routes
    wanted: int
    words: re.Pattern[str] | None

    @classmethod
    def of(cls, routes: Sequence[str], closed: Sequence[str] = ()) -> Map:
        """Return the map of these routes."""
        last = {_steps(route)[-1] for route in routes}
        words = None if last & {_ITEM, _ANY, _DEEP} else re.compile("|".join(map(re.escape, sorted(last))))
        return cls(Routes((*routes, *closed)), len(routes), words)


def places(document: Document, chart: Map) -> Iterator[tuple[int, Place]]:
    """Yield each place that a route leads to, with the number of the route, in the order of the document.

    A node that aliases put into several places is yielded once for each route.
    """
    near = _Near(document, chart.words)
    seen: set[tuple[int, State]] = set()
    stack: list[tuple[State, Path, Node, tuple[Node, ...]]] = [(chart.routes.start, (), document.root, ())]
    while stack:
        state, path, node, above = stack.pop()
        if (id(node), state) in seen:
            continue
        seen.add((id(node), state))
        arrived = chart.routes.arrived(state)
        if arrived and arrived[-1] >= chart.wanted:
            continue
        for route in arrived:
            yield route, Place(document, path, node, above)
        if not is_scalar(node):
            stack += reversed(list(_below(chart.routes, near, state, path, node, above)))


def _below(
    routes: Routes, near: _Near, state: State, path: Path, node: Node, above: tuple[Node, ...]
) -> Iterator[tuple[State, Path, Node, tuple[Node, ...]]]:
    """Yield what has to be looked at below a node."""
    inner = (*above, node)
    if is_mapping(node):
        for key, value in node.value:
            if not near.has(key, value):
                continue
            if is_merge(key):
                yield from ((state, path, merged, inner) for merged in merged_into(value))
            elif is_scalar(key) and (after := routes.step(state, key.value)):
                yield after, (*path, key.value), value, inner
    elif is_sequence(node) and (after := routes.step(state, 0)):
        for index, item in enumerate(node.value):
            if near.has(item, item):
                yield after, (*path, index), item, inner


class _Near:
    """Whether one of the words stands within a stretch of the document."""

    def __init__(self, document: Document, words: re.Pattern[str] | None) -> None:
        # An alias stands for text that is elsewhere, so nothing can be left out by its place.
        self._open = words is None or document.aliased
        whole: Span = document.span(document.root)
        found = words.finditer(document.file.text, whole.start, whole.stop) if words and not self._open else ()
        self._hits = [match.start() - document.base for match in found]

    def has(self, first: Node, last: Node) -> bool:
        """Whether a word stands between the start of `first` and the end of `last`."""
        if self._open:
            return True
        at = bisect_left(self._hits, first.start_mark.index)
        return at < len(self._hits) and self._hits[at] < last.end_mark.index
