"""Remotes of the settings that get a password: it goes to one host."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinbot.config.load import load
from pinbot.errors import SettingsError

ONE = "https://git.example/a/b"


@pytest.mark.parametrize(
    ("urls", "is_fine"),
    [
        pytest.param([ONE, "https://GIT.example/a/c"], True, id="one host"),
        pytest.param([ONE, "https://other.example/a/b"], False, id="two hosts"),
        pytest.param([ONE, "https://git.example:8443/a/b"], False, id="another port"),
        pytest.param([ONE, "http://git.example/a/c"], False, id="plain http too"),
        pytest.param([ONE, "/srv/git/a"], True, id="a folder needs none"),
    ],
)
def test_a_password_goes_to_one_host(tmp_path: Path, urls: list[str], is_fine: bool) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        f"forges:\n  - git:\n      repositories: {urls}\n      username: bot\n      password: {{env: GIT_PASSWORD}}\n"
    )
    if is_fine:
        assert load(str(file)).sweep is not None
        return
    with pytest.raises(SettingsError, match="one host"):
        load(str(file))
