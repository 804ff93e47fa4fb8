"""Logins that the settings give for a registry by its exact name."""

from __future__ import annotations

from collections.abc import Callable

from pinbot.registry.credentials._base import Anonymous, Login, Lookup, Source, Sources, Wanted


def _open(sources: Sources, _warn: Callable[[str], None]) -> Lookup:
    def lookup(wanted: Wanted) -> Login | Anonymous | None:
        return sources.settings.get(wanted.registry)

    return lookup


SOURCE = Source("settings", rank=1, open=_open)
