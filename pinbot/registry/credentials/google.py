"""Google's Artifact Registry and gcr.io: an access token of the default credentials, where the settings ask.

https://cloud.google.com/artifact-registry/docs/docker/authentication#token. google-auth finds them as every tool of
Google does (a key file, the file of gcloud, a workload identity, the machine's own account), and talks to Google alone.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pinbot.registry.credentials._base import Known, Wanted, Who, login
from pinbot.registry.credentials._cloud import chosen_for, failed, missing, option
from pinbot.registry.credentials._kept import Kept
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn

# Reading is all that is needed; what a token may do beside that, its account decides.
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform.read-only",)
_USER = "oauth2accesstoken"
_USUAL_SECONDS = 600.0
# For one request; google-auth's own limit is two minutes.
_SECONDS = 10


def _is_google(name: str) -> bool:
    return name == "gcr.io" or name.endswith((".gcr.io", "-docker.pkg.dev"))


def _open(sources: Sources, warn: Warn) -> Lookup:
    registries = chosen_for(sources, "google", _is_google, "gcr.io, *.gcr.io and *-docker.pkg.dev")
    kept: Kept[str | None] = Kept(sources.clock)

    async def lookup(wanted: Wanted) -> Who | None:
        if wanted.registry not in registries or wanted.is_elsewhere:
            return None
        file = option(sources, wanted, "file")

        async def fetch() -> tuple[Known, float] | None:
            return await asyncio.to_thread(_fetch, file, wanted.registry, warn)

        return await kept.get(file, fetch)

    return lookup


def _fetch(file: str | None, registry: str, warn: Warn) -> tuple[Known, float] | None:
    try:
        credentials = _credentials(file)
    except ImportError:
        warn(missing("google", "google-auth", registry))
        return None
    except Exception as error:  # noqa: BLE001 (a library of others, which may raise anything; the next source is asked)
        warn(failed("Google", registry, error))
        return None
    found = login(_USER, credentials.token or "", f"Google's credentials ({file or 'application default'})")
    if found is None:
        warn(f"{registry}: Google gave no token that can be used. The next source is asked")
        return None
    return found, _seconds(credentials.expiry)


def _credentials(file: str | None) -> Any:
    """Return credentials with a fresh token."""
    import google.auth
    from google.auth.transport.requests import Request
    from google.oauth2.service_account import Credentials

    credentials: Any
    if file:
        # Of a service account alone: another kind of file may name programs to run, and hosts to ask.
        credentials = Credentials.from_service_account_file(file, scopes=_SCOPES)
    else:
        credentials, _ = google.auth.default(scopes=_SCOPES)
    credentials.refresh(partial(Request(), timeout=_SECONDS))
    return credentials


def _seconds(expiry: object) -> float:
    """Return how long a token holds; google-auth's moments are UTC without saying so."""
    if not isinstance(expiry, datetime):
        return _USUAL_SECONDS
    return (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()


SOURCE = Source("Google", rank=21, open=_open)
