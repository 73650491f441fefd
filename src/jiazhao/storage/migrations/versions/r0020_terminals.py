"""Terminals of officers, and their shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "terminal",
        sa.Column("terminal_id", sa.String(36), nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("code_expires_at", sa.BigInteger, nullable=False),
        sa.Column("device_label", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary(65)),
        sa.Column("registered_by", sa.String(64)),
        sa.Column("registered_at", sa.BigInteger),
        sa.Column("killed_by", sa.String(64)),
        sa.Column("killed_at", sa.BigInteger),
        sa.Column("kill_reason", sa.Text),
        sa.PrimaryKeyConstraint("terminal_id", name="pk_terminal"),
    )
    op.create_index("ix_terminal_code_digest", "terminal", ["code_digest"])
    op.create_index("ix_terminal_made_at", "terminal", ["made_at"])
    op.create_table(
        "shift",
        sa.Column("terminal_id", sa.String(36), nullable=False),
        sa.Column("shift_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("officer", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("terminal_id", "shift_id", name="pk_shift"),
        sa.ForeignKeyConstraint(
            ["terminal_id"], ["terminal.terminal_id"], name="fk_shift_terminal_id_terminal"
        ),
    )
    op.create_index("ix_shift_session_id", "shift", ["session_id"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_shift_open",
        "shift",
        ["ends_at"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
