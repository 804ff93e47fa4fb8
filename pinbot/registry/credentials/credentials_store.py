"""The store to which Docker gives all logins: the helper that `credsStore` names, such as osxkeychain."""

from __future__ import annotations

from pinbot.registry.credentials._base import Wanted, Who
from pinbot.registry.credentials._docker_file import read
from pinbot.registry.credentials._helper import shown
from pinbot.registry.credentials._kept_elsewhere import from_helper
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn


def _open(sources: Sources, warn: Warn) -> Lookup:
    file = read(sources.ambient.docker_config, sources.ambient, "Docker's configuration", warn)

    async def lookup(wanted: Wanted) -> Who | None:
        if file.store is None or file.helper_for(wanted):
            return None
        # A store that may not run is only missed where it is known to keep something.
        if not sources.helpers.may_run(file.store) and not file.lists(wanted):
            return None
        source = f"Docker's configuration (credsStore {shown(file.store)})"
        return await from_helper(sources, warn, wanted, file, file.store, source)

    return lookup


SOURCE = Source("credentials store", rank=50, open=_open)
