"""Helpers that keep the logins of one registry: that which the settings name, and Docker's `credHelpers`."""

from __future__ import annotations

from pinbot.registry.credentials._base import Wanted, Who
from pinbot.registry.credentials._docker_file import read
from pinbot.registry.credentials._helper import shown
from pinbot.registry.credentials._kept_elsewhere import from_helper
from pinbot.registry.credentials._keys import server_of
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn


def _open(sources: Sources, warn: Warn) -> Lookup:
    file = read(sources.ambient.docker_config, sources.ambient, "Docker's configuration", warn)

    async def lookup(wanted: Wanted) -> Who | None:
        chosen = sources.chosen.get(wanted.registry)
        if chosen and chosen.kind == "helper":
            # Who writes it there wants it to run.
            name = chosen.options["name"]
            return await sources.helpers.ask(name, server_of(wanted.host), f"the settings (helper {name})")
        if name := file.helper_for(wanted) or "":
            source = f"Docker's configuration (credHelpers {shown(name)})"
            return await from_helper(sources, warn, wanted, file, name, source)
        return None

    return lookup


SOURCE = Source("credential helpers", rank=30, open=_open)
