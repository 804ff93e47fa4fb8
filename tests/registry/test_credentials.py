"""Where logins come from, and to whom they belong (T7, T8)."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from pinbot.errors import UsageError
from pinbot.net.origin import Origin
from pinbot.oci.resolution import Failed, Served
from pinbot.registry import credentials
from pinbot.registry.credentials import docker_config, settings
from pinbot.registry.credentials._base import Anonymous, Login, Source, Sources, Wanted, first_answer
from pinbot.registry.options import RegistryOptions, endpoint_of, fold
from pinbot.registry.resolver import RegistryResolver
from pinbot.registry.token import may_have_login
from pinbot.secret import Secret
from tests.fakes.canary import canary, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.net.world import patient
from tests.registry.ask import HUB, PATH, TAG, answer_of, head


def _config(tmp_path: Path, auths: object) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"auths": auths, "credsStore": "evil"}))
    return path


def _silent(_sentence: str) -> None:
    """Take a warning that another test is about."""


def _entry(name: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"user:{name}".encode()).decode()}


def _found(file: Path, registry: str, path: str = "a/b") -> str | None:
    lookup = docker_config.SOURCE.open(Sources(docker_config=file), _silent)
    answer = lookup(Wanted(registry, registry, path))
    return answer.password.reveal() if isinstance(answer, Login) else None


KEYS: dict[str, tuple[str, str]] = {
    "docker login's key for Docker Hub": ("https://index.docker.io/v1/", "docker.io"),
    "Docker Hub by name": ("docker.io", "docker.io"),
    "Docker Hub by its host": ("registry-1.docker.io", "docker.io"),
    "Docker Hub's index": ("index.docker.io", "docker.io"),
    "a host": ("ghcr.io", "ghcr.io"),
    "a host as a URL": ("https://ghcr.io", "ghcr.io"),
    "a host as a URL with a slash": ("https://ghcr.io/", "ghcr.io"),
    "a host as a URL with a version": ("https://ghcr.io/v2/", "ghcr.io"),
    "a host as a plain URL": ("http://localhost:5000", "localhost:5000"),
    "a host and port": ("localhost:5000", "localhost:5000"),
    "an upper-case host": ("GHCR.io", "ghcr.io"),
    "an organisation": ("ghcr.io/a", "ghcr.io"),
    "a repository": ("ghcr.io/a/b", "ghcr.io"),
}


@pytest.mark.parametrize(("key", "registry"), KEYS.values(), ids=KEYS)
def test_finds_a_login_under(key: str, registry: str, tmp_path: Path) -> None:
    assert _found(_config(tmp_path, {key: _entry("right")}), registry) == "right"


STRANGERS = (
    "docker.io.evil.example", "dockerr.io", "ghcr.io.evil.example", "xghcr.io", "hcr.io", "ghcr.io:8443", "ghcr.io:443",
    "localhost", "localhost:5001", "ghcr.ioa", "www.ghcr.io", "auth.docker.io", "hub.docker.com", "g", "",
)  # fmt: skip


@pytest.mark.parametrize("registry", STRANGERS)
def test_a_look_alike_finds_nothing(registry: str, tmp_path: Path) -> None:
    keys = ("https://index.docker.io/v1/", "ghcr.io", "localhost:5000")
    assert _found(_config(tmp_path, {key: _entry("x") for key in keys}), registry) is None


def test_the_longest_scope_wins_and_whole_names_count(tmp_path: Path) -> None:
    names = ("ghcr.io", "ghcr.io/acme", "ghcr.io/acme/api")
    file = _config(tmp_path, {name: _entry(name) for name in names})
    assert _found(file, "ghcr.io", "acme/api") == "ghcr.io/acme/api"
    assert _found(file, "ghcr.io", "acme/api/x") == "ghcr.io/acme/api"
    assert _found(file, "ghcr.io", "acme/apix") == "ghcr.io/acme"
    assert _found(file, "ghcr.io", "acmex/api") == "ghcr.io"


def test_reads_user_name_and_password_too_and_colons_in_a_password(tmp_path: Path) -> None:
    colons = {"auth": base64.b64encode(b"user:a:b:c\0").decode()}
    file = _config(tmp_path, {"a.example": {"username": "u", "password": "p"}, "b.example": colons})
    assert _found(file, "a.example") == "p"
    assert _found(file, "b.example") == "a:b:c"


NO_LOGINS: dict[str, dict[str, str]] = {
    "nothing": {},
    "an empty auth": {"auth": ""},
    "an auth that is no base64": {"auth": "!!"},
    "an auth without a colon": {"auth": "dXNlcg=="},
    "an auth that is no text": {"auth": "/w=="},
    "a user name alone": {"username": "u"},
    "an identity token": {"identitytoken": "t"},
}


@pytest.mark.parametrize("entry", NO_LOGINS.values(), ids=NO_LOGINS)
def test_an_entry_without_a_login_is_none(entry: dict[str, str], tmp_path: Path) -> None:
    assert _found(_config(tmp_path, {"ghcr.io": entry}), "ghcr.io") is None


BROKEN = {
    "nothing": "",
    "half an object": "{",
    "a list": "[]",
    "a list of auths": '{"auths": []}',
    "an auth that is a number": '{"auths": {"a": 5}}',
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_warning_and_no_more(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(content)
    warnings: list[str] = []
    lookup = docker_config.SOURCE.open(Sources(docker_config=tmp_path / "config.json"), warnings.append)
    assert lookup(Wanted("ghcr.io", "ghcr.io", "a")) is None
    assert len(warnings) == 1


def test_a_missing_file_is_no_news_and_a_folder_is(tmp_path: Path) -> None:
    assert _found(tmp_path / "none.json", "ghcr.io") is None
    warnings: list[str] = []
    docker_config.SOURCE.open(Sources(docker_config=tmp_path), warnings.append)
    assert "cannot be read" in warnings[0]


def test_the_settings_come_before_docker_and_anonymous_ends_the_search(tmp_path: Path) -> None:
    sources: list[Source] = sorted([docker_config.SOURCE, settings.SOURCE], key=lambda s: s.rank)
    given = Sources({"ghcr.io": Login("u", Secret("settings"))}, _config(tmp_path, {"ghcr.io": _entry("docker")}))
    lookups = [s.open(given, lambda _: None) for s in sources]
    wanted = Wanted("ghcr.io", "ghcr.io", "a")
    assert first_answer(lookups, wanted) == Login("u", Secret("settings"))
    assert first_answer([lambda _: Anonymous(), *lookups], wanted) == Anonymous()
    assert first_answer(lookups, Wanted("quay.io", "quay.io", "a")) == Anonymous()
    assert credentials.__doc__


def test_docker_logins_are_used_and_never_shown(tmp_path: Path) -> None:
    with FakeRegistry(auth="bearer", users={"user": canary("hub")}) as registry:
        file = _config(tmp_path, {registry.host: _entry(canary("hub"))})
        registry.push_image(PATH, [TAG])
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, docker_config=file, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)
        registry.users.clear()
        with RegistryResolver(options, docker_config=file, world=patient()) as asked:
            answer = answer_of(asked, head())
            assert isinstance(answer, Failed)
            assert "'user'" in answer.reason
            assert shows_canary([answer.reason, repr(asked.warnings), repr(options)]) == []


def test_what_docker_saved_for_docker_hub_is_not_for_a_mirror_in_its_place(tmp_path: Path) -> None:
    file = _config(tmp_path, {"https://index.docker.io/v1/": _entry(canary("hub"))})
    with FakeRegistry(auth="basic", users={"user": canary("hub")}) as mirror:
        options = {HUB: RegistryOptions(endpoint=mirror.url)}
        with RegistryResolver(options, docker_config=file, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Failed)
        assert leaks(canary("hub"), [mirror]) == []


UNUSED: dict[str, tuple[dict[str, object], str]] = {
    "in a store": (
        {"auths": {"https://index.docker.io/v1/": {}}, "credsStore": "desktop"},
        "docker-credential-desktop",
    ),
    "with a helper": ({"credHelpers": {"docker.io": "ecr-login"}}, "docker-credential-ecr-login"),
    "as an identity token": (
        {"auths": {"docker.io": {"auth": _entry("")["auth"], "identitytoken": "CANARY-token"}}},
        "identity token",
    ),
}


@pytest.mark.parametrize(("content", "where"), UNUSED.values(), ids=UNUSED)
def test_a_login_that_is_kept_elsewhere_is_named_for_its_own_registry(
    content: dict[str, object], where: str, tmp_path: Path
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(content))
    warnings: list[str] = []
    lookup = docker_config.SOURCE.open(Sources(docker_config=file), warnings.append)
    assert lookup(Wanted("ghcr.io", "ghcr.io", "a")) is None
    assert warnings == []
    assert lookup(Wanted("docker.io", "docker.io", "a")) is None
    (warning,) = warnings
    assert where in warning
    assert shows_canary(warnings) == []


ENDPOINTS: dict[str, tuple[str, RegistryOptions, str]] = {
    "Docker Hub": ("docker.io", RegistryOptions(), "https://registry-1.docker.io"),
    "another registry": ("ghcr.io", RegistryOptions(), "https://ghcr.io"),
    "a port": ("r.example:5000", RegistryOptions(), "https://r.example:5000"),
    "this machine": ("localhost:5000", RegistryOptions(), "http://localhost:5000"),
    "this machine by address": ("127.0.0.1:5000", RegistryOptions(), "http://127.0.0.1:5000"),
    "this machine by IPv6": ("[::1]:5000", RegistryOptions(), "http://[::1]:5000"),
    "this machine with a certificate": ("localhost:5000", RegistryOptions(ca_file="x"), "https://localhost:5000"),
    "http where it is allowed": ("r.example", RegistryOptions(allow_http=True), "http://r.example"),
    "an endpoint": ("docker.io", RegistryOptions(endpoint="http://localhost:1/"), "http://localhost:1"),
}


@pytest.mark.parametrize(("name", "options", "origin"), ENDPOINTS.values(), ids=ENDPOINTS)
def test_endpoint(name: str, options: RegistryOptions, origin: str) -> None:
    if origin.endswith(":1"):
        with pytest.raises(UsageError):
            endpoint_of(name, RegistryOptions(endpoint="http://localhost:1/x"))
        options = RegistryOptions(endpoint="http://localhost:1")
    assert str(endpoint_of(fold(name), options)) == origin


REALMS: dict[str, tuple[str, str, tuple[str, ...], bool]] = {
    "Docker Hub's own": ("https://auth.docker.io", "https://registry-1.docker.io", (), True),
    "GitLab's own": ("https://gitlab.com", "https://registry.gitlab.com", (), True),
    "the same host": ("https://ghcr.io", "https://ghcr.io", (), True),
    "the same host on another port": ("https://r.example:5001", "https://r.example:5000", (), True),
    "another host": ("https://evil.example", "https://ghcr.io", (), False),
    "Docker Hub's for another registry": ("https://auth.docker.io", "https://ghcr.io", (), False),
    "a subdomain": ("https://auth.r.example", "https://r.example", (), False),
    "a parent domain": ("https://example", "https://r.example", (), False),
    "one in the settings": ("https://sso.example", "https://r.example", ("sso.example",), True),
    "one in the settings on another port": ("https://sso.example:444", "https://r.example", ("sso.example:444",), True),
    "http for https": ("http://r.example", "https://r.example", ("r.example",), False),
    "http for http": ("http://localhost:5001", "http://localhost:5000", (), True),
}


@pytest.mark.parametrize(("realm", "registry", "token_hosts", "may"), REALMS.values(), ids=REALMS)
def test_who_may_have_a_login(realm: str, registry: str, token_hosts: tuple[str, ...], may: bool) -> None:
    assert may_have_login(Origin.parse(realm), Origin.parse(registry), token_hosts) is may
