"""Long lists in pieces, for databases that take so many values in a statement and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of `size`; the last may be shorter. (Python has it from 3.12 on.)"""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
