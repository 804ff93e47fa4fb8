"""Credentials as the command finds them: helpers for a person, none of the repository, in a sweep those listed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Place
from tests.fakes.canary import canary, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.process import Outcome
from tests.registry.credentials.helper_program import asked, honest, shell


@dataclass(frozen=True)
class Private:
    """A place with a private registry, whose login a helper of the user keeps."""

    place: Place
    registry: FakeRegistry

    @property
    def bin(self) -> Path:
        """The folder of the user's programs."""
        return self.place.home / "bin"

    @property
    def image(self) -> str:
        """The reference of an image of the private registry."""
        return f"{self.registry.host}/acme/api:1"

    def pinbot(self, *arguments: str, **environ: str) -> Outcome:
        """Run `pinbot` with the user's programs on the PATH."""
        path = f"{self.bin}:{os.environ['PATH']}"
        return self.place.pinbot(*arguments, **{"PATH": path, **environ})


@pytest.fixture
def private(place: Place) -> Iterator[Private]:
    """A private registry, and Docker's configuration that names the helper `kept`."""
    with FakeRegistry(auth="bearer", users={"bot": canary("private")}) as registry:
        registry.push_image("acme/api", ["1"])
        honest(place.home / "bin", "kept", {registry.host: ("bot", canary("private"))})
        docker = place.home / ".docker"
        docker.mkdir()
        (docker / "config.json").write_text(json.dumps({"auths": {registry.host: {}}, "credsStore": "kept"}))
        (docker / "config.json").chmod(0o600)
        place.write("Dockerfile", f"FROM {registry.host}/acme/api:1\n")
        yield Private(place, registry)


def test_a_helper_of_the_user_lets_a_person_in(private: Private) -> None:
    done = private.pinbot("pin")
    assert (done.code, done.stderr.count("docker-credential")) == (0, 0)
    assert "@sha256:" in private.place.read("Dockerfile")
    assert len(asked(private.bin)) == 1
    assert shows_canary([done.stdout, done.stderr]) == []


def test_helpers_can_be_switched_off(private: Private) -> None:
    settings = private.place.home / "s.yaml"
    settings.write_text(settings.read_text() + "credential-helpers: false\n")
    done = private.pinbot("resolve", private.image)
    assert done.code == 3
    assert "credential-helpers: [kept]" in done.stderr
    assert asked(private.bin) == []


def test_a_repository_with_a_configuration_and_a_helper_of_its_own_runs_nothing(private: Private) -> None:
    place, mark = private.place, private.place.home / "canary"
    shell(place.folder, "evil", f"touch {mark}")
    shell(place.folder / "bin", "evil", f"touch {mark}")
    config = json.dumps({"credsStore": "evil", "credHelpers": {private.registry.host: "evil", "docker.io": "evil"}})
    for name in (".docker/config.json", "config.json", "auth.json"):
        place.write(name, config)
    place.write("compose.yaml", "services: {web: {image: 'nginx:1.27'}}\n")
    hostile = {
        "DOCKER_CONFIG": str(place.folder / ".docker"),
        "REGISTRY_AUTH_FILE": str(place.folder / "auth.json"),
        "PATH": f"{place.folder}:{place.folder}/bin:.:bin::{os.environ['PATH']}",
    }
    for environ in (hostile, hostile | {"DOCKER_CONFIG": ".docker", "REGISTRY_AUTH_FILE": "auth.json"}):
        done = private.pinbot("pin", "--dry-run", **environ)
        assert done.code == 3
        assert "config.json" in done.stderr
        assert "auth.json" in done.stderr
    # Of the user's own configuration, too, a helper that only the repository has does not run.
    (place.home / ".docker/config.json").write_text(config)
    done = private.pinbot("pin", "--dry-run", PATH=hostile["PATH"])
    assert "docker-credential-evil" in done.stderr
    assert "belongs to the repository" in done.stderr
    assert not mark.exists()


def _sweeping(private: Private, tmp_path: Path, more: str = "") -> Outcome:
    place = private.place
    for command in (("init",), ("add", "."), ("commit", "-m", "x")):
        place.git(*command)
    bare = tmp_path / "work/api.git"
    place.git("clone", "--bare", str(place.folder), str(bare))
    settings = place.home / "s.yaml"
    text = f"{settings.read_text()}cache: {tmp_path / 'cache'}\nforges: [{{local: {{repositories: [{bare}]}}}}]\n{more}"
    settings.write_text(text)
    shutil.rmtree(place.folder / ".git")
    return private.pinbot("sweep", "--format", "json")


def test_a_sweep_runs_no_helper_unless_the_settings_list_it(private: Private, tmp_path: Path) -> None:
    done = _sweeping(private, tmp_path)
    assert asked(private.bin) == []
    assert "credential-helpers: [kept]" in done.stderr
    assert "@sha256:" not in done.stdout


def test_a_sweep_runs_a_helper_that_the_settings_list(private: Private, tmp_path: Path) -> None:
    done = _sweeping(private, tmp_path, "credential-helpers: [kept]\n")
    assert (done.code, len(asked(private.bin))) == (0, 1)
    assert "docker-credential" not in done.stderr


WRONG = {
    "a token of GitHub for another registry": ("quay.io: {credentials: github}", "quay.io"),
    "a cloud's for another registry": ("ghcr.io: {credentials: aws}", "ghcr.io"),
}


@pytest.mark.parametrize(("line", "named"), WRONG.values(), ids=WRONG)
def test_credentials_that_are_for_no_such_registry_are_a_mistake(line: str, named: str, place: Place) -> None:
    (place.home / "s.yaml").write_text(f"registries:\n  {line}\n")
    done = place.pinbot("resolve", "nginx:1.27")
    assert done.code == 2
    assert named in done.stderr


@pytest.mark.parametrize("user", ["robot$team+pull", "acme+pull", "$HOME", "$oauthtoken"])
def test_a_robot_of_the_settings_keeps_its_name_and_its_password(user: str, place: Place) -> None:
    password = canary("$HOME${PATH}`id`")
    with FakeRegistry(auth="basic", users={user: password}) as registry:
        registry.push_image("acme/api", ["1"])
        (place.home / "password").write_text(password + "\n")
        (place.home / "s.yaml").write_text(
            f"registries:\n  r.example:\n    endpoint: {registry.url}\n    username: {user}\n"
            f"    password: {{file: {place.home / 'password'}}}\n"
        )
        assert place.pinbot("resolve", "r.example/acme/api:1").code == 0


def test_a_token_of_the_settings_comes_from_the_environment(place: Place) -> None:
    with FakeRegistry(auth="bearer") as registry:
        registry.push_image("acme/api", ["1"])
        registry.tokens[canary("token")] = "repository:acme/api:pull"
        registry.may_see.add(canary("token"))
        (place.home / "s.yaml").write_text(
            f"registries:\n  r.example:\n    endpoint: {registry.url}\n    token: {{env: REGISTRY_TOKEN}}\n"
        )
        assert place.pinbot("resolve", "r.example/acme/api:1", REGISTRY_TOKEN=canary("token")).code == 0
        done = place.pinbot("resolve", "r.example/acme/api:1")
        assert (done.code, "REGISTRY_TOKEN" in done.stderr) == (2, True)
