"""The first schema: register, issuance, checks, consent, accounts and status lists.

Instants are microseconds since 1970 in a 64-bit integer, the same on both engines.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_register()
    _create_issuance()
    _create_presentation_and_consent()
    _create_identity()
    _create_status()


def _only_where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for either engine."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _create_register() -> None:
    op.create_table(
        "holder",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("holder_id", name="pk_holder"),
    )
    op.create_table(
        "person_fact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("family_name", sa.Text),
        sa.Column("given_name", sa.Text),
        sa.Column("family_name_latin", sa.Text),
        sa.Column("given_name_latin", sa.Text),
        sa.Column("latin_source", sa.String(16)),
        sa.Column("sex", sa.SmallInteger),
        sa.Column("nationality", sa.String(2)),
        sa.Column("birth_date", sa.Date),
        sa.Column("address", sa.Text),
        sa.Column("identity_kind", sa.String(24)),
        sa.Column("identity_number", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_person_fact_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "fact_id", name="pk_person_fact"),
    )
    op.create_table(
        "grant_fact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("archive_number", sa.String(12)),
        sa.Column("office_code", sa.String(12)),
        sa.Column("office_name", sa.Text),
        sa.Column("office_name_latin", sa.Text),
        sa.Column("office_prefix", sa.String(4)),
        sa.Column("first_issue_date", sa.Date),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("record", sa.Text),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_grant_fact_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "fact_id", name="pk_grant_fact"),
    )
    op.create_table(
        "class_fact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("vehicle_class", sa.String(2), nullable=False),
        sa.Column("issue_date", sa.Date),
        sa.Column("expiry_date", sa.Date),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_class_fact_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "fact_id", name="pk_class_fact"),
    )
    op.create_table(
        "status_fact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(1), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_status_fact_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "fact_id", name="pk_status_fact"),
    )
    op.create_table(
        "points_fact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("points", sa.SmallInteger),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_points_fact_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "fact_id", name="pk_points_fact"),
    )
    op.create_table(
        "photo_fact",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("fact_id", sa.String(36), nullable=False),
        sa.Column("held_from", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("photo_id", sa.String(36)),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_photo_fact_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "fact_id", name="pk_photo_fact"),
    )
    op.create_table(
        "photo",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("photo_id", sa.String(36), nullable=False),
        sa.Column("jpeg", sa.LargeBinary, nullable=False),
        sa.Column("captured_on", sa.Date),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_photo_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "photo_id", name="pk_photo"),
    )
    op.create_table(
        "identifier_lookup",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_identifier_lookup"),
    )
    op.create_table(
        "electronic_licence",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("key_thumbprint", sa.String(43), nullable=False),
        sa.Column("device_key", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("last_counter", sa.BigInteger),
        sa.Column("last_check_id", sa.String(36)),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_electronic_licence_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "instance_number", name="pk_electronic_licence"),
    )
    op.create_index(
        "uq_electronic_licence_live",
        "electronic_licence",
        ["holder_id"],
        unique=True,
        **_only_where("ended_at IS NULL"),
    )
    op.create_table(
        "change",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("change_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("drained_at", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_change_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "change_id", name="pk_change"),
    )
    op.create_index(
        "ix_change_undrained", "change", ["due_at"], **_only_where("drained_at IS NULL")
    )


def _create_issuance() -> None:
    op.create_table(
        "bearer_lookup",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_bearer_lookup"),
    )
    op.create_index("ix_bearer_lookup_expires_at", "bearer_lookup", ["expires_at"])
    op.create_table(
        "offer",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("offer_id", sa.String(36), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("tx_code_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("wrong_tx_codes", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_offer_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "offer_id", name="pk_offer"),
    )
    op.create_index(
        "uq_offer_open_claim",
        "offer",
        ["holder_id"],
        unique=True,
        **_only_where("state = 'open' AND origin = 'claim'"),
    )
    op.create_table(
        "used_nonce",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_used_nonce_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "digest", name="pk_used_nonce"),
    )
    op.create_index("ix_used_nonce_used_at", "used_nonce", ["used_at"])
    op.create_table(
        "intention",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("intention_id", sa.String(36), nullable=False),
        sa.Column("offer_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("configuration", sa.String(64), nullable=False),
        sa.Column("device_key", sa.LargeBinary, nullable=False),
        sa.Column("key_thumbprint", sa.String(43), nullable=False),
        sa.Column("status_uri", sa.Text, nullable=False),
        sa.Column("status_index", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id", "offer_id"],
            ["offer.holder_id", "offer.offer_id"],
            name="fk_intention_holder_id_offer",
        ),
        sa.PrimaryKeyConstraint("holder_id", "intention_id", name="pk_intention"),
        sa.UniqueConstraint("holder_id", "offer_id", name="uq_intention_holder_id_offer_id"),
    )
    op.create_index(
        "ix_intention_intended", "intention", ["created_at"], **_only_where("state = 'intended'")
    )
    op.create_table(
        "copy",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("copy_id", sa.String(36), nullable=False),
        sa.Column("intention_id", sa.String(36), nullable=False),
        sa.Column("instance_number", sa.String(13), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("status_uri", sa.Text, nullable=False),
        sa.Column("status_index", sa.Integer, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id", "intention_id"],
            ["intention.holder_id", "intention.intention_id"],
            name="fk_copy_holder_id_intention",
        ),
        sa.PrimaryKeyConstraint("holder_id", "copy_id", name="pk_copy"),
    )


def _create_presentation_and_consent() -> None:
    op.create_table(
        "short_code",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_short_code"),
    )
    op.create_index("ix_short_code_expires_at", "short_code", ["expires_at"])
    op.create_table(
        "access_record",
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("actor_role", sa.String(24), nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("actor_unit", sa.Text, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("law", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("verdict_reason", sa.String(48), nullable=False),
        sa.Column("vehicle_class", sa.String(2)),
        sa.Column("check_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.holder_id"], name="fk_access_record_holder_id_holder"
        ),
        sa.PrimaryKeyConstraint("holder_id", "record_id", name="pk_access_record"),
    )
    op.create_index("ix_access_record_account", "access_record", ["account_id", "at"])


def _create_identity() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("sessions_from", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_account"),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("grant_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("granted_by", sa.String(64), nullable=False),
        sa.Column("granted_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_by", sa.String(64)),
        sa.Column("revoked_at", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name="fk_account_role_account_id_account"
        ),
        sa.PrimaryKeyConstraint("account_id", "grant_id", name="pk_account_role"),
    )
    op.create_index("ix_account_role_granted_at", "account_role", ["granted_at"])
    op.create_index(
        "uq_account_role_live",
        "account_role",
        ["account_id", "role"],
        unique=True,
        **_only_where("revoked_at IS NULL"),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("app", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder_id", sa.String(36)),
        sa.Column("acr", sa.Text, nullable=False),
        sa.Column("authenticated_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
    op.create_table(
        "used_sign_in",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_sign_in"),
    )
    op.create_index("ix_used_sign_in_used_at", "used_sign_in", ["used_at"])


def _create_status() -> None:
    op.create_table(
        "status_list",
        sa.Column("list_id", sa.String(16), nullable=False),
        sa.Column("bits", sa.SmallInteger, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("list_id", name="pk_status_list"),
    )
    op.create_table(
        "status_index",
        sa.Column("list_id", sa.String(16), nullable=False),
        sa.Column("place", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("holder_id", sa.String(36), nullable=False),
        sa.Column("copy_id", sa.String(36), nullable=False),
        sa.Column("value", sa.SmallInteger, nullable=False),
        sa.Column("published_value", sa.SmallInteger, nullable=False),
        sa.Column("reserved_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "place", name="pk_status_index"),
    )
    op.create_index(
        "ix_status_index_unpublished",
        "status_index",
        ["list_id"],
        **_only_where("value != published_value"),
    )
    op.create_table(
        "status_publication",
        sa.Column("list_id", sa.String(16), nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("list_id", name="pk_status_publication"),
    )
