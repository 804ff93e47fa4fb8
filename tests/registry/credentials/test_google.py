"""Google's registries: real google-auth against a token server on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pinbot.errors import UsageError
from pinbot.oci.resolution import Head, Served
from pinbot.registry.credentials import google
from pinbot.registry.credentials._base import Chosen, Login
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes import faults
from tests.fakes.canary import canary, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import patient
from tests.registry.ask import PATH, TAG, answer_of
from tests.registry.credentials.asking import Asked, secret_of, wanted

pytest.importorskip("google.auth", reason="NOT TESTED: the extra `google` is not installed")

REGISTRY = "europe-docker.pkg.dev"


class FakeGoogle(Server):
    """The token server: changes a signed assertion for an access token."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.scopes: list[str] = []

    def _answer(self, seen: Seen) -> Reply:
        form = parse_qs(seen.body.decode())
        claims = jwt.decode(form["assertion"][0], options={"verify_signature": False})
        self.scopes.append(claims["scope"])
        body = {"access_token": canary("google"), "expires_in": 3600, "token_type": "Bearer"}
        return Reply(200, (("Content-Type", "application/json"),), json.dumps(body).encode())


@pytest.fixture(scope="module")
def key() -> str:
    """Return a private key in PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str) -> Iterator[FakeGoogle]:
    """Let google-auth find the key of a service account, whose token server is on this machine."""
    with FakeGoogle() as server:
        account = {
            "type": "service_account",
            "project_id": "p",
            "private_key_id": "k",
            "private_key": key,
            "client_email": "pull@p.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{server.url}/token",
        }
        (tmp_path / "key.json").write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        yield server


def _asked(*registries: str, **options: str) -> Asked:
    return Asked(google.SOURCE, chosen={name: Chosen("google", options) for name in registries or (REGISTRY,)})


def test_one_token_for_reading_serves_all_registries_of_a_run(cloud: FakeGoogle) -> None:
    asked = _asked(REGISTRY, "gcr.io", "eu.gcr.io")
    found = asked.who(*(wanted(name, f"p/{n}") for n in range(9) for name in (REGISTRY, "gcr.io", "eu.gcr.io")))
    assert isinstance(found, Login)
    assert (found.username, secret_of(found)) == ("oauth2accesstoken", canary("google"))
    assert cloud.scopes == ["https://www.googleapis.com/auth/cloud-platform.read-only"]
    assert asked.warnings == []


def test_a_file_of_the_settings_counts(cloud: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    found = _asked(file=str(tmp_path / "key.json")).who(wanted(REGISTRY))
    assert isinstance(found, Login)
    assert found.source == f"Google's credentials ({tmp_path / 'key.json'})"


STRANGERS = ("docker.io", "xgcr.io", "gcr.io.evil.example", "pkg.dev", "europe-docker.pkg.dev.evil.example",
             "evil.example", "gcr.io:443", "docker-pkg.dev", "europe-docker.pkg.dev:8443")  # fmt: skip


@pytest.mark.parametrize("registry", STRANGERS)
def test_no_registry_of_google(registry: str) -> None:
    with pytest.raises(UsageError, match="alone"):
        _asked(registry)


def test_google_is_not_asked_for_what_the_settings_do_not_name(cloud: FakeGoogle) -> None:
    asked = _asked()
    for registry in ("us-docker.pkg.dev", "gcr.io", "docker.io"):
        assert asked.who(wanted(registry)) is None
    assert cloud.log == []


FAILURES = {
    "refuses": faults.status(400, b'{"error": "invalid_grant", "error_description": "no\\nno"}'),
    "gives no token": faults.status(200, b"{}"),
    "gives a page": faults.html(),
    "gives a token with a line break": faults.status(200, b'{"access_token": "a\\nb", "expires_in": 3600}'),
}


@pytest.mark.parametrize("fault", FAILURES.values(), ids=FAILURES)
def test_google_that(fault: Fault, cloud: FakeGoogle) -> None:
    cloud.faults.append(fault)
    asked = _asked()
    assert asked.who(wanted(REGISTRY, "a"), wanted(REGISTRY, "b")) is None
    (warning,) = asked.warnings
    assert warning.startswith(f"{REGISTRY}: Google ")
    assert "\n" not in warning
    assert shows_canary([warning]) == []


@pytest.mark.parametrize("content", ["", "{}", '{"type": "service_account"}', "[]"])
def test_a_key_file_that_is_none_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(content)
    asked = _asked(file=str(tmp_path / "key.json"))
    assert asked.who(wanted(REGISTRY)) is None
    assert len(asked.warnings) == 1


def test_the_token_lets_us_in_and_goes_to_its_registry_alone(cloud: FakeGoogle) -> None:
    user = {"oauth2accesstoken": canary("google")}
    with FakeRegistry(auth="bearer", users=user) as registry, FakeRegistry(auth="basic") as other:
        registry.push_image(PATH, [TAG])
        options = {
            REGISTRY: RegistryOptions(endpoint=registry.url, chosen=Chosen("google")),
            "us-docker.pkg.dev": RegistryOptions(endpoint=other.url),
        }
        with RegistryResolver(options, world=patient()) as asked:
            assert isinstance(answer_of(asked, Head(REGISTRY, PATH, TAG)), Served)
            answer_of(asked, Head("us-docker.pkg.dev", PATH, TAG))
        assert leaks(canary("google"), [other]) == []
