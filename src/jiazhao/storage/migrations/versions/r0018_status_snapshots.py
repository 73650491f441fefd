"""The published files of the country's status snapshot."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "status_snapshot",
        sa.Column("sequence", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("is_base", sa.Boolean, nullable=False),
        sa.Column("until_hour", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("handles", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_status_snapshot"),
    )
