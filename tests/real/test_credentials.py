"""Credential sources at real registries: files that real tools wrote, a helper, an identity token."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.process import Outcome, pinbot
from tests.real.registries import PASSWORD, USER, Registries
from tests.real.test_pin import repository
from tests.registry.credentials.helper_program import asked, honest


def _pinned(name: str, digest: str, tmp_path: Path, **environ: str) -> Outcome:
    done = pinbot("pin", "--format", "json", repository(tmp_path, name), home=tmp_path, env=environ)
    assert done.changes() == {name: f"{name}@{digest}"}, done.stderr
    return done


@pytest.mark.parametrize("tool", ["skopeo", "buildah"])
@pytest.mark.parametrize("scope", ["", "/team"], ids=["for the host", "for an organisation"])
def test_a_login_that_a_real_tool_saved_lets_us_in(
    registries: Registries, tmp_path: Path, tool: str, scope: str
) -> None:
    host, path = registries.htpasswd.host, registries.new_path()
    digest = registries.push(f"{path}:1")
    file = tmp_path / "auth.json"
    words = [tool, "login", "--authfile", str(file), "--tls-verify=false", "-u", USER, "-p", PASSWORD, host + scope]
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    assert list(json.loads(file.read_text())["auths"]) == [host + scope]
    _pinned(f"{host}/{path}:1", digest, tmp_path, REGISTRY_AUTH_FILE=str(file))


@pytest.mark.parametrize("which", ["htpasswd", "bearer"])
def test_a_helper_lets_us_in(registries: Registries, tmp_path: Path, which: str) -> None:
    host = (registries.htpasswd if which == "htpasswd" else registries.bearer).host
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    honest(tmp_path / "bin", "kept", {host: (USER, PASSWORD)})
    docker = tmp_path / ".docker"
    docker.mkdir()
    (docker / "config.json").write_text(json.dumps({"credHelpers": {host: "kept"}}))
    _pinned(f"{host}/{path}:1", digest, tmp_path, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert [server for _, server, _, _ in asked(tmp_path / "bin")] == [host]


def test_an_identity_token_is_changed_for_tokens_of_the_registry(registries: Registries, tmp_path: Path) -> None:
    host, path = registries.bearer.host, registries.new_path()
    digest = registries.push(f"{path}:1")
    docker = tmp_path / ".docker"
    docker.mkdir()
    entry = {"auth": "", "identitytoken": registries.tokens.identity}
    (docker / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    before = len(registries.tokens.asked)
    done = _pinned(f"{host}/{path}:1", digest, tmp_path)
    (form,) = registries.tokens.asked[before:]
    assert (form["grant_type"], form["client_id"]) == (["refresh_token"], ["pinbot"])
    assert registries.tokens.identity not in done.stdout + done.stderr


def test_a_wrong_login_of_a_helper_is_named_with_where_it_came_from(registries: Registries, tmp_path: Path) -> None:
    host, path = registries.htpasswd.host, registries.new_path()
    registries.push(f"{path}:1")
    honest(tmp_path / "bin", "kept", {host: (USER, "hunter2")})
    docker = tmp_path / ".docker"
    docker.mkdir()
    (docker / "config.json").write_text(json.dumps({"credsStore": "kept"}))
    name = f"{host}/{path}:1"
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = pinbot("pin", "--format", "json", repository(tmp_path, name), home=tmp_path, env=env)
    assert done.code == 3
    reason = done.outcome_of(name)["reason"]
    assert f"the login of {USER!r} from Docker's configuration (credsStore kept) is not accepted" in reason
    assert "hunter2" not in done.stdout + done.stderr
