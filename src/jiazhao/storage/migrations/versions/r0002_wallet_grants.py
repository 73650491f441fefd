"""Requests that wallets push, the terms on which they may fetch, and proofs that came once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of the authorization-code grant and of DPoP."""
    op.create_table(
        "pushed_request",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_pushed_request"),
    )
    op.create_index("ix_pushed_request_expires_at", "pushed_request", ["expires_at"])
    op.create_table(
        "wallet_grant",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("offer_id", sa.String(36), nullable=False),
        sa.Column("client_id", sa.String(255)),
        sa.Column("redirect_uri", sa.String(1024)),
        sa.Column("code_digest", sa.LargeBinary(32)),
        sa.Column("code_challenge", sa.String(43)),
        sa.Column("configurations", sa.Text, nullable=False),
        sa.Column("by_details", sa.Boolean, nullable=False),
        sa.Column("dpop_jkt", sa.String(43)),
        sa.ForeignKeyConstraint(
            ["holder_id", "offer_id"],
            ["offer.holder_id", "offer.offer_id"],
            name="fk_wallet_grant_holder_id_offer",
        ),
        sa.PrimaryKeyConstraint("holder_id", "offer_id", name="pk_wallet_grant"),
    )
    op.create_table(
        "used_proof",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_proof"),
    )
    op.create_index("ix_used_proof_used_at", "used_proof", ["used_at"])
