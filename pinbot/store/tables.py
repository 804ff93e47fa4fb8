"""The tables of the ledger, as `migrations/` makes them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

# An application of one's own may keep its own alembic_version in the same database of Postgres.
VERSION_TABLE = "pinbot_version"
# All versions of these tables that there have been, oldest first: the revisions in `migrations/versions`.
VERSIONS = ("0001",)

metadata = MetaData()

# One row for each stretch of a tag; `place` is its place in the tag's history, from 0.
sightings = Table(
    "pinbot_sightings",
    metadata,
    Column("registry", String, primary_key=True),
    Column("repository", String, primary_key=True),
    Column("tag", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    Column("first", String, nullable=False),
    Column("last", String, nullable=False),
    Column("source", String, nullable=False),
    Index("pinbot_sightings_by_digest", "digest"),
)

# What a digest holds is the same for ever and in every registry: one row for each.
facts = Table(
    "pinbot_facts",
    metadata,
    Column("digest", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("facts", Text, nullable=False),
)
