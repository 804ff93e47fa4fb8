"""Credentials that the settings give for a registry by its exact name; `none` ends the search there."""

from __future__ import annotations

from pinbot.registry.credentials._base import Wanted, Who
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn


def _open(sources: Sources, _warn: Warn) -> Lookup:
    async def lookup(wanted: Wanted) -> Who | None:
        return sources.settings.get(wanted.registry)

    return lookup


SOURCE = Source("settings", rank=10, open=_open)
