"""Handles of codes that have lapsed are found, to be deleted."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_status_handle_live_until", "status_handle", ["kind", "live_until"])
