"""Where the ledger is, and that its password is in no place where it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pinbot import wiring
from pinbot.config.secrets import SecretSource
from pinbot.config.settings import LedgerSettings, Settings
from pinbot.errors import UsageError
from pinbot.secret import Secret
from pinbot.store.location import Location
from tests.fakes.canary import canary, shows_canary

SECRET = canary("ledger")
HOME = {"HOME": "/home/me"}


def _where(environ: Mapping[str, str], option: str | None = None, chosen: str | None = None) -> str | None:
    with wiring.ledger(Settings(ledger=LedgerSettings(chosen)), option, environ) as ledger:
        return str(ledger.location) if ledger.location else None


PLACES: dict[str, tuple[Mapping[str, str], str | None, str | None, str | None]] = {
    "the user's state": (HOME, None, None, "/home/me/.local/state/pinbot/ledger.db"),
    "XDG_STATE_HOME": ({**HOME, "XDG_STATE_HOME": "/state"}, None, None, "/state/pinbot/ledger.db"),
    "a relative XDG_STATE_HOME is ignored": (
        {**HOME, "XDG_STATE_HOME": "state"},
        None,
        None,
        "/home/me/.local/state/pinbot/ledger.db",
    ),
    "a relative home": ({"HOME": "."}, None, None, None),
    "no home": ({}, None, None, None),
    "the settings": (HOME, None, "/kept.db", "/kept.db"),
    "the environment before the settings": ({**HOME, "PINBOT_LEDGER": "/env.db"}, None, "/kept.db", "/env.db"),
    "the option before all": ({**HOME, "PINBOT_LEDGER": "/env.db"}, "/option.db", "/kept.db", "/option.db"),
    "switched off": (HOME, None, "off", None),
    "switched off by option": (HOME, "off", "/kept.db", None),
    "a password in the environment": (
        {"PINBOT_LEDGER": f"postgresql://bot:{SECRET}@db/x?sslmode=require"},
        None,
        None,
        "postgresql://bot@db/x",
    ),
}


@pytest.mark.parametrize(("environ", "option", "chosen", "place"), PLACES.values(), ids=PLACES)
def test_the_ledger_is_where_it_was_said_to_be(
    environ: Mapping[str, str], option: str | None, chosen: str | None, place: str | None
) -> None:
    assert _where(environ, option, chosen) == place


@pytest.mark.parametrize(
    "url",
    [f"postgresql://bot:{SECRET}@db/x", f"postgres://db/x?password={SECRET}", f"postgresql://[bot:{SECRET}@db/x"],
)
@pytest.mark.parametrize("by_option", [True, False], ids=["in an argument", "in the settings"])
def test_a_password_in_a_url_that_others_can_read_is_refused(url: str, by_option: bool) -> None:
    with pytest.raises(UsageError, match="password of the ledger") as caught:
        _where({}, url if by_option else None, None if by_option else url)
    assert not shows_canary([str(caught.value)])


def test_a_password_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    for source in (SecretSource(env="TOKEN"), SecretSource(file=str(tmp_path / "secret"))):
        settings = Settings(ledger=LedgerSettings("postgresql://bot@db/x", source))
        with wiring.ledger(settings, None, {"TOKEN": SECRET}) as ledger:
            assert ledger.location
            assert ledger.location.password == Secret(SECRET)
            assert not shows_canary([repr(ledger.location)])


def test_a_password_that_is_missing_is_wrong_usage() -> None:
    settings = Settings(ledger=LedgerSettings("postgresql://bot@db/x", SecretSource(env="TOKEN")))
    with pytest.raises(UsageError, match="password of the ledger is to be in TOKEN"):
        wiring.ledger(settings, None, {})


@pytest.mark.parametrize("text", ["mysql://db/x", "sqlite://", "sqlite:///:memory:", "http://x", "a\0b", "://"])
def test_what_is_no_place_for_a_ledger_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="A ledger is the path of a file"):
        Location.parse(text)


def test_a_file_has_three_spellings() -> None:
    files = [Location.parse(text).file for text in ("/a b/l.db", "sqlite:////a%20b/l.db", "/a b/../a b/l.db")]
    assert files[0] == files[1] == Path("/a b/l.db")
