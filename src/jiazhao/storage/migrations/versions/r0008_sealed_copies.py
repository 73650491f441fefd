"""Issued copies and photos that wait are sealed with the data key of their holder."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Say of each which it is; those of before are plain until `jiazhao seal`."""
    op.add_column("copy", sa.Column("sealed", sa.Boolean))
    op.add_column("photo_request", sa.Column("sealed", sa.Boolean))
