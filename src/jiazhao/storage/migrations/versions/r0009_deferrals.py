"""Claims that wait for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "deferral",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("offer_id", sa.String(36), nullable=False),
        sa.Column("configuration", sa.String(64), nullable=False),
        sa.Column("device_keys", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id", "offer_id"],
            ["offer.holder_id", "offer.offer_id"],
            name="fk_deferral_holder_id_offer",
        ),
        sa.PrimaryKeyConstraint("holder_id", "offer_id", "configuration", name="pk_deferral"),
    )
    op.create_index("ix_deferral_expires_at", "deferral", ["expires_at"])
