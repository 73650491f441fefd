"""Own photos that wait for a person's decision."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Create the queue."""
    op.create_table(
        "photo_request",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("jpeg", sa.LargeBinary),
        sa.Column("measured", sa.Text),
        sa.Column("captured_on", sa.Date),
        sa.Column("submitted_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("reason", sa.String(32)),
        sa.Column("note", sa.Text),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_photo_request_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "request_id", name="pk_photo_request"),
    )
    op.create_index(
        "uq_photo_request_waiting",
        "photo_request",
        ["holder_id"],
        unique=True,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index(
        "ix_photo_request_waiting",
        "photo_request",
        ["submitted_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
