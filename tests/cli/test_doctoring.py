"""`pinbot doctor` as a user runs it: registries, forges and settings, each problem with a remedy in words."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.cli.conftest import Place
from tests.fakes import faults
from tests.fakes.bare import Bare
from tests.fakes.canary import canary
from tests.fakes.gitea.forge import FakeGitea
from tests.fakes.github.heads import DiskHeads
from tests.fakes.github.server import Fault, GitHubServer
from tests.fakes.github.state import Actor
from tests.fakes.gitlab.forge import FakeGitLab
from tests.fakes.registry import Auth, FakeRegistry
from tests.fakes.server import Reply, Server
from tests.process import Outcome

PASSWORD = canary("of-the-registry")
NGINX, TAG = "library/nginx", "1.27"


def settings(place: Place, text: str, *arguments: str, **environ: str) -> Outcome:
    """Run doctor with these settings, and see that it shows no secret."""
    (place.home / "s.yaml").write_text(f"timeout-seconds: 2\n{text}")
    done = place.pinbot("doctor", "--format", "json", *arguments, PASSWORD=PASSWORD, **environ)
    assert "CANARY-" not in done.stdout + done.stderr
    return done


def of(done: Outcome, kind: str, name: str | None = None) -> dict[str, Any]:
    """Return the one subject of that kind and name."""
    (found,) = (s for s in done.json["subjects"] if s["kind"] == kind and name in {None, s["name"]})
    return dict(found)


def levels(subject: dict[str, Any]) -> dict[str, str]:
    """Return the level of each check; the worst where one has several."""
    order = ["ok", "note", "problem"]
    found: dict[str, str] = {}
    for check in subject["checks"]:
        found[check["check"]] = max(found.get(check["check"], "ok"), check["level"], key=order.index)
    return found


def problem(subject: dict[str, Any], what: str) -> dict[str, Any]:
    """Return the one problem of a subject, which is with that."""
    (found,) = (check for check in subject["checks"] if check["level"] == "problem")
    assert found["check"] == what, found
    assert found["remedy"]
    return dict(found)


class TestRegistries:
    def test_all_is_well_with_what_the_files_name(self, place: Place) -> None:
        place.write("Dockerfile", f"FROM nginx:{TAG}\nFROM python:3.12-slim\n")
        place.registry.faults.append(faults.header("Date", format_datetime(datetime.now(UTC), usegmt=True)))
        done = settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n")
        assert done.code == 0, done.stdout
        hub = of(done, "registry", "docker.io")
        assert set(levels(hub).values()) == {"ok"}
        assert {"reachable", "registry", "credential", "login", "clock"} <= set(levels(hub))
        assert (hub["facts"]["references"], hub["facts"]["is_in_settings"]) == (2, True)
        assert hub["facts"]["origins"] == {"registry": place.registry.url}
        assert hub["facts"]["trial"]["what"] == f"docker.io/{NGINX}:{TAG}"
        assert done.json["schema"] == "pinbot.doctor/1"
        assert done.json["summary"]["problems"] == 0

    def test_asks_for_a_greeting_and_one_head(self, place: Place) -> None:
        place.write("Dockerfile", f"FROM nginx:{TAG}\nFROM python:3.12-slim\nFROM redis:7\n")
        settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n")
        assert [s.method for s in place.registry.log] == ["GET", "HEAD"]

    def test_no_scan_reads_no_files(self, place: Place) -> None:
        place.write("Dockerfile", "FROM 127.0.0.1:1/a:1\n")
        done = settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n", "--no-scan")
        assert [s["name"] for s in done.json["subjects"] if s["kind"] == "registry"] == ["docker.io"]
        assert settings(place, "", "--no-scan", ".").code == 2

    @pytest.mark.parametrize("auth", ["basic", "bearer"])
    @pytest.mark.parametrize("scans", [True, False], ids=["with an image", "with nothing but the login"])
    @pytest.mark.parametrize("password", [PASSWORD, "another-password"], ids=["right", "wrong"])
    def test_tries_a_login(self, place: Place, auth: Auth, scans: bool, password: str) -> None:
        with FakeRegistry(auth=auth, users={"robot": password}) as registry:
            registry.may_see.add(PASSWORD)
            registry.push_image("acme/api", ["1"])
            place.write("Dockerfile", f"FROM {registry.host}/acme/api:1\n" if scans else "FROM scratch\n")
            login = "    username: robot\n    password: {env: PASSWORD}\n"
            done = settings(place, f"registries:\n  '{registry.host}':\n{login}")
        found = of(done, "registry")
        assert found["facts"]["login"] == {"source": "the settings", "username": "robot"}
        if password == PASSWORD:
            assert (done.code, levels(found)["login"]) == (0, "ok")
        else:
            assert done.code == 3
            assert "log in again" in problem(found, "login")["remedy"]

    def test_a_login_of_docker_is_told_by_its_source(self, place: Place) -> None:
        with FakeRegistry(auth="basic", users={"robot": PASSWORD}) as registry:
            registry.push_image("acme/api", ["1"])
            auth = base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
            (place.home / ".docker").mkdir()
            (place.home / ".docker" / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
            place.write("Dockerfile", f"FROM {registry.host}/acme/api:1\n")
            done = settings(place, "")
        assert of(done, "registry")["facts"]["login"]["source"].startswith("Docker")
        assert "docker config" in levels(of(done, "settings"))

    def test_a_login_that_is_out_of_date_on_a_public_image(self, place: Place) -> None:
        with FakeRegistry(auth="bearer", anonymous=True, users={"robot": PASSWORD}) as registry:
            registry.push_image("acme/api", ["1"])

            def denied(seen: Any, reply: Reply) -> Reply:
                return Reply(403) if seen.headers.get("authorization", "").startswith("Basic") else reply

            registry.faults.append(faults.on("/token", denied))
            place.write("Dockerfile", f"FROM {registry.host}/acme/api:1\n")
            login = "    username: robot\n    password: {env: PASSWORD}\n"
            done = settings(place, f"registries:\n  '{registry.host}':\n{login}")
        assert "out of date" in problem(of(done, "registry"), "login")["text"]

    def test_strangers_are_told_to_log_in(self, place: Place) -> None:
        with FakeRegistry(auth="basic", users={"robot": PASSWORD}) as registry:
            place.write("Dockerfile", f"FROM {registry.host}/acme/api:1\n")
            done = settings(place, "")
        assert f"docker login {registry.host}" in problem(of(done, "registry"), "login")["remedy"]

    def test_a_password_that_is_not_there_is_a_problem_of_its_registry_alone(self, place: Place) -> None:
        login = "    username: robot\n    password: {env: NOT_SET}\n"
        hub = f"  docker.io:\n    endpoint: {place.registry.url}\n"
        with FakeRegistry() as other:
            done = settings(place, f"registries:\n{hub}  '{other.host}':\n{login}")
        assert "NOT_SET" in problem(of(done, "registry", other.host), "settings")["text"]
        assert "problem" not in levels(of(done, "registry", "docker.io")).values()

    def test_an_unknown_tag_is_a_note(self, place: Place) -> None:
        place.write("Dockerfile", "FROM nginx:1.99\n")
        done = settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n")
        assert (done.code, levels(of(done, "registry", "docker.io"))["login"]) == (0, "note")

    def test_what_is_left_of_the_pulls(self, place: Place) -> None:
        place.write("Dockerfile", f"FROM nginx:{TAG}\n")
        limit, left = faults.header("RateLimit-Limit", "100;w=21600"), faults.header("RateLimit-Remaining", "7;w=21600")
        place.registry.faults += [faults.on("/manifests/", limit), faults.on("/manifests/", left)]
        found = of(settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n"), "registry")
        assert levels(found)["budget"] == "note"
        budget = {"limit": 100, "remaining": 7, "window": 21600.0, "resets": None}
        assert found["facts"]["budget"] == budget

    @pytest.mark.parametrize(
        ("ahead", "level"),
        [pytest.param(90, "note", id="a minute and a half"), pytest.param(-3600, "problem", id="an hour")],
    )
    def test_a_clock_that_is_wrong(self, place: Place, ahead: int, level: str) -> None:
        then = datetime.now(UTC) + timedelta(seconds=ahead)
        place.registry.faults.append(faults.header("Date", format_datetime(then, usegmt=True)))
        done = settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n")
        found = of(done, "registry")
        assert levels(found)["clock"] == level
        assert abs(found["facts"]["contact"]["skew"] - ahead) < 60

    def test_a_server_that_redirects_is_named(self, place: Place) -> None:
        with FakeRegistry(name="localhost") as other:
            place.registry.faults.append(faults.redirect(f"{other.url}/v2/"))
            done = settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n")
            assert levels(of(done, "registry"))["redirect"] == "note"
            assert other.url in json.dumps(of(done, "registry"))

    def test_a_proxy_is_named_without_its_login(self, place: Place) -> None:
        with Server(lambda _: Reply(200)) as proxy:
            proxy.may_see.add(PASSWORD)
            through = f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}"
            text = "registries:\n  registry.example:\n    allow-http: true\n"
            done = settings(place, text, "--no-scan", HTTP_PROXY=through)
            found = of(done, "registry")
            assert found["facts"]["proxy"] == f"http://127.0.0.1:{proxy.port}"
            assert levels(found)["proxy"] == "ok"
            assert proxy.log != []

    @pytest.mark.parametrize("name", ["a b", "user@host", "xn--gr-xjc.io", "169.254.169.254.", "https://r.example"])
    def test_a_name_that_is_none_is_one_problem(self, place: Place, name: str) -> None:
        done = settings(place, f"registries:\n  '{name}': {{}}\n", "--no-scan")
        assert len([c for c in of(done, "registry")["checks"] if c["level"] == "problem"]) == 1

    def test_a_page_that_is_no_registry(self, place: Place) -> None:
        with Server() as server:
            server.faults.append(faults.html())
            done = settings(place, f"registries:\n  '{server.host}': {{}}\n", "--no-scan")
        assert "endpoint" in problem(of(done, "registry"), "registry")["remedy"]


def _refused(_stack: ExitStack) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _silent(stack: ExitStack) -> str:
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    return f"127.0.0.1:{listener.getsockname()[1]}"


def _slow(part: str) -> Callable[[ExitStack], str]:
    def slow(stack: ExitStack) -> str:
        registry = stack.enter_context(FakeRegistry())
        registry.faults.append(faults.on(part, faults.silence(8)))
        return registry.host

    return slow


BROKEN: dict[str, tuple[Callable[[ExitStack], str], str]] = {
    "nobody listens": (_refused, "refused"),
    "it says nothing": (_silent, "within 2 s"),
    "it takes its time": (_slow("/v2/"), "in time|within 2 s"),
    "a name that is none": (lambda _: "registry.invalid", "resolved|no address"),
    "a metadata service": (lambda _: "169.254.169.254", "metadata"),
    "another metadata service": (lambda _: "metadata.google.internal", "metadata"),
}


@pytest.mark.parametrize(("broken", "text"), BROKEN.values(), ids=BROKEN)
def test_a_broken_registry_costs_one_deadline_and_no_other_its_answer(
    place: Place, broken: Callable[[ExitStack], str], text: str
) -> None:
    with ExitStack() as stack:
        name = broken(stack)
        place.write("Dockerfile", f"FROM nginx:{TAG}\nFROM {name}/a:1\n")
        started = time.monotonic()
        done = settings(place, f"registries:\n  docker.io:\n    endpoint: {place.registry.url}\n")
        assert time.monotonic() - started < 7
    assert done.code == 3
    assert any(part in problem(of(done, "registry", name), "reachable")["text"] for part in text.split("|"))
    assert levels(of(done, "registry", "docker.io"))["login"] == "ok"


def test_a_registry_that_greets_and_then_says_nothing(place: Place) -> None:
    with ExitStack() as stack:
        name = _slow("/manifests/")(stack)
        place.write("Dockerfile", f"FROM {name}/a:1\n")
        found = of(settings(place, ""), "registry")
    assert levels(found)["reachable"] == "ok"
    assert "time" in problem(found, "login")["text"] or "within" in problem(found, "login")["text"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


class TestTls:
    def _found(
        self, place: Place, authority: trustme.CA, name: str, ends: datetime | None = None, *, trusted: bool = True
    ) -> dict[str, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, not_after=ends).configure_cert(context)
        authority.cert_pem.write_to_path(place.home / "ca.pem")
        # What trusts nobody that matters here, so that https is spoken to this machine all the same.
        trustme.CA().cert_pem.write_to_path(place.home / "other.pem")
        with FakeRegistry(tls=context, name="localhost") as registry:
            ca = "ca.pem" if trusted else "other.pem"
            done = settings(place, f"registries:\n  '{registry.host}':\n    ca-file: {ca}\n", "--no-scan")
        return of(done, "registry")

    def test_a_private_authority_and_the_end_of_the_certificate(self, place: Place, authority: trustme.CA) -> None:
        ends = datetime.now(UTC) + timedelta(days=200)
        found = self._found(place, authority, "localhost", ends)
        assert levels(found)["tls"] == "ok"
        assert found["facts"]["contact"]["certificate_ends"][:10] == f"{ends:%Y-%m-%d}"

    @pytest.mark.parametrize(("days", "level"), [(10, "note"), (1, "problem")])
    def test_a_certificate_that_ends_soon(self, place: Place, authority: trustme.CA, days: int, level: str) -> None:
        found = self._found(place, authority, "localhost", datetime.now(UTC) + timedelta(days=days, minutes=5))
        assert levels(found)["tls"] == level

    def test_an_authority_that_nobody_knows(self, place: Place, authority: trustme.CA) -> None:
        found = self._found(place, authority, "localhost", trusted=False)
        assert "ca-file" in problem(found, "reachable")["remedy"]

    def test_a_certificate_that_is_over(self, place: Place, authority: trustme.CA) -> None:
        found = self._found(place, authority, "localhost", datetime.now(UTC) - timedelta(days=1))
        assert "expired" in problem(found, "reachable")["text"]

    def test_a_certificate_of_another_name(self, place: Place, authority: trustme.CA) -> None:
        found = self._found(place, authority, "other.example")
        assert "certificate" in problem(found, "reachable")["text"]


class TestGitHub:
    TOKEN = canary("of-the-forge")

    def _run(self, place: Place, tmp_path: Path, actor: Actor | None, prepare: Any = None, more: str = "") -> Outcome:
        with GitHubServer() as hub:
            hub.server.may_see.add(self.TOKEN)
            if actor is not None:
                hub.hub.tokens[self.TOKEN] = actor
            bare = Bare.create(tmp_path / "api.git")
            bare.commit("main", {"Dockerfile": "FROM nginx:1.27\n"}, "Begin\n", [])
            hub.hub.add("acme/api", DiskHeads(bare.path))
            if prepare:
                prepare(hub)
            forge = f"forges:\n  - github:\n      url: {hub.url}\n      token: {{env: TOKEN}}\n{more}"
            done = settings(place, forge + "      organisations: [acme]\n", "--no-scan", TOKEN=self.TOKEN)
            assert hub.violations == []
            assert hub.writes() == []
            return done

    def test_a_classic_token(self, place: Place, tmp_path: Path) -> None:
        ends = datetime.now(UTC) + timedelta(days=5)
        done = self._run(place, tmp_path, Actor("pinner", scopes="repo, workflow", ends=ends))
        found = of(done, "forge")
        assert done.code == 0, done.stdout
        assert found["facts"]["account"]["name"] == "pinner"
        assert found["facts"]["account"]["permissions"] == ["repo", "workflow"]
        assert levels(found)["token"] == "note", "it ends in five days"
        assert found["facts"]["budget"]["remaining"] == 4990
        assert (found["facts"]["repository"], found["facts"]["git"]) == ("acme/api", "main")

    def test_a_token_without_the_scope(self, place: Place, tmp_path: Path) -> None:
        found = of(self._run(place, tmp_path, Actor("pinner", scopes="read:org")), "forge")
        assert "`repo`" in problem(found, "permissions")["remedy"]

    def test_a_token_with_permissions_of_its_own(self, place: Place, tmp_path: Path) -> None:
        assert levels(of(self._run(place, tmp_path, Actor("pinner")), "forge"))["permissions"] == "note"

    def test_a_token_that_is_not_accepted(self, place: Place, tmp_path: Path) -> None:
        done = self._run(place, tmp_path, None)
        assert done.code == 3
        assert "log in again" in problem(of(done, "forge"), "token")["remedy"]

    def test_a_forge_in_trouble_is_asked_once(self, place: Place, tmp_path: Path) -> None:
        def breaks(hub: GitHubServer) -> None:
            hub.faults.append(Fault("GET", "/rate_limit", None, times=9))

        found = of(self._run(place, tmp_path, Actor("pinner"), breaks), "forge")
        assert problem(found, "reachable")

    def test_a_forge_that_is_not_there(self, place: Place) -> None:
        forge = "forges:\n  - github:\n      url: http://127.0.0.1:1\n      token: {env: TOKEN}\n"
        done = settings(place, f"{forge}      organisations: [acme]\n", "--no-scan", TOKEN=self.TOKEN)
        assert problem(of(done, "forge"), "reachable")["text"].startswith("http://127.0.0.1:1")

    def test_a_token_that_is_not_set(self, place: Place) -> None:
        forge = "forges:\n  - github:\n      token: {env: NOT_SET}\n      organisations: [acme]\n"
        done = settings(place, forge, "--no-scan")
        assert "NOT_SET" in problem(of(done, "forge", "github.com"), "settings")["text"]


class TestGitea:
    def _run(self, place: Place, tmp_path: Path, token: str | None = None) -> Outcome:
        with FakeGitea(tmp_path) as gitea:
            gitea.repo("api")
            gitea.server.may_see.add(canary("wrong"))
            gitea.gates.append(lambda seen: Reply(404 if ".git/" in seen.path else 200))
            forge = f"forges:\n  - gitea:\n      url: {gitea.server.url}\n      token: {{env: TOKEN}}\n"
            return settings(place, f"{forge}      organisations: [acme]\n", "--no-scan", TOKEN=token or gitea.token)

    def test_who_we_are_there(self, place: Place, tmp_path: Path) -> None:
        found = of(self._run(place, tmp_path), "forge")
        assert found["facts"]["account"]["name"] == "pinbot"
        assert found["facts"]["repository"] == "acme/api"
        assert levels(found)["git"] == "problem", "this one serves no git"

    def test_a_token_that_is_not_accepted(self, place: Place, tmp_path: Path) -> None:
        assert problem(of(self._run(place, tmp_path, canary("wrong")), "forge"), "token")


class TestGitLab:
    def _run(self, place: Place, tmp_path: Path, token: str | None = None, *scopes: str) -> Outcome:
        with FakeGitLab(tmp_path) as gitlab:
            gitlab.project("api", "acme/platform")
            gitlab.scopes = list(scopes or ["api"])
            gitlab.server.may_see.add(canary("wrong"))
            gitlab.gates.append(lambda seen: Reply(404 if ".git/" in seen.path else 200))
            gitlab.server.faults.append(faults.header("RateLimit-Limit", "2000"))
            gitlab.server.faults.append(faults.header("RateLimit-Remaining", "1999"))
            gitlab.server.faults.append(faults.header("RateLimit-Reset", "1795262460"))
            forge = f"forges:\n  - gitlab:\n      url: {gitlab.site}\n      token: {{env: TOKEN}}\n"
            return settings(place, f"{forge}      groups: [acme]\n", "--no-scan", TOKEN=token or gitlab.token)

    def test_who_we_are_there_what_the_token_may_and_how_long(self, place: Place, tmp_path: Path) -> None:
        found = of(self._run(place, tmp_path), "forge")
        account = found["facts"]["account"]
        assert (account["name"], account["permissions"], account["lacking"]) == ("pinbot", ["api"], [])
        assert account["ends"] == "2026-11-30T00:00:00Z"
        assert found["facts"]["repository"] == "acme/platform/api"
        assert found["facts"]["budget"]["remaining"] == 1999
        assert levels(found)["git"] == "problem", "this one serves no git"

    def test_a_token_that_may_only_read(self, place: Place, tmp_path: Path) -> None:
        found = of(self._run(place, tmp_path, None, "read_api", "read_repository"), "forge")
        assert levels(found)["permissions"] == "problem"
        assert found["facts"]["account"]["lacking"] == ["the scope `api`"]

    def test_a_token_that_is_not_accepted(self, place: Place, tmp_path: Path) -> None:
        assert problem(of(self._run(place, tmp_path, canary("wrong")), "forge"), "token")

    def test_a_job_token_is_named_with_what_to_use_instead(self, place: Place, tmp_path: Path) -> None:
        found = problem(of(self._run(place, tmp_path, "glcbt-64_x"), "forge"), "settings")
        assert "flow: merge-request" in found["text"]


class TestLedger:
    def test_one_that_is_not_there_yet_stays_away(self, place: Place) -> None:
        done = settings(place, "", "--no-scan")
        assert done.code == 0
        assert of(done, "ledger")["facts"]["exists"] is False
        assert not (place.home / ".local").exists()

    def test_tells_how_much_it_holds(self, place: Place) -> None:
        place.write("Dockerfile", f"FROM nginx:{TAG}\n")
        place.pinbot("pin")
        found = of(settings(place, "", "--no-scan"), "ledger")
        assert (found["facts"]["sightings"], levels(found)) == (1, {"readable": "ok", "writable": "ok"})

    def test_one_that_is_no_ledger(self, place: Place) -> None:
        (place.home / "l.db").write_bytes(b"no database" * 100)
        done = settings(place, "ledger: l.db\n", "--no-scan")
        assert done.code == 3
        assert problem(of(done, "ledger"), "readable")

    @pytest.mark.parametrize("kept", [False, True], ids=["not begun", "begun"])
    def test_one_in_a_ref_is_read_and_not_written(self, place: Place, tmp_path: Path, kept: bool) -> None:
        bare = Bare.create(tmp_path / "api.git")
        bare.commit("main", {"Dockerfile": "FROM nginx:1.27\n"}, "Begin\n", [])
        if kept:
            tip = bare.commit("kept", {"ledger.jsonl": place.pinbot("history", "--export").stdout}, "Keep\n", [])
            bare.git("update-ref", "refs/pinbot/ledger", tip)
        text = f"forges:\n  - local:\n      repositories: [{bare.path}]\nledger: {{repository: {bare.path}}}\n"
        done = settings(place, text, "--no-scan")
        assert done.code == 0, done.stdout
        assert of(done, "ledger")["facts"]["exists"] is kept
        assert levels(of(done, "ledger")) == {"readable": "ok", "writable": "note"}
        assert levels(of(done, "forge")) == {"git": "ok"}
        assert not (place.home / ".cache").exists(), "no mirror is left behind"

    def test_none_at_all_is_a_note(self, place: Place) -> None:
        assert levels(of(settings(place, "", "--no-scan", "--ledger", "off"), "ledger")) == {"place": "note"}


def test_the_table_is_for_people(place: Place) -> None:
    place.write("Dockerfile", f"FROM nginx:{TAG}\nFROM 127.0.0.1:1/a:1\n")
    done = place.pinbot("doctor")
    assert done.code == 3
    assert "registry docker.io (1 reference, in the settings)" in done.stdout
    assert "→ check host and port" in done.stdout
    assert "1 problem" in done.stdout
    quiet = place.pinbot("doctor", "--quiet")
    assert "127.0.0.1:1" in quiet.stdout
    assert " ok " not in quiet.stdout


def test_settings_that_cannot_be_read_are_wrong_usage(place: Place) -> None:
    (place.home / "s.yaml").write_text("registries: [\n")
    assert place.pinbot("doctor").code == 2
