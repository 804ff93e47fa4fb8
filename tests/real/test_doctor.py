"""`pinbot doctor` at real registries: open, behind a password, behind a token server, behind TLS, and git over HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from tests import process
from tests.process import Outcome
from tests.real.clock_proxy import ClockProxy
from tests.real.conftest import Settings
from tests.real.git_server import PASSWORD as GIT_PASSWORD
from tests.real.git_server import USER as GIT_USER
from tests.real.git_server import GitServer
from tests.real.registries import PASSWORD, Registries


def _doctor(home: Path, config: Path, *arguments: str, **environ: str) -> Outcome:
    done = process.pinbot(
        "doctor",
        "--config",
        config,
        "--format",
        "json",
        *arguments,
        home=home,
        env={"BOT_PASSWORD": PASSWORD, **environ},
    )
    assert PASSWORD not in done.stdout + done.stderr
    return done


def _levels(done: Outcome, kind: str, name: str) -> dict[str, str]:
    (found,) = (s for s in done.json["subjects"] if (s["kind"], s["name"]) == (kind, name))
    return {check["check"]: check["level"] for check in found["checks"]}


@pytest.fixture
def scanned(registries: Registries, tmp_path: Path) -> Path:
    """A folder whose one file uses an image of each of the three registries."""
    path = registries.new_path()
    registries.push(f"{path}:1")
    names = (f"docker.io/{path}", f"basic.example:5000/{path}", f"bearer.example/{path}")
    (tmp_path / "Dockerfile").write_text("".join(f"FROM {name}:1\n" for name in names))
    return tmp_path


def test_every_login_is_accepted(settings: Settings, scanned: Path) -> None:
    done = _doctor(scanned, settings())
    assert done.code == 0, done.stdout
    for name in ("docker.io", "basic.example:5000", "bearer.example"):
        assert _levels(done, "registry", name)["login"] == "ok", done.stdout
        assert _levels(done, "registry", name)["clock"] == "ok"


def test_every_login_is_accepted_without_any_image(settings: Settings, tmp_path: Path) -> None:
    done = _doctor(tmp_path, settings(), "--no-scan")
    assert done.code == 0, done.stdout
    assert _levels(done, "registry", "basic.example:5000")["login"] == "ok", done.stdout
    assert _levels(done, "registry", "bearer.example")["login"] == "ok", done.stdout
    assert _levels(done, "registry", "docker.io")["login"] == "note"


@pytest.mark.parametrize("arguments", [(), ("--no-scan",)], ids=["with an image", "without any"])
def test_a_wrong_password_is_a_problem_of_its_registries(
    settings: Settings, scanned: Path, arguments: tuple[str, ...]
) -> None:
    done = _doctor(scanned, settings(), *arguments, BOT_PASSWORD="another password")
    assert done.code == 3
    assert _levels(done, "registry", "basic.example:5000")["login"] == "problem"
    assert _levels(done, "registry", "bearer.example")["login"] == "problem"
    assert _levels(done, "registry", "docker.io")["reachable"] == "ok"


def test_strangers_are_told_so(settings: Settings, scanned: Path) -> None:
    done = _doctor(scanned, settings(password=""))
    assert _levels(done, "registry", "docker.io")["login"] == "ok", done.stdout
    assert _levels(done, "registry", "bearer.example")["login"] == "problem"


@pytest.fixture
def behind_tls(registries: Registries, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The open registry behind TLS with a certificate of a private authority: its name, and the authority's file."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with ClockProxy(registries.open.host, datetime.now(UTC), tls=context, name="localhost") as proxy:
        yield proxy.host, tmp_path / "ca.pem"


def test_a_private_authority(behind_tls: tuple[str, Path], tmp_path: Path) -> None:
    name, ca_file = behind_tls
    config = tmp_path / "s.yaml"
    config.write_text(f"registries:\n  '{name}':\n    ca-file: {ca_file}\n")
    assert _levels(_doctor(tmp_path, config, "--no-scan"), "registry", name)["tls"] == "ok"


def test_git_over_http_with_a_password(git_server: GitServer, tmp_path: Path) -> None:
    repository = git_server.repository({"Dockerfile": b"FROM nginx:1.27\n"})
    empty = git_server.repository()
    config = tmp_path / "s.yaml"
    config.write_text(
        f"forges:\n  - git:\n      repositories: [{repository.url}, {empty.url}, {repository.url}x]\n"
        f"      username: {GIT_USER}\n      password: {{env: GIT_PASSWORD}}\n"
    )
    done = _doctor(tmp_path, config, "--no-scan", GIT_PASSWORD=GIT_PASSWORD)
    found = [check for s in done.json["subjects"] if s["kind"] == "forge" for check in s["checks"]]
    assert [(check["check"], check["level"]) for check in found] == [
        ("git", "ok"), ("git", "note"), ("git", "problem")
    ], done.stdout  # fmt: skip
