"""Azure Container Registry: a token of Microsoft Entra changed for one of the registry, where the settings ask.

https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md#calling-post-oauth2exchange-to-get-an-acr-refresh-token.
azure-identity finds credentials as every tool of Azure does (environment, workload identity, managed identity, and for
a person `az login`), and talks to Microsoft alone; the exchange is between us and the registry.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec

from pinbot.errors import NetError
from pinbot.registry.credentials._base import IdentityToken, Known, Wanted, Who, is_plain
from pinbot.registry.credentials._cloud import chosen_for, failed, missing, option
from pinbot.registry.credentials._kept import Kept
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn
from pinbot.secret import Secret

_HOSTS = (".azurecr.io", ".azurecr.cn", ".azurecr.us")
_SCOPE = "https://containerregistry.azure.net/.default"
# A refresh token of the registry holds for three hours.
_HOLDS_SECONDS = 3 * 3600.0
# The user name that goes with such a token where a login is wanted.
_USER = "00000000-0000-0000-0000-000000000000"


class _Exchanged(msgspec.Struct):
    refresh_token: str = ""


def _open(sources: Sources, warn: Warn) -> Lookup:
    registries = chosen_for(sources, "azure", lambda name: name.endswith(_HOSTS), "*.azurecr.io (.cn, .us)")
    kept: Kept[str] = Kept(sources.clock)

    async def lookup(wanted: Wanted) -> Who | None:
        if wanted.registry not in registries or wanted.is_elsewhere:
            return None

        async def fetch() -> tuple[Known, float] | None:
            return await _fetch(sources, warn, wanted)

        return await kept.get(wanted.registry, fetch)

    return lookup


async def _fetch(sources: Sources, warn: Warn, wanted: Wanted) -> tuple[Known, float] | None:
    client, tenant = (option(sources, wanted, key) for key in ("client-id", "tenant-id"))
    token = await asyncio.to_thread(_entra_token, client, tenant, sources.ambient.unattended, wanted.registry, warn)
    if token is None:
        return None
    form = {"grant_type": "access_token", "service": wanted.registry, "access_token": token.reveal()}
    try:
        response = await sources.post(f"{wanted.origin}/oauth2/exchange", form)
    except NetError as error:
        warn(failed("the registry's exchange of tokens", wanted.registry, error))
        return None
    refresh_token = _read(response.body) if response.status == 200 else ""
    if not refresh_token:
        warn(
            f"{wanted.registry}: it did not change Microsoft Entra's token for one of its own ({response.status}); "
            "does the account have the role AcrPull? The next source is asked"
        )
        return None
    return IdentityToken(Secret(refresh_token), "Azure", _USER), _HOLDS_SECONDS


def _entra_token(client: str | None, tenant: str | None, unattended: bool, registry: str, warn: Warn) -> Secret | None:
    try:
        with _credential(client, tenant, unattended) as credential:
            return Secret(credential.get_token(_SCOPE).token)
    except ImportError:
        warn(missing("azure", "azure-identity", registry))
        return None
    except Exception as error:  # noqa: BLE001 (a library of others, which may raise anything; the next source is asked)
        warn(failed("Azure", registry, error))
        return None


def _credential(client: str | None, tenant: str | None, unattended: bool) -> Any:
    """Return the chain of Azure's own tools, without what asks a person, and without `az` where nobody watches."""
    from azure.identity import DefaultAzureCredential

    # It would tell standard error of each thing that it tried; what matters comes with its exception.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {
        "exclude_interactive_browser_credential": True,
        "exclude_visual_studio_code_credential": True,
        "exclude_shared_token_cache_credential": True,
        "exclude_powershell_credential": True,
        "exclude_developer_cli_credential": True,
        "exclude_cli_credential": unattended,
    }
    if client:
        options |= {"managed_identity_client_id": client, "workload_identity_client_id": client}
    if tenant:
        options |= {"workload_identity_tenant_id": tenant}
    return DefaultAzureCredential(**options)


def _read(body: bytes) -> str:
    try:
        token = msgspec.json.decode(body, type=_Exchanged).refresh_token
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return token if is_plain(token) else ""


SOURCE = Source("Azure", rank=22, open=_open)
