"""Recoveries of lost passkeys and PINs, asked by one person and decided by another."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table, and the ways to the keys of a holder."""
    op.create_table(
        "recovery",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("recovery_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_name", sa.Text, nullable=False),
        sa.Column("asked_unit", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("decided_name", sa.Text),
        sa.Column("decided_unit", sa.Text),
        sa.Column("decided_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("account_id", "recovery_id", name="pk_recovery"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name="fk_recovery_account_id_account"
        ),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_recovery_waiting",
        "recovery",
        ["account_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_recovery_asked_at", "recovery", ["asked_at"])
    op.create_index("ix_passkey_holder_id", "passkey", ["holder_id"])
    op.create_index("ix_pin_key_holder_id", "pin_key", ["holder_id"])
