"""The handshake, and who never sees a login (T4, T5; F1 to F4, F18; CVE-2026-48978, CVE-2026-33540, CVE-2026-24845)."""

from __future__ import annotations

import pytest

from pinbot.oci.resolution import Answer, Failed, Served
from tests.fakes import faults
from tests.fakes.canary import canary, carries, leaks, shows_canary
from tests.fakes.registry import Auth, FakeRegistry
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import Time
from tests.registry.ask import PATH, TAG, answer_of, ask, head, heads, login, resolver

USER = "robot"


def _registry(auth: Auth = "bearer", **options: object) -> FakeRegistry:
    registry = FakeRegistry(auth=auth, users={USER: canary("hub")}, **options)  # type: ignore[arg-type]
    for n in range(20):
        registry.push_image(PATH, [f"1.{n}"], content_seed=str(n))
    registry.push_image(PATH, [TAG])
    return registry


def _status(answer: Answer) -> str:
    return answer.status if isinstance(answer, Failed) else "served"


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_login_from_the_settings_lets_us_in(auth: Auth) -> None:
    with _registry(auth) as registry:
        assert {_status(a) for a in ask(registry, *heads(20), **login(USER, canary("hub")))} == {"served"}
        assert len(registry.requests("HEAD")) == 20


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_without_a_login_the_registry_says_401(auth: Auth) -> None:
    with _registry(auth) as registry:
        (answer,) = ask(registry, head())
        assert isinstance(answer, Failed)
        assert answer.status == "401"
        assert "docker login" in answer.reason


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_wrong_password_is_tried_at_most_twice_in_a_run(auth: Auth) -> None:
    with _registry(auth) as registry:
        registry.may_see.add("CANARY-wrong")
        answers = ask(registry, *heads(20), **login(USER, "CANARY-wrong"))
        assert {_status(a) for a in answers} == {"401"}
        assert sum(carries(s, "CANARY-wrong") for s in registry.log) <= 2
        assert shows_canary([a.reason for a in answers if isinstance(a, Failed)]) == []


def test_401_for_ever_costs_two_requests_for_the_whole_run() -> None:
    with _registry() as registry:
        registry.faults.append(faults.on("/manifests/", faults.status(401)))
        answers = ask(registry, *heads(20), **login(USER, canary("hub")))
        assert {_status(a) for a in answers} == {"401"}
        assert len(registry.requests("HEAD")) == 2


def test_a_repository_that_is_closed_to_strangers_costs_one_request_per_tag_and_two_tokens() -> None:
    with _registry(anonymous=True) as registry:
        registry.faults.append(faults.on("/manifests/", faults.status(401)))
        with resolver(registry) as asked:
            asked.answer(heads(1))
            assert {_status(a) for a in asked.answer(heads(20)).values()} == {"401"}
        assert len(registry.requests("HEAD")) == 2 + 19
        assert len(registry.requests(containing="/token")) == 2


def test_a_repository_that_the_login_may_not_read_does_not_spoil_the_others() -> None:
    with _registry() as registry:
        refused = faults.challenge('Bearer realm="x",error="insufficient_scope"')
        registry.faults.append(faults.on("/secret/manifests/", refused))
        answers = ask(registry, head("1", "acme/secret"), *heads(20), **login(USER, canary("hub")))
        assert [_status(a) for a in answers] == ["401"] + ["served"] * 20


def test_a_token_that_ends_early_is_renewed_once() -> None:
    with _registry() as registry, resolver(registry, **login(USER, canary("hub"))) as asked:
        asked.answer(heads(1))
        registry.tokens.clear()
        assert {_status(a) for a in asked.answer(heads(20)).values()} == {"served"}
        assert len(registry.requests(containing="/token")) == 2


LIVES: dict[str, tuple[object, float, int]] = {
    "300 s hold for 239 s": (300, 239, 1),
    "300 s do not hold for 241 s": (300, 241, 2),
    "none given is 60 s": (None, 47, 1),
    "none given is not 61 s": (None, 49, 2),
    "nought is 60 s": (0, 47, 1),
    "a negative number is 60 s": (-1, 47, 1),
    "a text is a number": ("300", 239, 1),
    "a word is 60 s": ("soon", 49, 2),
    "a huge number is at most an hour": (10**12, 2881, 2),
    "infinity is not believed": ("1e999", 2881, 2),
    "a list is 60 s": ([300], 49, 2),
}


@pytest.mark.parametrize(("expires_in", "later", "tokens"), LIVES.values(), ids=LIVES)
def test_a_token_lives(expires_in: object, later: float, tokens: int) -> None:
    time = Time()
    with _registry(anonymous=True, token_seconds=expires_in) as registry, resolver(registry, time) as asked:
        asked.answer(heads(1))
        time.seconds += later
        asked.answer(heads(2))
        assert len(registry.requests(containing="/token")) == tokens


def test_the_other_name_of_a_token_will_do() -> None:
    with _registry(anonymous=True) as registry:
        registry.tokens["abc"] = f"repository:{PATH}:pull"
        registry.faults.append(faults.on("/token", faults.status(200, b'{"access_token":"abc"}')))
        assert _status(ask(registry, head())[0]) == "served"


NO_TOKEN: dict[str, tuple[Fault, str]] = {
    "no token in the answer": (faults.status(200, b"{}"), "not-a-registry"),
    "an answer that is no JSON": (faults.html(), "not-a-registry"),
    "a token with a line break": (faults.status(200, b'{"token":"a\\r\\nX: y"}'), "not-a-registry"),
    "a token with a space at its end": (faults.status(200, b'{"token":"CANARY-token "}'), "not-a-registry"),
    "a token of another alphabet": (faults.status(200, '{"token":"\u0441"}'.encode()), "not-a-registry"),
    "a token server that is not there": (faults.status(404), "not-a-registry"),
    "a token server in trouble": (faults.status(500), "5xx"),
    "a token server that is asked too often": (faults.status(429, Retry_After="9999"), "429"),
    "a token server that refuses": (faults.status(403), "403"),
    "a token server that sends us elsewhere": (faults.redirect("/other"), "redirect"),
    "an infinite token": (faults.infinite(), "too-large"),
    "a compressed token": (faults.compressed(b"{}"), "broken"),
    "deep nesting": (faults.status(200, b"[" * 60_000), "not-a-registry"),
}


@pytest.mark.parametrize(("fault", "status"), NO_TOKEN.values(), ids=NO_TOKEN)
def test_a_token_server_that_fails(fault: Fault, status: str) -> None:
    with _registry(anonymous=True) as registry:
        registry.faults.append(faults.on("/token", fault))
        (answer,) = ask(registry, head(), **login(USER, canary("hub")))
        assert _status(answer) == status
        assert isinstance(answer, Failed)
        assert "scope=" not in answer.reason
        assert shows_canary([answer.reason]) == []


def _evil(name: str = "localhost") -> Server:
    return Server(lambda _: Reply(200, (("Content-Type", "application/json"),), b'{"token":"t"}'), name=name)


REALMS = {
    "another host": "{evil}/token",
    "another host with a query": "{evil}/token?a=b",
    "a host with a user name": "http://user@127.0.0.1/token",
    "a host behind an at sign": "http://127.0.0.1@localhost:{port}/token",
    "a host behind a backslash": "http://127.0.0.1\\@localhost:{port}/token",
    "a subdomain that looks the same": "http://127.0.0.1.localhost:{port}/token",
    "upper case": "HTTP://LOCALHOST:{port}/token",
    "a trailing dot": "http://localhost.:{port}/token",
    "this machine by another number": "http://2130706433:{port}/token",
    "this machine by another form": "http://[::ffff:127.0.0.1]:{port}/token",
    "a metadata service": "http://169.254.169.254/token",
    "another scheme": "ftp://localhost:{port}/token",
    "no scheme": "//localhost:{port}/token",
    "a path alone": "/token",
    "an escaped quote": 'http://localhost:{port}/\\"token',
    "nothing": "",
}


@pytest.mark.parametrize("realm", REALMS.values(), ids=REALMS)
def test_no_realm_of_another_host_sees_the_login(realm: str) -> None:
    with _evil() as evil, _registry() as registry:
        registry.realm = realm.replace("{evil}", evil.url).replace("{port}", str(evil.port))
        with resolver(registry, **login(USER, canary("hub"))) as asked:
            answer = answer_of(asked, head())
            texts = [*asked.warnings, *([answer.reason] if isinstance(answer, Failed) else [])]
        assert _status(answer) != "served"
        assert leaks(canary("hub"), [evil]) == []
        assert shows_canary(texts) == []


def test_a_realm_of_another_host_is_asked_as_a_stranger_with_a_warning() -> None:
    with _evil() as evil, _registry() as registry:
        registry.realm = f"{evil.url}/token"
        with resolver(registry, **login(USER, canary("hub"))) as asked:
            asked.answer([head()])
            assert "token_hosts" in asked.warnings[0]
        assert "authorization" not in evil.log[0].headers


def test_a_realm_on_the_same_host_or_in_the_settings_gets_the_login() -> None:
    with _evil() as elsewhere, _evil("127.0.0.1") as same, _registry() as registry:
        for meant in (same, elsewhere):
            meant.may_see.add(canary("hub"))
        registry.realm = f"{same.url}/token"
        ask(registry, head(), **login(USER, canary("hub")))
        assert carries(same.log[0], canary("hub"))
        registry.realm = f"{elsewhere.url}/token"
        ask(registry, head(), token_hosts=("localhost",), **login(USER, canary("hub")))
        assert carries(elsewhere.log[0], canary("hub"))


def test_a_realm_in_a_later_answer_is_not_read() -> None:
    with _evil() as evil, _registry() as registry:
        later = faults.challenge(f'Bearer realm="{evil.url}/token",service="x"')
        registry.faults.append(faults.on("/manifests/", later))
        ask(registry, head(), **login(USER, canary("hub")))
        assert evil.log == []


def test_a_redirected_ping_does_not_choose_the_realm() -> None:
    with _evil() as evil, _registry() as registry:
        evil.faults.append(faults.challenge(f'Basic realm="{evil.url}"'))
        registry.faults.append(faults.times(1, faults.redirect(f"{evil.url}/v2/")))
        ask(registry, head(), **login(USER, canary("hub")))
        assert leaks(canary("hub"), [evil]) == []


def test_a_realm_redirect_does_not_carry_the_login_away() -> None:
    with _evil() as evil, _registry() as registry:
        registry.faults.append(faults.on("/token", faults.redirect(f"{evil.url}/token")))
        assert _status(ask(registry, head(), **login(USER, canary("hub")))[0]) == "redirect"
        assert evil.log == []


def test_a_manifest_redirect_does_not_carry_the_login_away() -> None:
    with _evil() as evil, _registry("basic") as registry:
        registry.faults.append(faults.on("/manifests/", faults.redirect(f"{evil.url}/v2/x")))
        ask(registry, head(), **login(USER, canary("hub")))
        assert leaks(canary("hub"), [evil]) == []
        assert evil.log != []


def test_a_stranger_that_a_redirect_leads_to_does_not_spoil_the_login() -> None:
    with _evil() as storage, _registry("basic") as registry:
        storage.faults.append(faults.status(401))
        registry.faults.append(faults.on("/away/manifests/", faults.redirect(f"{storage.url}/x")))
        answers = ask(registry, head("1", "acme/away"), *heads(20), **login(USER, canary("hub")))
        assert [_status(a) for a in answers] == ["401"] + ["served"] * 20


def _denied_to_logins(registry: FakeRegistry, where: str) -> None:
    def bent(seen: Seen, reply: Reply) -> Reply:
        denied = b'{"errors":[{"code":"DENIED","message":"denied"}]}'
        return Reply(403, (), denied) if carries(seen, canary("hub")) else reply

    registry.faults.append(faults.on(where, bent))


def test_a_stale_login_on_a_public_image_costs_one_try_as_a_stranger_and_a_warning() -> None:
    with _registry(anonymous=True) as registry, resolver(registry, **login(USER, canary("hub"))) as asked:
        _denied_to_logins(registry, "/token")
        assert {_status(a) for a in asked.answer(heads(20)).values()} == {"served"}
        assert len([s for s in registry.log if carries(s, canary("hub"))]) == 1
        assert len(asked.warnings) == 1
        assert "out of date" in asked.warnings[0]


def test_a_login_that_may_not_read_an_open_registry_is_dropped_for_it() -> None:
    with _registry("none") as registry, resolver(registry, **login(USER, canary("hub"))) as asked:
        challenge = faults.challenge('Basic realm="x"')
        registry.faults.append(lambda s, r: challenge(s, r) if s.path == "/v2/" else r)
        _denied_to_logins(registry, "/manifests/")
        assert isinstance(answer_of(asked, head()), Served)
        assert "out of date" in asked.warnings[0]


def test_a_refused_login_stays_refused_where_strangers_are_refused_too() -> None:
    with _registry() as registry, resolver(registry, **login(USER, canary("hub"))) as asked:
        registry.faults.append(faults.on("/manifests/", faults.status(403)))
        answer = answer_of(asked, head())
        assert _status(answer) == "403"
        assert asked.warnings == []
