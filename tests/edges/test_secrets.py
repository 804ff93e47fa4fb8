"""Where the settings say a secret is: found there, never in the repository that is scanned, and never shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from pinbot import wiring
from pinbot.config.secrets import SecretSource
from pinbot.errors import UsageError
from tests.fakes.canary import canary, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.process import pinbot

SECRET = canary("settings")
SETTINGS = "registries:\n  {host}:\n    username: bot\n    password: {{{source}}}\n"


def _settings(folder: Path, source: str, host: str = "registry.example") -> str:
    file = folder / "settings.yaml"
    file.write_text(SETTINGS.format(host=host, source=source))
    return str(file)


def _open(path: str, environ: Mapping[str, str]) -> None:
    wiring.resolver(wiring.settings(path, {}), environ, None, lambda *_: None).close()


NO_SECRETS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "a line end alone": (b"\r\n", "is empty"),
    "bytes that are no text": (SECRET.encode() + b"\xff", "is not UTF-8"),
}


@pytest.mark.parametrize(("content", "complaint"), NO_SECRETS.values(), ids=NO_SECRETS)
def test_what_is_no_secret_is_wrong_usage_and_not_shown(content: bytes, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(UsageError, match=complaint) as by_file:
        _open(_settings(tmp_path, "file: secret"), {})
    with pytest.raises(UsageError) as by_variable:
        _open(_settings(tmp_path, "env: TOKEN"), {"TOKEN": os.fsdecode(content)})
    for caught in (by_file, by_variable):
        assert "registry.example" in str(caught.value)
        assert caught.value.__cause__ is None
        assert shows_canary([str(caught.value), repr(caught.value)]) == []


def test_a_secret_that_is_nowhere_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="TOKEN, and that variable is not set"):
        _open(_settings(tmp_path, "env: TOKEN"), {})
    with pytest.raises(UsageError, match="secret: No such file"):
        _open(_settings(tmp_path, "file: secret"), {})


@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["as it is", "with a line end", "with a Windows line end"])
@pytest.mark.parametrize("source", ["file: secret", "env: TOKEN"])
def test_a_secret_lets_us_in_with_and_without_a_line_end(source: str, end: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + end, newline="")
    with FakeRegistry(auth="basic", users={"bot": SECRET}) as registry:
        registry.push_image("a/b", ["1"])
        settings = _settings(tmp_path, source, f'"{registry.host}"')
        done = pinbot(
            "resolve", "--config", settings, f"{registry.host}/a/b:1", home=tmp_path, env={"TOKEN": SECRET + end}
        )
    assert done.code == 0
    assert shows_canary([done.stdout, done.stderr]) == []


def test_relative_paths_are_beside_the_settings_and_not_in_the_scanned_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned = tmp_path / "scanned"
    scanned.mkdir()
    monkeypatch.chdir(scanned)
    (scanned / "secret").write_text("planted")
    chosen = wiring.settings(_settings(tmp_path, "file: secret"), {})
    assert chosen.registries["registry.example"].password == SecretSource(file=str(tmp_path / "secret"))


def test_the_users_settings_are_never_those_of_the_scanned_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pinbot").mkdir()
    (tmp_path / "pinbot" / "config.yaml").write_text("jobs: 3\n")
    monkeypatch.chdir(tmp_path)
    assert wiring.settings(None, {"XDG_CONFIG_HOME": "."}).jobs != 3
    assert wiring.settings(None, {"XDG_CONFIG_HOME": str(tmp_path)}).jobs == 3
