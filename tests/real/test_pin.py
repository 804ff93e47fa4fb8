"""`pinbot pin` on real registries: skopeo, which shares no code with pinbot, agrees with every digest it writes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.process import pinbot
from tests.real.conftest import Settings
from tests.real.registries import PASSWORD, USER, Registries

LOGIN = {"BOT_PASSWORD": PASSWORD}


def repository(folder: Path, *references: str) -> Path:
    """Write a repository with a Dockerfile that names these references."""
    root = folder / "repository"
    root.mkdir(exist_ok=True)
    (root / "Dockerfile").write_text("".join(f"FROM {reference} AS s{i}\n" for i, reference in enumerate(references)))
    return root


@pytest.mark.parametrize("index", [False, True], ids=["a single image", "a multi-platform index"])
def test_writes_the_digest_that_skopeo_sees(
    registries: Registries, settings: Settings, tmp_path: Path, index: bool
) -> None:
    path = registries.new_path()
    registries.push(f"{path}:1.4", index=index)
    root = repository(tmp_path, f"{path}:1.4")

    done = pinbot("pin", "--format", "json", "--config", settings(password=""), root, home=tmp_path)

    seen = registries.tools.digest(f"{registries.open.host}/{path}:1.4")
    assert (done.code, done.changes()) == (0, {f"{path}:1.4": f"{path}:1.4@{seen}"})
    assert (root / "Dockerfile").read_text() == f"FROM {path}:1.4@{seen} AS s0\n"
    assert registries.tools.raw(f"{registries.open.host}/{path}@{seen}")


def test_a_loopback_registry_needs_no_settings(registries: Registries, tmp_path: Path) -> None:
    name = f"{registries.open.host}/{registries.new_path()}"
    digest = registries.tools.push_image(f"{name}:1", "content")
    done = pinbot("pin", "--format", "json", repository(tmp_path, f"{name}:1"), home=tmp_path)
    assert done.changes() == {f"{name}:1": f"{name}:1@{digest}"}


@pytest.mark.parametrize("registry", ["basic.example:5000", "bearer.example"])
def test_signs_in_with_the_credentials_of_the_settings(
    registries: Registries, settings: Settings, tmp_path: Path, registry: str
) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1", index=True)
    name = f"{registry}/{path}:1"
    done = pinbot(
        "pin", "--format", "json", "--config", settings(), repository(tmp_path, name), home=tmp_path, env=LOGIN
    )
    assert done.changes() == {name: f"{name}@{digest}"}
    behind = registries.htpasswd if registry.startswith("basic") else registries.open
    assert registries.tools.digest(f"{behind.host}/{path}:1", credentials=f"{USER}:{PASSWORD}") == digest


@pytest.mark.parametrize("which", ["htpasswd", "bearer"])
def test_signs_in_with_the_credentials_of_docker(registries: Registries, tmp_path: Path, which: str) -> None:
    host = registries.htpasswd.host if which == "htpasswd" else registries.bearer.host
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    docker = tmp_path / "docker"
    docker.mkdir()
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (docker / "config.json").write_text(json.dumps({"auths": {host: {"auth": login}}}))
    name = f"{host}/{path}:1"

    done = pinbot(
        "pin", "--format", "json", repository(tmp_path, name), home=tmp_path, env={"DOCKER_CONFIG": str(docker)}
    )

    assert done.changes() == {name: f"{name}@{digest}"}


@pytest.mark.parametrize("registry", ["basic.example:5000", "bearer.example"])
@pytest.mark.parametrize("password", ["hunter2-typo", ""], ids=["a wrong password", "no password"])
def test_a_refused_sign_in_is_named_and_the_others_go_on(
    registries: Registries, settings: Settings, tmp_path: Path, registry: str, password: str
) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    name = f"{registry}/{path}:1"
    root = repository(tmp_path, name, f"{path}:1")

    done = pinbot(
        "pin", "--format", "json", "--config", settings(password), root, home=tmp_path, env={"BOT_PASSWORD": password}
    )

    assert done.code == 3
    assert done.changes() == {f"{path}:1": f"{path}:1@{digest}"}
    missed = done.outcome_of(name)
    assert missed["outcome"] == "lookup-failed"
    assert registry.partition(":")[0] in missed["reason"]
    assert any(word in missed["reason"].lower() for word in ("credential", "login", "401"))
    assert not password or password not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["{path}:absent", "absent/altogether:1"], ids=["unknown tag", "unknown name"])
def test_what_is_not_there_is_named_and_the_others_go_on(
    registries: Registries, settings: Settings, tmp_path: Path, name: str
) -> None:
    path = registries.new_path()
    registries.push(f"{path}:1")
    name = name.format(path=path)
    root = repository(tmp_path, name, f"{path}:1")

    done = pinbot("pin", "--format", "json", "--config", settings(password=""), root, home=tmp_path)

    assert (done.code, done.json["summary"]["updated"]) == (3, 1)
    missed = done.outcome_of(name)
    assert missed["outcome"] == "lookup-failed"
    assert name.partition(":")[0] in missed["reason"]


def test_asks_once_for_each_reference_however_often_it_is_written(
    registries: Registries, settings: Settings, tmp_path: Path
) -> None:
    paths = [registries.new_path() for _ in range(3)]
    for path in paths:
        registries.push(f"{path}:1", index=True)
    root = repository(tmp_path, *[f"{path}:1" for path in paths * 4], f"docker.io/{paths[0]}:1")

    with registries.open.watched() as requests:
        done = pinbot("pin", "--format", "json", "--config", settings(password=""), root, home=tmp_path)

    assert done.json["summary"]["updated"] == 13
    asked = sorted((r.method, r.path) for r in requests if "/manifests/" in r.path)
    assert asked == sorted(("HEAD", f"/v2/{path}/manifests/1") for path in paths)
    assert len(requests) - len(asked) <= 1, "beside the manifests at most one ping"


def test_asks_for_one_token_per_repository(registries: Registries, settings: Settings, tmp_path: Path) -> None:
    paths = [registries.new_path() for _ in range(2)]
    for path in paths:
        registries.push(f"{path}:1")
        registries.push(f"{path}:2", "newer")
    root = repository(tmp_path, *[f"bearer.example/{path}:{tag}" for path in paths for tag in (1, 2)])
    before = len(registries.tokens.asked)

    with registries.bearer.watched() as requests:
        done = pinbot("pin", "--format", "json", "--config", settings(), root, home=tmp_path, env=LOGIN)

    assert done.json["summary"]["updated"] == 4
    assert len(registries.tokens.asked) - before == 2
    answered = [r for r in requests if "/manifests/" in r.path and r.status == 200]
    assert sorted((r.method, r.path) for r in answered) == sorted(
        ("HEAD", f"/v2/{path}/manifests/{tag}") for path in paths for tag in (1, 2)
    )
