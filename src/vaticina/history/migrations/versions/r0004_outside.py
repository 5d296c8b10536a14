"""Counts in how many predictions each input lay outside of what training saw."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the counters. Nothing that is there changes, so it waits for nobody; earlier predictions are not counted."""
    op.create_table(
        "outside_counters",
        sa.Column("project", NAME, primary_key=True),
        sa.Column("input", NAME, primary_key=True),
        sa.Column("writer", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
