"""The version of the tables and the constants of their layout. It imports nothing, since every server imports it."""

SCHEMA = "0004"
"""The revision of the newest migration; a test compares it with Alembic's."""

VERSION_TABLE = "vaticina_schema"
"""The table that holds the revision. Alembic's default name would collide with other products in the same database,
such as MLflow."""

UPGRADE = "vaticina history upgrade"
"""The command that creates or upgrades the tables, as messages name it."""

BLOCK = 1_024
"""How many sequence numbers a block has. Rows on disk depend on it, so it must never change."""

NEWEST = 2**63 - 1
"""A number above every sequence number."""
