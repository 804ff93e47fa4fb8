"""What `docker login` left in `auths`: all spellings of keys, and whose they are (T7)."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pinbot.oci.resolution import Failed, Served
from pinbot.registry.credentials import docker_config
from pinbot.registry.credentials._base import Ambient, IdentityToken, Login, RegistryToken
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes.canary import canary, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.net.world import patient
from tests.registry.ask import HUB, PATH, TAG, answer_of, head
from tests.registry.credentials.asking import Asked, config, entry, wanted


def _asked(file: Path, foreign: tuple[Path, ...] = ()) -> Asked:
    return Asked(docker_config.SOURCE, Ambient(docker_config=file, foreign=foreign))


KEYS: dict[str, tuple[str, str]] = {
    "docker login's key for Docker Hub": ("https://index.docker.io/v1/", "docker.io"),
    "docker login's key without a slash": ("https://index.docker.io/v1", "docker.io"),
    "Docker Hub's key of today's Podman": ("docker.io", "docker.io"),
    "Docker Hub by its host": ("registry-1.docker.io", "docker.io"),
    "Docker Hub's index": ("index.docker.io", "docker.io"),
    "Docker Hub's second version": ("https://index.docker.io/v2/", "docker.io"),
    "a host": ("ghcr.io", "ghcr.io"),
    "a host as a URL": ("https://ghcr.io", "ghcr.io"),
    "a host as a URL with a slash": ("https://ghcr.io/", "ghcr.io"),
    "a host as a URL with a version": ("https://ghcr.io/v2/", "ghcr.io"),
    "a host with a version": ("ghcr.io/v1/", "ghcr.io"),
    "a host as a plain URL": ("http://localhost:5000", "localhost:5000"),
    "a host and port": ("localhost:5000", "localhost:5000"),
    "an upper-case host": ("GHCR.io", "ghcr.io"),
    "an organisation": ("ghcr.io/a", "ghcr.io"),
    "a repository": ("ghcr.io/a/b", "ghcr.io"),
    "a repository as a URL": ("https://ghcr.io/a/b", "ghcr.io"),
    "an organisation of Docker Hub": ("docker.io/a", "docker.io"),
}


@pytest.mark.parametrize(("key", "registry"), KEYS.values(), ids=KEYS)
def test_finds_a_login_under(key: str, registry: str, tmp_path: Path) -> None:
    assert _asked(config(tmp_path, {key: entry("right")})).secret(registry) == "right"


STRANGERS = (
    "docker.io.evil.example", "dockerr.io", "ghcr.io.evil.example", "xghcr.io", "hcr.io", "ghcr.io:8443", "ghcr.io:444",
    "localhost", "localhost:5001", "ghcr.ioa", "www.ghcr.io", "auth.docker.io", "hub.docker.com", "g", "io",
)  # fmt: skip


@pytest.mark.parametrize("registry", STRANGERS)
def test_a_look_alike_finds_nothing(registry: str, tmp_path: Path) -> None:
    keys = ("https://index.docker.io/v1/", "ghcr.io", "localhost:5000")
    assert _asked(config(tmp_path, {key: entry("x") for key in keys})).secret(registry) is None


NO_KEYS = ("", "/", "https://", "://", "//ghcr.io", "https:ghcr.io", "*", "*.io", "ghcr.io/a/b/c", "ghcr.io//a", "a/b",
           "user@ghcr.io", "ghcr.io?x", "ghcr.io#x", "https://ghcr.io/v3/", "gh")  # fmt: skip


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_key_that_is_for_something_else_finds_nothing(key: str, tmp_path: Path) -> None:
    assert _asked(config(tmp_path, {key: entry("x")})).secret("ghcr.io") is None


def test_the_longest_scope_wins_and_whole_names_count(tmp_path: Path) -> None:
    names = ("ghcr.io", "ghcr.io/acme", "ghcr.io/acme/api")
    asked = _asked(config(tmp_path, {name: entry(name) for name in names}))
    assert asked.secret("ghcr.io", "acme/api") == "ghcr.io/acme/api"
    assert asked.secret("ghcr.io", "acme/api/x") == "ghcr.io/acme/api"
    assert asked.secret("ghcr.io", "acme/apix") == "ghcr.io/acme"
    assert asked.secret("ghcr.io", "acmex/api") == "ghcr.io"
    assert asked.secret("ghcr.io", "x/acme/api") == "ghcr.io"


def test_of_two_spellings_of_a_key_the_plain_one_counts_and_an_empty_one_hides_none(tmp_path: Path) -> None:
    both = {"https://ghcr.io/v2/": entry("url"), "ghcr.io": entry("plain"), "https://ghcr.io": {}}
    assert _asked(config(tmp_path, both)).secret("ghcr.io") == "plain"
    assert _asked(config(tmp_path, {"https://ghcr.io": entry("url"), "ghcr.io": {}})).secret("ghcr.io") == "url"


PAIRS: dict[str, tuple[dict[str, str], str, str]] = {
    "a user name and a password": ({"username": "u", "password": "p"}, "u", "p"),
    "colons in a password": (entry("a:b:c"), "user", "a:b:c"),
    "a password padded by Docker": (entry("abc\0"), "user", "abc"),
    "a robot of Harbor": (entry("x", "robot$team+pull"), "robot$team+pull", "x"),
    "a robot of Quay": (entry("x", "acme+pull"), "acme+pull", "x"),
    "a variable that is none": (entry("$HOME ${PATH} %PATH% `id` $(id)", "$oauthtoken"), "$oauthtoken",
                                "$HOME ${PATH} %PATH% `id` $(id)"),
    "letters beyond ASCII": (entry("gehéim", "jürgen"), "jürgen", "gehéim"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "user", "password"), PAIRS.values(), ids=PAIRS)
def test_reads_a_login_as_it_is_and_expands_nothing(
    written: dict[str, str], user: str, password: str, tmp_path: Path
) -> None:
    found = _asked(config(tmp_path, {"a.example": written})).who(wanted("a.example"))
    assert isinstance(found, Login)
    assert (found.username, found.password.reveal(), found.source) == (user, password, "Docker's configuration")


NO_LOGINS: dict[str, dict[str, str]] = {
    "nothing": {},
    "an empty auth": {"auth": ""},
    "an auth that is no base64": {"auth": "!!"},
    "an auth without a colon": {"auth": "dXNlcg=="},
    "an auth that is no text": {"auth": "/w=="},
    "a user name alone": {"username": "u"},
    "a user name without a password": entry(""),
    "a line break in a password": entry("a\nb"),
    "a line break in a token": {"identitytoken": "a\r\nX-Evil: b"},
    "a line break in a token for the registry": {"registrytoken": "a\nb"},
}


@pytest.mark.parametrize("written", NO_LOGINS.values(), ids=NO_LOGINS)
def test_an_entry_without_a_login_is_none(written: dict[str, str], tmp_path: Path) -> None:
    assert _asked(config(tmp_path, {"ghcr.io": written})).secret("ghcr.io") is None


def test_an_identity_token_wins_over_the_login_beside_it_and_a_registry_token_over_both(tmp_path: Path) -> None:
    azure = {"auth": base64.b64encode(b"00000000:").decode(), "identitytoken": "t"}
    asked = _asked(config(tmp_path, {"a.example": azure, "b.example": {**entry("p"), "identitytoken": "t"},
                                     "c.example": {**azure, "registrytoken": "r"},
                                     "d.example": {"identitytoken": "t"}}))  # fmt: skip
    found = [asked.who(wanted(f"{name}.example")) for name in "abcd"]
    assert [type(one) for one in found] == [IdentityToken, IdentityToken, RegistryToken, IdentityToken]
    assert [one.username for one in found if isinstance(one, IdentityToken)] == ["00000000", "user", "<token>"]


BROKEN = {
    "nothing": "",
    "half an object": "{",
    "a list": "[]",
    "a list of auths": '{"auths": []}',
    "an auth that is a number": '{"auths": {"a": 5}}',
    "a helper that is a number": '{"credHelpers": {"a": 5}}',
    "deep nesting": "[" * 100_000,
    "a file without end": " " * 2_000_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_warning_and_no_more(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(content)
    asked = _asked(tmp_path / "config.json")
    assert asked.secret("ghcr.io") is None
    assert len(asked.warnings) == 1


def test_a_missing_file_is_no_news_and_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for absent in ("none.json", "none/config.json", "file/config.json"):
        asked = _asked(tmp_path / absent)
        assert (asked.secret("ghcr.io"), asked.warnings) == (None, [])
    assert "cannot be read" in _asked(tmp_path).warnings[0]


def test_a_file_in_the_repository_is_not_read_however_it_is_named(tmp_path: Path) -> None:
    repository, home = tmp_path / "repository", tmp_path / "home"
    for folder in (repository, home):
        folder.mkdir()
    file = config(repository, {"ghcr.io": entry("evil")})
    (home / "link").symlink_to(repository)
    for name in (file, home / "link/config.json", home / "../repository/config.json"):
        asked = _asked(name, (repository,))
        assert asked.secret("ghcr.io") is None
        assert "DOCKER_CONFIG" in asked.warnings[0]
    (repository / "out").symlink_to(home)
    config(home, {"ghcr.io": entry("mine")})
    assert _asked(repository / "out/config.json", (repository,)).secret("ghcr.io") is None
    assert _asked(home / "config.json", (repository,)).secret("ghcr.io") == "mine"


def test_a_file_that_depends_on_where_one_stands_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config(tmp_path, {"ghcr.io": entry("x")})
    monkeypatch.chdir(tmp_path)
    asked = _asked(Path("config.json"))
    assert asked.secret("ghcr.io") is None
    assert "in full" in asked.warnings[0]


def test_docker_logins_are_used_and_never_shown(tmp_path: Path) -> None:
    with FakeRegistry(auth="bearer", users={"user": canary("hub")}) as registry:
        ambient = Ambient(docker_config=config(tmp_path, {registry.host: entry(canary("hub"))}))
        registry.push_image(PATH, [TAG])
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)
        registry.users.clear()
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            answer = answer_of(asked, head())
            assert isinstance(answer, Failed)
            assert "the login of 'user' from Docker's configuration is not accepted" in answer.reason
            shown = [answer.reason, repr(asked.warnings), repr(options), repr(ambient), repr(asked.who(HUB, PATH))]
            assert shows_canary(shown) == []


def test_what_docker_saved_for_docker_hub_is_not_for_a_mirror_in_its_place(tmp_path: Path) -> None:
    ambient = Ambient(docker_config=config(tmp_path, {"https://index.docker.io/v1/": entry(canary("hub"))}))
    with FakeRegistry(auth="basic", users={"user": canary("hub")}) as mirror:
        options = {HUB: RegistryOptions(endpoint=mirror.url)}
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Failed)
        assert leaks(canary("hub"), [mirror]) == []
