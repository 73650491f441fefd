"""Looks are found by the unit of the officers, for the supervisor's sample."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_access_record_unit", "access_record", ["actor_unit", "at"])
