"""The first tables: sightings of digests under tags, and what digests hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "pinbot_sightings",
        sa.Column("registry", sa.String, primary_key=True),
        sa.Column("repository", sa.String, primary_key=True),
        sa.Column("tag", sa.String, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("first", sa.String, nullable=False),
        sa.Column("last", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
    )
    op.create_index("pinbot_sightings_by_digest", "pinbot_sightings", ["digest"])
    op.create_table(
        "pinbot_facts",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
