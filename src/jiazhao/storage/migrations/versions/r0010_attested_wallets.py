"""Tokens are bound to the instance of a wallet that was attested."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the key's thumbprint to the terms of an offer."""
    op.add_column("wallet_grant", sa.Column("client_jkt", sa.String(43)))
