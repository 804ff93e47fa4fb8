"""How an image of CircleCI's Docker executor is read, in its own files and in files of other names."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._circleci_parameters import cut, lookups
from pinbot.formats._yaml_variables import references
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding

# Steps hold text for others.
CLOSED = ("**.steps",)


def read(place: Place, format_name: str, _label: str) -> Iterator[Finding]:
    """Yield the image at a place, or the default that ends it."""
    yield from references(place, format_name, cut, lookups(place))
