"""Logins of Podman, Skopeo and Buildah: `auth.json`, with its own `credHelpers`.

https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
"""

from __future__ import annotations

import os

from pinbot.registry.credentials._base import Wanted, Who
from pinbot.registry.credentials._docker_file import read
from pinbot.registry.credentials._helper import shown
from pinbot.registry.credentials._kept_elsewhere import from_helper
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn


def _open(sources: Sources, warn: Warn) -> Lookup:
    ambient = sources.ambient
    there = [path for path in ambient.containers_auth if os.path.lexists(path) or not path.is_absolute()]
    files = [read(path, ambient, str(path), warn) for path in there]

    async def lookup(wanted: Wanted) -> Who | None:
        for file in files:
            if name := file.helper_for(wanted):
                source = f"{file.path} (credHelpers {shown(name)})"
                if answer := await from_helper(sources, warn, wanted, file, name, source):
                    return answer
            if answer := file.login_for(wanted):
                return answer
        return None

    return lookup


SOURCE = Source("containers auth", rank=60, open=_open)
