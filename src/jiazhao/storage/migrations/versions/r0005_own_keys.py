"""Passkeys, the permission to register the first one, and what a session was opened with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the two tables, and add two columns that sessions of before leave empty."""
    op.add_column("session", sa.Column("key_id", sa.String(36)))
    op.add_column("session", sa.Column("second_factor_at", sa.BigInteger))
    op.create_table(
        "passkey",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(36), nullable=False),
        sa.Column("app", sa.String(16), nullable=False),
        sa.Column("holder_id", sa.String(36)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.String(64)),
        sa.PrimaryKeyConstraint("account_id", "key_id", name="pk_passkey"),
        sa.UniqueConstraint(
            "account_id", "credential_id", name="uq_passkey_account_id_credential_id"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name="fk_passkey_account_id_account"
        ),
    )
    op.create_table(
        "enrolment",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("allowed_by", sa.String(64), nullable=False),
        sa.Column("allowed_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("account_id", "enrolment_id", name="pk_enrolment"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name="fk_enrolment_account_id_account"
        ),
    )
