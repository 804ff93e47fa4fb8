"""A Postgres server of these tests' own, started once, and a database in it for each test."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from pinbot.store.location import Location
from tests.store.ledgers import Postgres

_NUMBERS = count()


def _programs() -> Path | None:
    """Return the folder of Postgres' programs; Debian keeps them off the PATH, one folder for each version."""
    known = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        Path(shutil.which("initdb") or "/").parent,
    ]
    return next((folder for folder in known if (folder / "initdb").exists()), None)


def _user() -> str | None:
    """Return whom to run it as: it refuses to run as root."""
    return "postgres" if os.getuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server, at whose door everybody is let in by name."""
    programs = _programs()
    if programs is None:
        pytest.skip("NOT TESTED on Postgres: apt-get install postgresql (`make test` may do it)")
    # Below /tmp and not in pytest's folders, which another user may not enter.
    with tempfile.TemporaryDirectory(prefix="pinbot-postgres-") as name:
        folder = Path(name)
        if user := _user():
            shutil.chown(folder, user)
        server = Postgres(programs, folder / "data", _user(), _free_port())
        server.run("initdb", "--auth", "trust", "--username", "pinbot", "--encoding", "UTF8", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.run("pg_ctl", "--mode", "immediate", "--wait", "stop")


@pytest.fixture
def database(postgres: Postgres) -> Location:
    """An empty database."""
    return Location.parse(postgres.create(f"ledger_{os.getpid()}_{next(_NUMBERS)}"))


@pytest.fixture
def file(tmp_path: Path) -> Location:
    """A place for a file, which is not there yet, nor its folder."""
    return Location.parse(str(tmp_path / "state" / "ledger.db"))


@pytest.fixture(params=["SQLite", "Postgres"])
def location(request: pytest.FixtureRequest) -> Location:
    """Both kinds of database, empty."""
    found = request.getfixturevalue("file" if request.param == "SQLite" else "database")
    assert isinstance(found, Location)
    return found
