"""Contacts of devices, and electronic licences that are frozen."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the table and the columns; what was claimed before is not frozen."""
    op.create_table(
        "device_contact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("proof_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("label", sa.String(64)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "instance_number", "number", name="pk_device_contact"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_device_contact_holder_id_holder"
        ),
    )
    op.add_column("electronic_licence", sa.Column("last_code_at", sa.BigInteger))
    op.add_column("electronic_licence", sa.Column("frozen_at", sa.BigInteger))
    op.add_column("electronic_licence", sa.Column("frozen_by", sa.String(16)))
