"""Checks that terminals made without a network, uses of codes, and what became known since."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "code_use",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("check_use", sa.String(32), nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "holder_id", "instance_number", "counter", "check_use", name="pk_code_use"
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_code_use_holder_id_holder"
        ),
    )
    op.create_index("ix_code_use_used_at", "code_use", ["used_at"])
    op.create_table(
        "offline_record",
        sa.Column("terminal_id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("uploaded_by", sa.String(64), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger, nullable=False),
        sa.Column("account_id", sa.String(64)),
        sa.Column("checked_at", sa.BigInteger),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("follow_up", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(48), nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.PrimaryKeyConstraint("terminal_id", "record_id", name="pk_offline_record"),
        sa.ForeignKeyConstraint(
            ["terminal_id"],
            ["terminal.terminal_id"],
            name="fk_offline_record_terminal_id_terminal",
        ),
    )
    op.create_table(
        "follow_up",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("follow_up_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("check_id", sa.String(36), nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "follow_up_id", name="pk_follow_up"),
    )
