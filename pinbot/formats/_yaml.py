"""What makes a YAML format a table: which files, which documents, which routes, and what stands at their ends.

JSON is read by the same composer. A format is written as

    FORMAT = yaml_format(
        "quay-mirror",
        about=About("Quay mirrors", …),
        claims=named(r"mirror.*"),
        needles=("mirrors", "image"),
        routes=(Route("mirrors.*.image"), Route("mirrors.*.fallbacks[]")),
        closed=("mirrors.examples",),
    )

and a route whose parts stand in several scalars (`repository:`, `tag:`, `digest:`) leads to their mapping and
brings a reader of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pinbot.formats._base import About, Companions, Format, any_path
from pinbot.formats._claims import YAML
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_stream import Document, parts
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

Reader = Callable[[Place, str, str], Iterator[Yield]]
"""Yields what stands at a place; it is given the name of the format and the label of the document."""
Word = str | tuple[str, ...]
"""What must stand in a text; of several, one of them."""
Label = Callable[["Node"], str | None]
"""Says what a document is called in reports (`Deployment/web`), None for one that is not of the format."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a reference, in the language of `_yaml_walk`, and how to read what stands there."""

    path: str
    read: Reader = literal


def yaml_format(
    name: str,
    *,
    about: About,
    routes: tuple[Route, ...],
    closed: tuple[str, ...] = (),
    claims: Callable[[str], bool] = any_path,
    endings: Collection[str] = YAML,
    needles: tuple[Word, ...] = (),
    never: tuple[bytes, ...] = (),
    passed_over: re.Pattern[str] | None = None,
    document: Label = lambda _root: "",
    general: bool = False,
    fallback: bool = False,
) -> Format:
    """Return the format of YAML files that `claims` names among those with one of the `endings`.

    All `needles` must stand in the document, and `passed_over` must not be found in it: composing takes most of the
    time, and a look at the text is cheap. `routes` lead to references, `closed` to what is not entered.
    `document` names the documents that count. Where a file is YAML only once its `{{ … }}` are filled in, it is read
    with those blanked out.
    """

    @cache
    def chart() -> Map:
        return Map.of([route.path for route in routes], closed)

    def scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
        def read(one: Document) -> Iterator[Yield]:
            label = document(one.root)
            if label is not None:
                for number, place in places(one, chart()):
                    yield from routes[number].read(place, name, label)

        yield from scan_documents(file, read, needles, passed_over)

    return Format(
        name,
        scan,
        about,
        claims,
        endings=frozenset(endings),
        needles=tuple(_encoded(needle) for needle in needles),
        never=never,
        general=general,
        fallback=fallback,
    )


def _encoded(word: Word) -> bytes | tuple[bytes, ...]:
    return word.encode() if isinstance(word, str) else tuple(one.encode() for one in word)


def scan_documents(
    file: SourceFile,
    read: Callable[[Document], Iterator[Yield]],
    needles: tuple[Word, ...] = (),
    passed_over: re.Pattern[str] | None = None,
) -> Iterator[Yield]:
    """Yield what `read` finds in each document that counts by its text, and a Skip for each that is no YAML."""
    for part in parts(file):
        # What is passed over shows in its first lines, what it lacks only at its end.
        if not (passed_over and part.matches(passed_over)) and part.holds(needles):
            composed = part.filled
            for document in composed.documents:
                yield from read(document)
            if composed.rest is not None:
                yield composed.rest
