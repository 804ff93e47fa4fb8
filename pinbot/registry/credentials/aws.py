"""Amazon ECR, private and public: a login of twelve hours from GetAuthorizationToken, where the settings ask for it.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html; the same for public.ecr.aws,
which is only asked in us-east-1. botocore finds the credentials as every tool of AWS does (environment, profile, roles
of instances, containers and web identities) and talks to AWS alone; a role is assumed where the settings name one.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pinbot.registry.credentials._base import Known, Wanted, Who, login
from pinbot.registry.credentials._cloud import chosen_for, failed, missing, option
from pinbot.registry.credentials._kept import Kept
from pinbot.registry.credentials._source import Lookup, Source, Sources, Warn

_PUBLIC = "public.ecr.aws"
_PUBLIC_REGION = "us-east-1"
# As in https://github.com/awslabs/amazon-ecr-credential-helper/blob/main/ecr-login/api/client.go.
_HOST = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9][a-z0-9-]{0,30})\."
    r"(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov"
    r"|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_SESSION = "pinbot"
_HOURS = 12


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one login depends on: a login is for all repositories of an account in a region, as that role."""

    account: str
    region: str
    role: str | None
    external_id: str | None
    profile: str | None


def _open(sources: Sources, warn: Warn) -> Lookup:
    registries = chosen_for(
        sources, "aws", lambda name: name == _PUBLIC or _HOST.fullmatch(name) is not None, f"ECR's hosts and {_PUBLIC}"
    )
    kept: Kept[_Ask] = Kept(sources.clock)

    async def lookup(wanted: Wanted) -> Who | None:
        if wanted.registry not in registries or wanted.is_elsewhere:
            return None
        ask = _ask(sources, wanted)

        async def fetch() -> tuple[Known, float] | None:
            return await asyncio.to_thread(_fetch, ask, wanted.registry, warn)

        return await kept.get(ask, fetch)

    return lookup


def _ask(sources: Sources, wanted: Wanted) -> _Ask:
    found = _HOST.fullmatch(wanted.registry)
    account, region = (found["account"], found["region"]) if found else (_PUBLIC, _PUBLIC_REGION)
    role, external_id, profile, own = (
        option(sources, wanted, key) for key in ("role", "external-id", "profile", "region")
    )
    return _Ask(account, own or region, role, external_id, profile)


def _fetch(ask: _Ask, registry: str, warn: Warn) -> tuple[Known, float] | None:
    try:
        answer = _token(ask)
    except ImportError:
        warn(missing("ecr", "botocore", registry))
        return None
    except Exception as error:  # noqa: BLE001 (a library of others, which may raise anything; the next source is asked)
        warn(failed("AWS", registry, error))
        return None
    known = _login(answer, ask)
    if known is None:
        warn(f"{registry}: AWS answered without a login that can be used. The next source is asked")
    return known


def _token(ask: _Ask) -> Mapping[str, Any]:
    from botocore.config import Config
    from botocore.session import Session

    session = Session(profile=ask.profile)
    limits = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
    keys: dict[str, str] = {}
    if ask.role:
        sts = session.create_client("sts", region_name=ask.region, config=limits)
        more = {"ExternalId": ask.external_id} if ask.external_id else {}
        given = sts.assume_role(RoleArn=ask.role, RoleSessionName=_SESSION, **more)["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
    service = "ecr-public" if ask.account == _PUBLIC else "ecr"
    answer: Mapping[str, Any] = session.create_client(
        service, region_name=ask.region, config=limits, **keys
    ).get_authorization_token()
    return answer


def _login(answer: Mapping[str, Any], ask: _Ask) -> tuple[Known, float] | None:
    """Return the login of an answer, and for how long it holds; the public registry's answer is no list."""
    data = answer.get("authorizationData")
    entry = data[0] if isinstance(data, list) and data else data
    if not isinstance(entry, Mapping):
        return None
    try:
        username, _, password = (
            base64.b64decode(str(entry.get("authorizationToken")), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return None
    as_role = f" ({ask.role})" if ask.role else ""
    found = login(username, password, f"AWS{as_role}")
    return (found, _seconds(entry.get("expiresAt"))) if found else None


def _seconds(expires_at: object) -> float:
    most = timedelta(hours=_HOURS)
    if not isinstance(expires_at, datetime):
        return most.total_seconds()
    return min(expires_at - datetime.now(UTC), most).total_seconds()


SOURCE = Source("AWS", rank=20, open=_open)
