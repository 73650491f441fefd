"""A database remembers that it came out of a backup, and which lists lost their tail."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table, and the column of the lists."""
    op.create_table(
        "restoration",
        sa.Column("restoration_id", sa.String(36), nullable=False),
        sa.Column("backup", sa.LargeBinary(32), nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("restored_at", sa.BigInteger, nullable=False),
        sa.Column("caught_up_at", sa.BigInteger),
        sa.Column("caught_up_by", sa.String(64)),
        sa.PrimaryKeyConstraint("restoration_id", name="pk_restoration"),
    )
    op.add_column("status_list", sa.Column("ends_unknown", sa.Boolean))
