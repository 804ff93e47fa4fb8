"""Azure's registries: real azure-identity against a managed identity on this machine, and the registry's exchange."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from pinbot.errors import UsageError
from pinbot.oci.resolution import Head, Served
from pinbot.registry.credentials import azure
from pinbot.registry.credentials._base import Chosen, described
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes import faults
from tests.fakes.canary import canary, carries, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import patient
from tests.registry.ask import PATH, TAG, answer_of
from tests.registry.credentials.asking import Asked

pytest.importorskip("azure.identity", reason="NOT TESTED: the extra `azure` is not installed")

REGISTRY = "acme.azurecr.io"
ENTRA, REFRESH = canary("entra"), canary("acr-refresh")


class FakeIdentity(Server):
    """The endpoint of a managed identity, as App Service gives one to a container."""

    def __init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, seen: Seen) -> Reply:
        body = {
            "access_token": ENTRA,
            "expires_on": str(int(time.time()) + 3600),
            "resource": seen.query["resource"][0],
            "token_type": "Bearer",
        }
        return Reply(200, (("Content-Type", "application/json"),), json.dumps(body).encode())


class FakeAcr(FakeRegistry):
    """A registry of Azure: changes a token of Microsoft Entra for its own refresh token, and that for access tokens."""

    def __init__(self) -> None:
        super().__init__(auth="bearer", identities=[REFRESH])
        self.may_see.add(ENTRA)
        self.push_image(PATH, [TAG])

    def _honest_reply(self, seen: Seen) -> Reply:
        if seen.path != "/oauth2/exchange":
            return super()._honest_reply(seen)
        form = parse_qs(seen.body.decode())
        if form != {"grant_type": ["access_token"], "service": [REGISTRY], "access_token": [ENTRA]}:
            return Reply(401)
        return Reply(200, (("Content-Type", "application/json"),), json.dumps({"refresh_token": REFRESH}).encode())


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIdentity]:
    """Let azure-identity find a managed identity on this machine."""
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    with FakeIdentity() as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header")
        yield server


def _options(registry: FakeRegistry, **options: str) -> dict[str, RegistryOptions]:
    return {REGISTRY: RegistryOptions(endpoint=registry.url, chosen=Chosen("azure", options))}


def test_a_token_of_entra_becomes_one_of_the_registry_once_in_a_run(cloud: FakeIdentity) -> None:
    with FakeAcr() as registry, RegistryResolver(_options(registry), world=patient()) as asked:
        for _ in range(3):
            assert isinstance(answer_of(asked, Head(REGISTRY, PATH, TAG)), Served)
        assert described(asked.who(REGISTRY, PATH)) == "the identity token from Azure"
        assert asked.warnings == []
        assert [seen.query["resource"] for seen in cloud.log] == [["https://containerregistry.azure.net"]]
        assert len(registry.requests("POST", "/oauth2/exchange")) == 1
        assert [seen.path for seen in registry.log if carries(seen, ENTRA)] == ["/oauth2/exchange"]
        assert [seen.path for seen in registry.log if carries(seen, REFRESH)] == ["/token"]


def test_a_managed_identity_of_the_settings_counts(cloud: FakeIdentity) -> None:
    options = {"client-id": "00000000-0000-0000-0000-000000000001"}
    with FakeAcr() as registry, RegistryResolver(_options(registry, **options), world=patient()) as asked:
        assert isinstance(answer_of(asked, Head(REGISTRY, PATH, TAG)), Served)
        assert cloud.log[0].query["client_id"] == [options["client-id"]]


STRANGERS = ("docker.io", "azurecr.io.evil.example", "acme.azurecr.io.evil.example", "azurecr.io",
             "acme.azurecr.io:443",
             "acmeazurecr.io", "mcr.microsoft.com")  # fmt: skip


@pytest.mark.parametrize("registry", STRANGERS)
def test_no_registry_of_azure(registry: str) -> None:
    with pytest.raises(UsageError, match="alone"):
        Asked(azure.SOURCE, chosen={registry: Chosen("azure")})


FAILURES = {
    "refuses": faults.status(401),
    "is in trouble": faults.status(503),
    "gives nothing": faults.status(200, b"{}"),
    "gives a list": faults.status(200, b"[]"),
    "gives a page": faults.html(),
    "gives a token with a line break": faults.status(200, b'{"refresh_token": "a\\nb"}'),
    "does not end": faults.infinite(),
}


@pytest.mark.parametrize("fault", FAILURES.values(), ids=FAILURES)
def test_an_exchange_that(fault: Fault, cloud: FakeIdentity) -> None:
    with FakeAcr() as registry, RegistryResolver(_options(registry), world=patient()) as asked:
        registry.faults.append(faults.on("/oauth2/exchange", fault))
        answer = answer_of(asked, Head(REGISTRY, PATH, TAG))
        assert not isinstance(answer, Served)
        assert len(asked.warnings) == 1
        assert REGISTRY in asked.warnings[0]
        assert shows_canary([repr(answer), *asked.warnings]) == []


def test_an_exchange_that_leads_elsewhere_takes_no_token_there(cloud: FakeIdentity) -> None:
    with FakeAcr() as registry, Server(lambda _: Reply(200), name="localhost") as evil:
        for status in (301, 302, 307, 308):
            registry.faults[:] = [
                faults.on("/oauth2/exchange", faults.status(status, Location=f"{evil.url}/oauth2/exchange"))
            ]
            with RegistryResolver(_options(registry), world=patient()) as asked:
                answer_of(asked, Head(REGISTRY, PATH, TAG))
        assert evil.log == []


def test_azure_without_an_identity_is_named(cloud: FakeIdentity) -> None:
    cloud.faults.append(faults.status(400, b'{"error": "no\\nidentity"}'))
    with FakeAcr() as registry, RegistryResolver(_options(registry), world=patient()) as asked:
        answer_of(asked, Head(REGISTRY, PATH, TAG))
        assert asked.warnings[0].startswith(f"{REGISTRY}: Azure gave no credentials")
        assert registry.requests("POST") == []


def test_the_tokens_go_to_their_registry_alone(cloud: FakeIdentity) -> None:
    with FakeAcr() as registry, FakeRegistry(auth="basic") as other:
        options = {**_options(registry), "other.azurecr.io": RegistryOptions(endpoint=other.url)}
        with RegistryResolver(options, world=patient()) as asked:
            for name in options:
                answer_of(asked, Head(name, PATH, TAG))
        assert leaks(ENTRA, [other]) == []
        assert leaks(REFRESH, [other, cloud]) == []
