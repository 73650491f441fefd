"""Objections to notices and looks, and reports of a refused licence."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create both tables, each with the way to what staff read first."""
    op.create_table(
        "objection",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("objection_id", sa.String(36), nullable=False),
        sa.Column("subject", sa.String(8), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("submitted_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("reason", sa.LargeBinary),
        sa.PrimaryKeyConstraint("holder_id", "objection_id", name="pk_objection"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_objection_holder_id_holder"
        ),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_objection_waiting",
        "objection",
        ["submitted_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "refusal_report",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("submitted_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "report_id", name="pk_refusal_report"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_refusal_report_holder_id_holder"
        ),
    )
    op.create_index("ix_refusal_report_submitted_at", "refusal_report", ["submitted_at"])
