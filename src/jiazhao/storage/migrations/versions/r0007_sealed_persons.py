"""Personal values are sealed with a data key of their holder."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the keys, and the columns of what is sealed."""
    op.create_table(
        "holder_key",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("holder_id", name="pk_holder_key"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_holder_key_holder_id_holder"
        ),
    )
    op.add_column("person_fact", sa.Column("sealed", sa.LargeBinary))
    op.add_column("photo", sa.Column("sealed", sa.Boolean))
