"""`auth.json` of Podman, Skopeo and Buildah."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pinbot.config.settings import Settings
from pinbot.registry.credentials import containers_auth
from pinbot.registry.credentials._base import Ambient, Login
from pinbot.wiring.ambient import ambient
from tests.registry.credentials.asking import Asked, config, entry, wanted
from tests.registry.credentials.helper_program import honest


def _asked(*files: Path, **more: object) -> Asked:
    return Asked(containers_auth.SOURCE, Ambient(containers_auth=files, **more))  # type: ignore[arg-type] # options


def _file(folder: Path, auths: object = None, **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return config(folder, auths, **more)


SCOPES: dict[str, tuple[str, str, str]] = {
    "a repository": ("quay.io", "acme/api", "quay.io/acme/api"),
    "below a repository": ("quay.io", "acme/api/x", "quay.io/acme/api"),
    "another repository of the organisation": ("quay.io", "acme/apix", "quay.io/acme"),
    "another organisation": ("quay.io", "acmex/api", "quay.io"),
    "Docker Hub": ("docker.io", "library/nginx", "docker.io"),
    "an organisation of Docker Hub": ("docker.io", "acme/x", "docker.io/acme"),
}


@pytest.mark.parametrize(("registry", "path", "key"), SCOPES.values(), ids=SCOPES)
def test_the_longest_key_is_for(registry: str, path: str, key: str, tmp_path: Path) -> None:
    keys = ("quay.io", "quay.io/acme", "quay.io/acme/api", "docker.io", "docker.io/acme")
    assert _asked(_file(tmp_path, {one: entry(one) for one in keys})).secret(registry, path) == key


def test_files_are_asked_in_their_order_and_say_their_name(tmp_path: Path) -> None:
    first = _file(tmp_path / "1", {"a.example": entry("first")})
    second = _file(tmp_path / "2", {"a.example": entry("second"), "b.example": entry("b")})
    asked = _asked(tmp_path / "none/auth.json", first, second)
    assert asked.secret("a.example") == "first"
    found = asked.who(wanted("b.example"))
    assert isinstance(found, Login)
    assert found.source == str(second)
    assert asked.warnings == []


def test_a_helper_of_such_a_file_is_asked_before_what_the_file_holds(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"a.example": ("bot", "helper")})
    file = _file(tmp_path, {"a.example": entry("file")}, credHelpers={"a.example": "x"})
    path = os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"]))
    asked = _asked(file, environ={"PATH": path}, helpers=None)
    assert asked.secret("a.example") == "helper"
    asked = _asked(file, environ={"PATH": path}, helpers=())
    assert asked.secret("a.example") == "file"
    assert "`credential-helpers: [x]`" in asked.warnings[0]


PLACES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "nothing": ({}, ()),
    "a home": ({"HOME": "/h"}, ("/h/.config/containers/auth.json",)),
    "a folder for settings": (
        {"HOME": "/h", "XDG_CONFIG_HOME": "/c"},
        ("/c/containers/auth.json",),
    ),
    "a session": (
        {"HOME": "/h", "XDG_RUNTIME_DIR": "/run/user/1"},
        ("/run/user/1/containers/auth.json", "/h/.config/containers/auth.json"),
    ),
    "a file by name": ({"HOME": "/h", "XDG_RUNTIME_DIR": "/r", "REGISTRY_AUTH_FILE": "/x.json"}, ("/x.json",)),
}


@pytest.mark.parametrize(("environ", "files"), PLACES.values(), ids=PLACES)
def test_the_files_are_found_from(environ: dict[str, str], files: tuple[str, ...]) -> None:
    assert tuple(map(str, ambient(Settings(), environ, None, False).containers_auth)) == files
    assert ambient(Settings(containers_auth=False), environ, None, False).containers_auth == ()


HELPERS: dict[str, tuple[tuple[str, ...] | None, bool, tuple[str, ...] | None]] = {
    "all for a person": (None, False, None),
    "none where nobody watches": (None, True, ()),
    "those of the settings for a person": (("gcr",), False, ("gcr",)),
    "those of the settings where nobody watches": (("gcr",), True, ("gcr",)),
    "none where the settings say so": ((), False, ()),
}


@pytest.mark.parametrize(("listed", "unattended", "may"), HELPERS.values(), ids=HELPERS)
def test_helpers_run(listed: tuple[str, ...] | None, unattended: bool, may: tuple[str, ...] | None) -> None:
    assert ambient(Settings(credential_helpers=listed), {}, None, unattended).helpers == may


def test_what_is_foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, checkout = tmp_path / "home", tmp_path / "home/checkout"
    (checkout / "inner").mkdir(parents=True)
    (checkout / ".git").mkdir()
    here = tmp_path / "here"
    here.mkdir()

    def foreign(folder: Path, scanned: Path | None = None) -> tuple[Path, ...]:
        monkeypatch.chdir(folder)
        return ambient(Settings(), {"HOME": str(home)}, str(scanned) if scanned else None, False).foreign

    assert foreign(checkout / "inner") == (checkout,)
    assert foreign(here) == (here,)
    assert foreign(here, checkout / "inner") == (here, checkout)
    assert foreign(home) == ()
    assert foreign(tmp_path) == ()
    (home / ".git").mkdir()
    assert foreign(home) == (home,)
