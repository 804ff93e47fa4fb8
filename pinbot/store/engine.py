"""Connections to the ledger's database: how they begin, how they lock, and what their errors mean to a person.

SQLite: https://www.sqlite.org/wal.html, https://www.sqlite.org/lang_transaction.html. A writer takes its lock at the
beginning (BEGIN IMMEDIATE); one that only reads first and finds another writer later cannot wait, and fails.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pinbot.errors import StoreError
from pinbot.store import patience
from pinbot.store.location import Location

BUSY_SECONDS = 10
# "pinbot", as a number: writers of one Postgres database take turns by it.
_TURN = 0x70696E626F74
_BEGIN = "pinbot_begin"
_SHOWN = 300

# What a database says, and what there is to be done; the first that fits.
_ADVICE = (
    ("not a database", "it is damaged, or something else; move it away, and a new one is begun"),
    ("malformed", "it is damaged; move it away, and a new one is begun"),
    ("readonly", "it may not be written; let this user write it and its folder, or name another place with --ledger"),
    ("read-only", "name another place with --ledger"),
    ("unable to open", "let this user write it and its folder, or name another place with --ledger"),
    ("permission denied", "let this user write it and its folder, or name another place with --ledger"),
    ("full", "make room on the disk, or name another place with --ledger"),
    ("locked", f"another process has held it for {BUSY_SECONDS} s; try again when that is done"),
    ("lock timeout", f"another process has held it for {BUSY_SECONDS} s; try again when that is done"),
    ("psycopg", "Postgres needs psycopg, which pinbot's extra `postgres` brings: pinbot[postgres]"),
    ("closed the connection", f"it has stopped, or gave no answer for {patience.SECONDS} s"),
    ("statement timeout", f"it gave no answer for {patience.SECONDS} s; is it overloaded?"),
    ("password", "check the user and the password in the settings"),
)


def open_engine(location: Location, patience_seconds: float = patience.SECONDS) -> Engine:
    """Return the engine for a ledger; a file is made, for this user alone, where there is none. Raises StoreError."""
    with plain_errors(location):
        if location.file is not None:
            _make_file(location.file)
            return _sqlite(location.file)
        return _postgres(location, patience_seconds)


@contextmanager
def reading(engine: Engine, location: Location) -> Iterator[Connection]:
    """Open a transaction that sees one state of the database. Raises StoreError."""
    with plain_errors(location), engine.begin() as connection:
        _bound(connection, "statement_timeout", patience.SECONDS)
        yield connection


@contextmanager
def writing(engine: Engine, location: Location) -> Iterator[Connection]:
    """Open a transaction that no other writer works beside; all of it counts, or nothing. Raises StoreError."""
    with plain_errors(location), engine.connect() as plain:
        connection = plain.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        with connection.begin():
            _bound(connection, "statement_timeout", patience.SECONDS)
            _bound(connection, "lock_timeout", BUSY_SECONDS)
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
            yield connection


def _bound(connection: Connection, what: str, seconds: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL {what} = '{seconds}s'")


@contextmanager
def plain_errors(location: Location) -> Iterator[None]:
    """Turn what a database, the system or a strange file raises into a StoreError: what is wrong, and the way out."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_explained(str(error.orig), location)) from None
    except OSError as error:
        raise StoreError(_explained(error.strerror or str(error), location)) from None
    except (SQLAlchemyError, sqlite3.Error, ImportError, ValueError) as error:
        raise StoreError(_explained(str(error), location)) from None


def _explained(said: str, location: Location) -> str:
    """Return one line without any secret, and with advice where there is some."""
    for secret in (location.password, location.url):
        if secret is not None:
            said = said.replace(secret.reveal(), "***")
    line = "".join(c if c.isprintable() else " " for c in said.strip().split("\n")[0])[:_SHOWN].rstrip(".")
    advice = next((advice for word, advice in _ADVICE if word in line.lower()), None)
    return f"{line}; {advice}" if advice else line


def _make_file(file: Path) -> None:
    """Make the file and the folders that are missing, for this user alone: what a person pins is nobody's business."""
    for folder in reversed([f for f in file.parents if not f.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600))
    except OSError:
        if not file.exists():  # what may be read and not written is of use still
            raise
    if not stat.S_ISREG(file.stat().st_mode):
        raise StoreError("it is no file; name another place")


def _sqlite(file: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # Python's driver is not to begin transactions of its own
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side. SQLite does not wait for others here, whatever its timeout says."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break  # where a file system has no shared memory the old mode stays, and is good enough
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _postgres(location: Location, patience_seconds: float) -> Engine:
    assert location.url is not None
    url = make_url(location.url.reveal())
    if location.password is not None and url.password is None:
        url = url.set(password=location.password.reveal())
    # A connection for each of the few transactions of a run: one that is kept may be dead when it is used again.
    engine = create_engine(
        url, connect_args={"connect_timeout": BUSY_SECONDS}, poolclass=NullPool, hide_parameters=True
    )
    patience.keep(engine, patience_seconds)
    return engine
