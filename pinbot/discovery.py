"""Finds the guests of a room: one typed constant per module of a package, in name order.

A new format is one new file; there is no list to keep in step. Modules whose name begins with an
underscore are the shared ground of their folder and are passed over.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def collect(package: ModuleType, constant: str, kind: type[T]) -> tuple[T, ...]:
    """Return the value of `constant` in each public module of `package`, in the order of their names.

    Raises TypeError where a module lacks the constant or holds something else: a mistake of ours.
    """
    return tuple(_value(package, name, constant, kind) for name in sorted(_public_modules(package)))


def _public_modules(package: ModuleType) -> list[str]:
    return [m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")]


def _value(package: ModuleType, name: str, constant: str, kind: type[T]) -> T:
    value = getattr(importlib.import_module(f"{package.__name__}.{name}"), constant, None)
    if not isinstance(value, kind):
        raise TypeError(f"{package.__name__}.{name} must define {constant}: {kind.__name__}")
    return value
