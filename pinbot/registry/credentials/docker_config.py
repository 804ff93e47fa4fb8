"""Logins that `docker login` left in the `auths` of `config.json`."""

from __future__ import annotations

from pinbot.registry.credentials._base import Wanted, Who
from pinbot.registry.credentials._docker_file import read
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn


def _open(sources: Sources, warn: Warn) -> Lookup:
    file = read(sources.ambient.docker_config, sources.ambient, "Docker's configuration", warn)

    async def lookup(wanted: Wanted) -> Who | None:
        return file.login_for(wanted)

    return lookup


SOURCE = Source("docker config", rank=40, open=_open)
