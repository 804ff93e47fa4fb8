"""Identity tokens, which a token server changes for others, and tokens that a registry takes as they are.

https://distribution.github.io/distribution/spec/auth/oauth/
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from pinbot.net.origin import Origin
from pinbot.oci.resolution import Failed, Served
from pinbot.registry.credentials._base import (
    Ambient,
    Chosen,
    IdentityToken,
    Login,
    RegistryToken,
    Wanted,
    described,
)
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.canary import canary, carries, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Server
from tests.net.world import Time, patient
from tests.registry.ask import HUB, PATH, TAG, answer_of, ask, head, heads, resolver
from tests.registry.credentials.asking import config

IDENTITY = canary("identity")


def _registry(**more: object) -> FakeRegistry:
    registry = FakeRegistry(auth="bearer", identities=[IDENTITY], **more)  # type: ignore[arg-type] # tables of options
    for n in range(20):
        registry.push_image(PATH, [f"1.{n}"], content_seed=str(n))
    registry.push_image(PATH, [TAG])
    return registry


def _identity(secret: str = IDENTITY) -> dict[str, Any]:
    return {"identity_token": Secret(secret)}


def test_a_user_name_that_is_the_token_is_not_said() -> None:
    assert described(Login(IDENTITY, Secret(IDENTITY), "x")) == "the login from x"
    assert described(Login("bot", Secret(IDENTITY), "x")) == "the login of 'bot' from x"


def test_what_a_cloud_gives_is_not_for_a_machine_in_its_registrys_place() -> None:
    name, endpoint = "acme.azurecr.io", Origin.parse("https://mirror.corp")
    assert Wanted(name, "mirror.corp", PATH, endpoint).is_elsewhere
    assert not Wanted(name, name, PATH, Origin.parse(f"https://{name}")).is_elsewhere


def test_an_identity_token_is_changed_for_one_token_for_a_repository() -> None:
    with _registry() as registry:
        assert all(isinstance(answer, Served) for answer in ask(registry, *heads(20), **_identity()))
        (asked,) = registry.requests("POST")
        form = parse_qs(asked.body.decode())
        assert form == {
            "grant_type": ["refresh_token"],
            "client_id": ["pinbot"],
            "service": ["fake registry"],
            "scope": [f"repository:{PATH}:pull"],
            "refresh_token": [IDENTITY],
        }
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert [seen for seen in registry.log if carries(seen, IDENTITY)] == [asked]


def test_an_identity_token_of_docker_lets_us_in(tmp_path: Path) -> None:
    with _registry() as registry:
        ambient = Ambient(docker_config=config(tmp_path, {registry.host: {"identitytoken": IDENTITY}}))
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)
            assert described(asked.who(HUB, PATH)) == "the identity token from Docker's configuration"


def test_a_new_token_is_had_when_the_first_ends() -> None:
    time = Time()
    with _registry(token_seconds=300) as registry, resolver(registry, time, **_identity()) as asked:
        asked.answer(heads(1))
        time.seconds += 241
        registry.tokens.clear()
        assert isinstance(answer_of(asked, head()), Served)
        assert len(registry.requests("POST")) == 2


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_token_server_that_knows_no_post_is_asked_by_get(status: int) -> None:
    with _registry(users={"<token>": IDENTITY}) as registry:
        registry.faults.append(lambda seen, reply: Reply(status) if seen.method == "POST" else reply)
        assert isinstance(ask(registry, head(), **_identity())[0], Served)
        assert len(registry.requests("POST")) == 1
        assert len(registry.requests("GET", "/token")) == 1


def test_a_token_server_that_knows_no_post_is_given_the_name_beside_the_token(tmp_path: Path) -> None:
    with FakeRegistry(auth="bearer", users={"0000": IDENTITY}) as registry:
        registry.push_image(PATH, [TAG])
        entry = {"username": "0000", "identitytoken": IDENTITY}
        ambient = Ambient(docker_config=config(tmp_path, {registry.host: entry}))
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)


FAILURES: dict[str, tuple[Fault, str]] = {
    "refuses": (faults.status(401), "401"),
    "refuses for good": (faults.status(403), "403"),
    "is in trouble": (faults.status(500), "5xx"),
    "is asked too often": (faults.status(429, Retry_After="9999"), "429"),
    "sends us elsewhere": (faults.redirect("/other"), "redirect"),
    "sends us elsewhere with the form": (faults.status(307, Location="/other"), "redirect"),
    "gives no token": (faults.status(200, b"{}"), "not-a-registry"),
    "gives a page": (faults.html(), "not-a-registry"),
    "does not end": (faults.infinite(), "too-large"),
}


@pytest.mark.parametrize(("fault", "status"), FAILURES.values(), ids=FAILURES)
def test_a_token_server_that(fault: Fault, status: str) -> None:
    with _registry() as registry:
        registry.faults.append(lambda seen, reply: fault(seen, reply) if seen.method == "POST" else reply)
        answers = ask(registry, *heads(5), **_identity())
        assert {answer.status for answer in answers if isinstance(answer, Failed)} == {status}
        assert len([seen for seen in registry.log if carries(seen, IDENTITY)]) <= 2
        assert shows_canary([answer.reason for answer in answers if isinstance(answer, Failed)]) == []


def test_a_stale_identity_token_on_a_public_image_costs_one_try_and_a_warning() -> None:
    with _registry(anonymous=True) as registry, resolver(registry, **_identity(canary("old"))) as asked:
        registry.may_see.add(canary("old"))
        assert all(isinstance(answer, Served) for answer in asked.answer(heads(20)).values())
        assert len(leaks(canary("old"), [registry])) == 1
        (warning,) = asked.warnings
        assert "the identity token" in warning
        assert "open to everyone" in warning


def test_another_host_as_realm_gets_no_identity_token_by_post_or_get() -> None:
    with Server(lambda _: Reply(404), name="localhost") as evil, _registry() as registry:
        registry.realm = f"{evil.url}/token"
        with resolver(registry, **_identity()) as asked:
            asked.answer(heads(3))
            assert "token_hosts" in asked.warnings[0]
        assert evil.log != []
        assert leaks(IDENTITY, [evil]) == []


def test_a_redirect_of_the_exchange_carries_no_token_away() -> None:
    with Server(lambda _: Reply(200), name="localhost") as evil, _registry() as registry:
        for status in (301, 302, 303, 307, 308):
            registry.faults[:] = [faults.on("/token", faults.status(status, Location=f"{evil.url}/token"))]
            (answer,) = ask(registry, head(), **_identity())
            assert isinstance(answer, Failed)
        assert evil.log == []


def test_a_token_for_the_registry_is_shown_to_no_token_server() -> None:
    secret = canary("bearer")
    with FakeRegistry(auth="bearer", realm="http://localhost:1/token") as registry:
        registry.push_image(PATH, [TAG])
        registry.tokens[secret] = f"repository:{PATH}:pull"
        registry.may_see.add(secret)
        assert isinstance(ask(registry, head(), token=Secret(secret))[0], Served)
        assert registry.requests(containing="/token") == []


def test_a_stale_token_for_the_registry_costs_two_requests_and_is_named() -> None:
    secret = canary("bearer")
    with FakeRegistry(auth="bearer") as registry, resolver(registry, token=Secret(secret)) as asked:
        registry.may_see.add(secret)
        answers = asked.answer(heads(20))
        reasons = {answer.reason for answer in answers.values() if isinstance(answer, Failed)}
        assert all("the token from the settings is not accepted" in reason for reason in reasons)
        assert len(leaks(secret, [registry])) == 2
    with FakeRegistry(auth="bearer", anonymous=True) as registry, resolver(registry, token=Secret(secret)) as asked:
        registry.may_see.add(secret)
        registry.push_image(PATH, [TAG])
        assert isinstance(answer_of(asked, head()), Served)
        assert "the token from the settings" in asked.warnings[0]


def test_a_token_where_a_login_is_wanted_is_of_no_use_and_said_so() -> None:
    with FakeRegistry(auth="basic", users={"u": "p"}) as registry, resolver(registry, **_identity()) as asked:
        assert isinstance(answer_of(asked, head()), Failed)
        assert "asks for a user name and a password" in asked.warnings[0]
        assert leaks(IDENTITY, [registry]) == []


def test_nobody_is_asked_where_the_settings_say_none(tmp_path: Path) -> None:
    with FakeRegistry(auth="bearer", anonymous=True, users={"user": "secret"}) as registry:
        registry.push_image(PATH, [TAG])
        ambient = Ambient(docker_config=config(tmp_path, {registry.host: {"identitytoken": IDENTITY}}))
        options = {HUB: RegistryOptions(endpoint=registry.url, chosen=Chosen("none"))}
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)
            assert described(asked.who(HUB, PATH)) == "no credentials"


def test_no_answer_shows_its_secret() -> None:
    secret = Secret(canary("x"))
    answers = (Login("u", secret, "s"), IdentityToken(secret, "s"), RegistryToken(secret, "s"))
    assert shows_canary([text for one in answers for text in (repr(one), str(one), described(one))]) == []
    assert shows_canary([repr(RegistryOptions(password=secret, token=secret, identity_token=secret))]) == []
    assert Login("u", secret, "here") == Login("u", Secret(canary("x")), "there")
