"""Keys that work with a PIN, for phones without Web Authentication."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "pin_key",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(36), nullable=False),
        sa.Column("app", sa.String(16), nullable=False),
        sa.Column("holder_id", sa.String(36)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary(65), nullable=False),
        sa.Column("pin_hash", sa.Text, nullable=False),
        sa.Column("wrong_tries", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.String(64)),
        sa.PrimaryKeyConstraint("account_id", "key_id", name="pk_pin_key"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name="fk_pin_key_account_id_account"
        ),
    )
