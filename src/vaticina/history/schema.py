"""What the database's layout is called and how it is counted; light, since every server imports it."""

SCHEMA = "0003"
"""The newest migration; a test compares it with what Alembic finds."""

VERSION_TABLE = "vaticina_schema"
"""Alembic's own default name would collide with other products that share the database, MLflow among them."""

UPGRADE = "vaticina history upgrade"
"""The command that messages name."""

BLOCK = 1_024
"""Sequence numbers a block spans. Rows on disk depend on it: it never changes."""

NEWEST = 2**63 - 1
"""Beyond every sequence number."""
