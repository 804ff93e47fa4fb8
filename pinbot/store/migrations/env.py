"""Run by Alembic: applies the steps in the transaction that is open already, under the lock of its owner."""

from __future__ import annotations

from alembic import context

from pinbot.store.tables import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
