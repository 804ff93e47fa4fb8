"""The token of a job of GitHub Actions, for GitHub's own registry alone.

https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
"""

from __future__ import annotations

from pinbot.errors import UsageError
from pinbot.registry.credentials._base import Wanted, Who, login
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn

_HOST = "ghcr.io"


def _open(sources: Sources, warn: Warn) -> Lookup:
    environ = sources.ambient.environ
    asked = [name for name, chosen in sources.chosen.items() if chosen.kind == "github"]
    if any(name != _HOST for name in asked):
        raise UsageError(f"The settings ask for GITHUB_TOKEN at {asked[0]}; it is for {_HOST} alone.")
    is_job = environ.get("GITHUB_ACTIONS") == "true"
    found = login(environ.get("GITHUB_ACTOR") or "x-access-token", environ.get("GITHUB_TOKEN", ""), "GITHUB_TOKEN")

    async def lookup(wanted: Wanted) -> Who | None:
        # The host that is really asked, so that no mirror in GitHub's place is shown it.
        if wanted.host != _HOST or not (is_job or asked):
            return None
        if found is None and asked:
            warn(f"{_HOST}: the settings ask for GITHUB_TOKEN, and that variable holds none")
        return found

    return lookup


SOURCE = Source("GitHub Actions", rank=70, open=_open)
