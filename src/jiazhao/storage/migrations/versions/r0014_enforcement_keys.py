"""Keys that licence codes are sealed for, by day and by year."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "enforcement_key",
        sa.Column("kind", sa.SmallInteger, nullable=False, autoincrement=False),
        sa.Column("period", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("point", sa.LargeBinary(33), nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "period", name="pk_enforcement_key"),
    )
