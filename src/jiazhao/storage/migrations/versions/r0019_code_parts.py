"""When the issuer's part of a device's licence code was last signed."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the table; no part was signed before."""
    op.create_table(
        "code_part",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("signed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("holder_id", "instance_number", name="pk_code_part"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_code_part_holder_id_holder"
        ),
    )
