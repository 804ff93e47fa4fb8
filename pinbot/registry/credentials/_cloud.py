"""What the sources of the clouds share: whom the settings mean, and how a library's failure is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pinbot.errors import UsageError
from pinbot.registry.credentials._base import Wanted
from pinbot.registry.credentials._source import Sources

_SAID = 200


def chosen_for(sources: Sources, kind: str, is_of_cloud: Callable[[str], bool], hosts: str) -> frozenset[str]:
    """Return the registries for which the settings ask a cloud. Raises UsageError for one that is not of it.

    No registry is judged by its name alone: a file that is scanned could name any.
    """
    names = frozenset(name for name, chosen in sources.chosen.items() if chosen.kind == kind)
    for name in sorted(names):
        if not is_of_cloud(name):
            raise UsageError(f"The settings ask for credentials of {kind} at {name}; they are for {hosts} alone.")
    return names


def option(sources: Sources, wanted: Wanted, key: str) -> str | None:
    """Return what the settings say under a key of that registry's `credentials`."""
    return sources.chosen[wanted.registry].options.get(key)


def missing(extra: str, library: str, registry: str) -> str:
    """Return the sentence for a library that is not installed."""
    return (
        f"{registry}: the settings ask for credentials that need {library}; `pip install 'pinbot[{extra}]'` brings it. "
        "The next source is asked"
    )


def failed(cloud: str, registry: str, error: Any) -> str:
    """Return the sentence for a library that could not get credentials; what it said, short and on one line."""
    said = " ".join("".join(c if c.isprintable() else " " for c in str(error)[: 4 * _SAID]).split())[:_SAID]
    return f"{registry}: {cloud} gave no credentials ({type(error).__name__}: {said}). The next source is asked"
