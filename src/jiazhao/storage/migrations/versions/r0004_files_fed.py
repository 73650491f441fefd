"""How far files have been imported, and which change files of another register were applied."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "import_progress",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("done_octets", sa.BigInteger, nullable=False),
        sa.Column("done_lines", sa.BigInteger, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
        sa.Column("unchanged", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_import_progress"),
    )
    op.create_table(
        "followed_file",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("done_octets", sa.BigInteger, nullable=False),
        sa.Column("done_lines", sa.BigInteger, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("unchanged", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("source", "number", name="pk_followed_file"),
    )
