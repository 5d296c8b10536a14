"""SQLite sums up full blocks only, so the one that is not full yet leaves counters and blocks again."""

from alembic import op

revision = "0002"
down_revision = "0001"

OPEN = "(SELECT coalesce(max(seq) + 1, 0) / 1024 FROM predictions)"


def upgrade() -> None:
    """Takes the rows of the open block out of the sums."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute(
        "UPDATE counters SET rows = rows - (SELECT count(*) FROM predictions AS p "  # noqa: S608 -- our own text
        f"WHERE p.seq >= 1024 * {OPEN} AND p.project = counters.project AND coalesce(p.label, '') = counters.label)"
    )
    op.execute(f"DELETE FROM blocks WHERE block >= {OPEN}")  # noqa: S608
