"""Asks the helper that a file names, where it may run; where it may not, says what would let it."""

from __future__ import annotations

from pinbot.registry.credentials._base import Known, Wanted
from pinbot.registry.credentials._docker_file import SavedLogins
from pinbot.registry.credentials._helper import shown
from pinbot.registry.credentials._keys import server_of
from pinbot.registry.credentials._source import Sources, Warn


async def from_helper(
    sources: Sources, warn: Warn, wanted: Wanted, file: SavedLogins, name: str, source: str
) -> Known | None:
    """Return what a helper that `file` names knows of a registry. `source` says where the name stands."""
    if not file.names_programs:
        warn(
            f"{file.path}: others may write this file, so docker-credential-{shown(name)} is not run for it; "
            f"`chown` it to yourself and `chmod go-w {file.path}`"
        )
        return None
    if not sources.helpers.may_run(name):
        warn(
            f"{wanted.host}: its login is kept by docker-credential-{shown(name)} ({source}), which is not run here. "
            f"The next source is asked; `credential-helpers: [{shown(name)}]` in the settings lets it run"
        )
        return None
    return await sources.helpers.ask(name, server_of(wanted.host), source)
