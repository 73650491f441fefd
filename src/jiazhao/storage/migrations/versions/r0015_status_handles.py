"""Handles by which licence codes are found in the country's status snapshot."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the table.

    A licence that was claimed before gets its handle with its first code: no code of it is live.
    """
    op.create_table(
        "status_handle",
        sa.Column("handle", sa.LargeBinary(8), nullable=False),
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("live_until", sa.BigInteger, nullable=False),
        sa.Column("value", sa.SmallInteger, nullable=False),
        sa.Column("shown", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("handle", name="pk_status_handle"),
    )
    op.create_index("ix_status_handle_holder_id", "status_handle", ["holder_id"])
    unshown = sa.text("value != shown")
    op.create_index(
        "ix_status_handle_unshown",
        "status_handle",
        ["handle"],
        sqlite_where=unshown,
        postgresql_where=unshown,
    )
