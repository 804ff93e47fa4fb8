"""Brings a database to the tables of this pinbot: made where there are none, changed where they are older.

Alembic takes a quarter of a second to load, so it is, only where there is something to do.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, table
from sqlalchemy import column as named

from pinbot.errors import StoreError
from pinbot.store.tables import VERSION_TABLE, VERSIONS, metadata

_NEWEST = VERSIONS[-1]


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version. Raises StoreError where they are of a newer one."""
    version = _version(connection)
    if version is not None and version not in VERSIONS:
        raise StoreError(f"it was written by a newer pinbot (its tables are version {version[:20]!r}); update this one")
    return version == _NEWEST


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date, within the transaction that is open; its owner holds a lock against others.

    Raises StoreError for a database that is newer, or that belongs to something else.
    """
    if is_current(connection):
        return
    if _version(connection) is None:
        _refuse_strangers(connection)
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    stored: object = connection.scalar(select(named("version_num")).select_from(table(VERSION_TABLE)))
    return None if stored is None else str(stored)


def _refuse_strangers(connection: Connection) -> None:
    """A file of SQLite that has tables is another program's; in Postgres our names alone must be free."""
    there = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    if there if connection.dialect.name == "sqlite" else there & metadata.tables.keys():
        raise StoreError("it is a database of something else, and is left as it is; name another place")
