"""Batches of copies, refresh tokens, and what wallets say became of their copies."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "further_copy",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("copy_id", sa.String(36), nullable=False),
        sa.Column("intention_id", sa.String(36), nullable=False),
        sa.Column("configuration", sa.String(64), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("device_key", sa.LargeBinary, nullable=False),
        sa.Column("key_thumbprint", sa.String(43), nullable=False),
        sa.Column("status_uri", sa.Text, nullable=False),
        sa.Column("status_index", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id", "intention_id"],
            ["intention.holder_id", "intention.intention_id"],
            name="fk_further_copy_holder_id_intention",
        ),
        sa.PrimaryKeyConstraint("holder_id", "copy_id", name="pk_further_copy"),
        sa.UniqueConstraint(
            "holder_id",
            "intention_id",
            "configuration",
            "generation",
            "key_thumbprint",
            name="uq_further_copy_key",
        ),
    )
    op.create_table(
        "refresh",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("offer_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.LargeBinary(32)),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id", "offer_id"],
            ["offer.holder_id", "offer.offer_id"],
            name="fk_refresh_holder_id_offer",
        ),
        sa.PrimaryKeyConstraint("holder_id", "offer_id", name="pk_refresh"),
    )
    op.create_table(
        "notification",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("notification_id", sa.String(64), nullable=False),
        sa.Column("event", sa.String(24), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_notification_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "notification_id", "event", name="pk_notification"),
    )
