"""Formats as `_mapping` knows them: enough to tell who looks into a file, with the rest loaded when it is needed.

Loading every format takes as long as scanning a small repository.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from pinbot.formats._base import MAX_BYTES, Companions, Format, Needle, Scan
from pinbot.formats._claims import Pattern
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

ROOM = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a format says of itself, without how it reads a file; `claims` is None where its module has to be asked."""

    name: str
    claims: Pattern | Callable[[str], bool] | None
    endings: tuple[str, ...] = ()
    needles: tuple[Needle, ...] = ()
    never: tuple[bytes, ...] = ()
    max_bytes: int = MAX_BYTES
    general: bool = False
    fallback: bool = False


def mapped(entry: Entry) -> Format:
    """Return the format of an entry, whose module is loaded when the first file is given to it."""
    return Format(
        entry.name,
        _scan_of(entry.name),
        None,
        entry.claims or _claims_of(entry.name),
        endings=frozenset(entry.endings),
        needles=entry.needles,
        never=entry.never,
        max_bytes=entry.max_bytes,
        general=entry.general,
        fallback=entry.fallback,
    )


def _scan_of(name: str) -> Scan:
    def scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
        return _loaded(name).scan(file, companions)

    return scan


def _claims_of(name: str) -> Callable[[str], bool]:
    return lambda path: _loaded(name).claims(path)


@cache
def _loaded(name: str) -> Format:
    loaded = import_module(f"{ROOM}.{name.replace('-', '_')}").FORMAT
    assert isinstance(loaded, Format)
    return loaded
