"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Creates every table."""
    _predictions()
    _counts()
    _feedback()
    _jobs()
    _keys()
    _audit()


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("seq", SEQ, sa.Identity(), primary_key=True),
        sa.Column("uid", NAME, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("row_index", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("project", NAME, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("label", NAME),
        sa.Column("score", sa.Double),
        sa.Column("outside_range", sa.Boolean, nullable=False),
        sa.Column("principal", sa.Text),
        sa.Column("latency_us", sa.BigInteger, nullable=False),
    )
    op.create_index("predictions_uid", "predictions", ["uid"], unique=True)
    op.create_index(
        "predictions_idempotency",
        "predictions",
        ["project", sa.text("coalesce(principal, '')"), "idempotency_key", "row_index"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def _counts() -> None:
    op.create_table(
        "counters",
        sa.Column("project", NAME, primary_key=True),
        sa.Column("label", NAME, primary_key=True),
        sa.Column("writer", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blocks",
        sa.Column("block", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("project", NAME, primary_key=True),
        sa.Column("label", NAME, primary_key=True),
        sa.Column("writer", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first_time", sa.BigInteger, nullable=False),
        sa.Column("last_time", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("uid", NAME, primary_key=True),
        sa.Column("project", NAME, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("truth", sa.Text, nullable=False),
        sa.Column("principal", sa.Text),
    )
    op.create_index("feedback_project_time", "feedback", ["project", "time"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", NAME, primary_key=True),
        sa.Column("project", NAME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("started", sa.BigInteger),
        sa.Column("finished", sa.BigInteger),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("principal", sa.Text),
    )
    op.create_index("jobs_project_created", "jobs", ["project", "created"])


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", NAME, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", NAME, nullable=False, unique=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("project", NAME),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("revoked", sa.BigInteger),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", SEQ, sa.Identity(), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("detail", sa.Text),
    )
