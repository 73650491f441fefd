"""Every table, once, for both engines.

Tables that grow with the people start their primary key with `holder_id`, the distribution
column; every unique constraint and foreign key includes it, no sequence is used, and look-ups
by a personal value go through a table keyed by a keyed hash. So the same schema distributes by
holder. Facts of law are only ever inserted.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant as microseconds since 1970, the same and exact on both engines."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """To the store."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        """From the store."""
        return None if value is None else _EPOCH + value * _MICROSECOND


def _holder() -> sa.Column[str]:
    return sa.Column("holder_id", sa.String(36), primary_key=True)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Instant, nullable=nullable)


def _fact_table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table of facts in two times; `holds` false says that the thing did not hold."""
    return sa.Table(
        name,
        metadata,
        _holder(),
        sa.Column("fact_id", sa.String(36), primary_key=True),
        _instant("held_from"),
        _instant("held_until", nullable=True),
        _instant("recorded_at"),
        sa.Column("holds", sa.Boolean, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
    )


# -- registry: the record of law

holder = sa.Table("holder", metadata, _holder(), _instant("recorded_at"))

holder_key = sa.Table(
    "holder_key",
    metadata,
    _holder(),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""The data key that a holder's personal values are sealed with, itself wrapped; whoever deletes
the row has erased the person."""

person_fact = _fact_table(
    "person_fact",
    sa.Column("sealed", sa.LargeBinary),
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
)
"""Since personal values are sealed, `sealed` holds a whole person and the other columns nothing."""
grant_fact = _fact_table(
    "grant_fact",
    sa.Column("archive_number", sa.String(12)),
    sa.Column("office_code", sa.String(12)),
    sa.Column("office_name", sa.Text),
    sa.Column("office_name_latin", sa.Text),
    sa.Column("office_prefix", sa.String(4)),
    sa.Column("first_issue_date", sa.Date),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    sa.Column("record", sa.Text),
)
class_fact = _fact_table(
    "class_fact",
    sa.Column("vehicle_class", sa.String(2), nullable=False),
    sa.Column("issue_date", sa.Date),
    sa.Column("expiry_date", sa.Date),
)
status_fact = _fact_table("status_fact", sa.Column("status", sa.String(1), nullable=False))
points_fact = _fact_table("points_fact", sa.Column("points", sa.SmallInteger))
photo_fact = _fact_table("photo_fact", sa.Column("photo_id", sa.String(36)))

photo = sa.Table(
    "photo",
    metadata,
    _holder(),
    sa.Column("photo_id", sa.String(36), primary_key=True),
    sa.Column("jpeg", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.Boolean),
    sa.Column("captured_on", sa.Date),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)

identifier_lookup = sa.Table(
    "identifier_lookup",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("holder_id", sa.String(36), nullable=False),
)
"""Keyed hash of an identifier to the holder; distributed by `digest`."""

electronic_licence = sa.Table(
    "electronic_licence",
    metadata,
    _holder(),
    sa.Column("instance_number", sa.String(13), primary_key=True),
    sa.Column("key_thumbprint", sa.String(43), nullable=False),
    sa.Column("device_key", sa.LargeBinary, nullable=False),
    _instant("issued_at"),
    _instant("ended_at", nullable=True),
    sa.Column("last_counter", sa.BigInteger),
    sa.Column("last_check_id", sa.String(36)),
    _instant("last_code_at", nullable=True),
    _instant("frozen_at", nullable=True),
    sa.Column("frozen_by", sa.String(16)),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""One claimed electronic licence: its instance number and the device key it is bound to.

`last_counter` is the highest counter of a used licence code, `last_check_id` the check that did,
`last_code_at` the time that the code says. A frozen one lives and must not be shown.
"""

sa.Index(
    "uq_electronic_licence_live",
    electronic_licence.c.holder_id,
    unique=True,
    sqlite_where=electronic_licence.c.ended_at.is_(None),
    postgresql_where=electronic_licence.c.ended_at.is_(None),
)

device_contact = sa.Table(
    "device_contact",
    metadata,
    _holder(),
    sa.Column("instance_number", sa.String(13), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("proof_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("counter", sa.BigInteger, nullable=False),
    sa.Column("label", sa.String(64)),
    _instant("at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""The last times that a device came by itself, numbered without a gap; those are dropped that are
too old for their proof to come again. A second one with a number that was used is a copy."""

change = sa.Table(
    "change",
    metadata,
    _holder(),
    sa.Column("change_id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    _instant("recorded_at"),
    _instant("due_at"),
    _instant("drained_at", nullable=True),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""The change feed, drained by "not yet drained", never by a position in time."""

sa.Index(
    "ix_change_undrained",
    change.c.due_at,
    sqlite_where=change.c.drained_at.is_(None),
    postgresql_where=change.c.drained_at.is_(None),
)

# -- files that the register is fed with: small, without people, reference tables

import_progress = sa.Table(
    "import_progress",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("done_octets", sa.BigInteger, nullable=False),
    sa.Column("done_lines", sa.BigInteger, nullable=False),
    sa.Column("added", sa.BigInteger, nullable=False),
    sa.Column("unchanged", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    _instant("begun_at"),
    _instant("finished_at", nullable=True),
)
"""How far a file, named by its SHA-256, has been imported; written with the rows themselves."""

followed_file = sa.Table(
    "followed_file",
    metadata,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    _instant("as_of"),
    sa.Column("done_octets", sa.BigInteger, nullable=False),
    sa.Column("done_lines", sa.BigInteger, nullable=False),
    sa.Column("added", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("unchanged", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    _instant("begun_at"),
    _instant("finished_at", nullable=True),
)
"""A numbered change file of the register that ours follows, and how far it has been applied."""

# -- restores

restoration = sa.Table(
    "restoration",
    metadata,
    sa.Column("restoration_id", sa.String(36), primary_key=True),
    sa.Column("backup", sa.LargeBinary(32), nullable=False),
    _instant("as_of"),
    _instant("restored_at"),
    _instant("caught_up_at", nullable=True),
    sa.Column("caught_up_by", sa.String(64)),
)
"""That this database came out of a backup taken at `as_of`, and since when nothing of what came
after is missing any more: a reference table, empty in ordinary life."""

# -- issuance

bearer_lookup = sa.Table(
    "bearer_lookup",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("holder_id", sa.String(36), nullable=False),
    sa.Column("reference", sa.String(64), nullable=False),
    _instant("expires_at"),
)
"""Digest of a bearer secret to whom it belongs; distributed by `digest`, swept when lapsed."""

sa.Index("ix_bearer_lookup_expires_at", bearer_lookup.c.expires_at)

offer = sa.Table(
    "offer",
    metadata,
    _holder(),
    sa.Column("offer_id", sa.String(36), primary_key=True),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("tx_code_digest", sa.LargeBinary(32), nullable=False),
    sa.Column("wrong_tx_codes", sa.SmallInteger, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    _instant("created_at"),
    _instant("expires_at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)

sa.Index(
    "uq_offer_open_claim",
    offer.c.holder_id,
    unique=True,
    sqlite_where=sa.and_(offer.c.state == "open", offer.c.origin == "claim"),
    postgresql_where=sa.and_(offer.c.state == "open", offer.c.origin == "claim"),
)

pushed_request = sa.Table(
    "pushed_request",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    _instant("expires_at"),
    _instant("decided_at", nullable=True),
)
"""A wallet's request by the digest of its `request_uri`, before anybody has signed in, so without
people; distributed by `digest`, swept when lapsed."""

sa.Index("ix_pushed_request_expires_at", pushed_request.c.expires_at)

wallet_grant = sa.Table(
    "wallet_grant",
    metadata,
    _holder(),
    sa.Column("offer_id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(255)),
    sa.Column("redirect_uri", sa.String(1024)),
    sa.Column("code_digest", sa.LargeBinary(32)),
    sa.Column("code_challenge", sa.String(43)),
    sa.Column("configurations", sa.Text, nullable=False),
    sa.Column("by_details", sa.Boolean, nullable=False),
    sa.Column("dpop_jkt", sa.String(43)),
    sa.Column("client_jkt", sa.String(43)),
    sa.ForeignKeyConstraint(["holder_id", "offer_id"], ["offer.holder_id", "offer.offer_id"]),
)
"""What a wallet may fetch for an offer, and by which keys: the terms of its tokens."""

used_proof = sa.Table(
    "used_proof",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    _instant("used_at"),
)
"""Proofs of DPoP and of client attestations that came once; distributed by `digest`, swept when
too old to be taken."""

sa.Index("ix_used_proof_used_at", used_proof.c.used_at)

used_nonce = sa.Table(
    "used_nonce",
    metadata,
    _holder(),
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    _instant("used_at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""Nonces of key proofs that came once; swept when no proof with them would be taken anyway."""

sa.Index("ix_used_nonce_used_at", used_nonce.c.used_at)

intention = sa.Table(
    "intention",
    metadata,
    _holder(),
    sa.Column("intention_id", sa.String(36), primary_key=True),
    sa.Column("offer_id", sa.String(36), nullable=False),
    sa.Column("instance_number", sa.String(13), nullable=False),
    sa.Column("configuration", sa.String(64), nullable=False),
    sa.Column("device_key", sa.LargeBinary, nullable=False),
    sa.Column("key_thumbprint", sa.String(43), nullable=False),
    sa.Column("status_uri", sa.Text, nullable=False),
    sa.Column("status_index", sa.Integer, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    _instant("created_at"),
    sa.ForeignKeyConstraint(["holder_id", "offer_id"], ["offer.holder_id", "offer.offer_id"]),
    sa.UniqueConstraint("holder_id", "offer_id"),
)
"""What will be signed, written before it is signed: a power cut leaves a trace."""

sa.Index(
    "ix_intention_intended",
    intention.c.created_at,
    sqlite_where=intention.c.state == "intended",
    postgresql_where=intention.c.state == "intended",
)

copy = sa.Table(
    "copy",
    metadata,
    _holder(),
    sa.Column("copy_id", sa.String(36), primary_key=True),
    sa.Column("intention_id", sa.String(36), nullable=False),
    sa.Column("instance_number", sa.String(13), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.Boolean),
    sa.Column("status_uri", sa.Text, nullable=False),
    sa.Column("status_index", sa.Integer, nullable=False),
    _instant("issued_at"),
    _instant("expires_at"),
    sa.ForeignKeyConstraint(
        ["holder_id", "intention_id"], ["intention.holder_id", "intention.intention_id"]
    ),
)

further_copy = sa.Table(
    "further_copy",
    metadata,
    _holder(),
    sa.Column("copy_id", sa.String(36), primary_key=True),
    sa.Column("intention_id", sa.String(36), nullable=False),
    sa.Column("configuration", sa.String(64), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("device_key", sa.LargeBinary, nullable=False),
    sa.Column("key_thumbprint", sa.String(43), nullable=False),
    sa.Column("status_uri", sa.Text, nullable=False),
    sa.Column("status_index", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(
        ["holder_id", "intention_id"], ["intention.holder_id", "intention.intention_id"]
    ),
    sa.UniqueConstraint(
        "holder_id",
        "intention_id",
        "configuration",
        "generation",
        "key_thumbprint",
        name="uq_further_copy_key",
    ),
)
"""What will be signed beside the first copy of an intention: of the same batch, in another format,
or when a wallet comes back with new keys, which begins a new `generation`."""

code_part = sa.Table(
    "code_part",
    metadata,
    _holder(),
    sa.Column("instance_number", sa.String(13), primary_key=True),
    _instant("signed_at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""When the issuer's part of a device's licence code was last signed. The part itself is kept by
the device alone, and its handle in `status_handle`."""

refresh = sa.Table(
    "refresh",
    metadata,
    _holder(),
    sa.Column("offer_id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.LargeBinary(32)),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["holder_id", "offer_id"], ["offer.holder_id", "offer.offer_id"]),
)
"""The one refresh token of a grant that works now, and how often it was used."""

deferral = sa.Table(
    "deferral",
    metadata,
    _holder(),
    sa.Column("offer_id", sa.String(36), primary_key=True),
    sa.Column("configuration", sa.String(64), primary_key=True),
    sa.Column("device_keys", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    _instant("created_at"),
    _instant("expires_at"),
    sa.ForeignKeyConstraint(["holder_id", "offer_id"], ["offer.holder_id", "offer.offer_id"]),
)
"""A claim that waits for a person, with the keys that it will bind: points of 65 octets, one after
the other; swept when lapsed."""

sa.Index("ix_deferral_expires_at", deferral.c.expires_at)

notification = sa.Table(
    "notification",
    metadata,
    _holder(),
    sa.Column("notification_id", sa.String(64), primary_key=True),
    sa.Column("event", sa.String(24), primary_key=True),
    _instant("received_at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""What wallets say became of a batch."""

# -- photo review

photo_request = sa.Table(
    "photo_request",
    metadata,
    _holder(),
    sa.Column("request_id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("jpeg", sa.LargeBinary),
    sa.Column("sealed", sa.Boolean),
    sa.Column("measured", sa.Text),
    sa.Column("captured_on", sa.Date),
    _instant("submitted_at"),
    _instant("due_at"),
    _instant("decided_at", nullable=True),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("reason", sa.String(32)),
    sa.Column("note", sa.Text),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""An own photo that waits for a person, and what came of it; once it is decided, picture and
measurements are gone from here."""

sa.Index(
    "uq_photo_request_waiting",
    photo_request.c.holder_id,
    unique=True,
    sqlite_where=photo_request.c.state == "waiting",
    postgresql_where=photo_request.c.state == "waiting",
)

sa.Index(
    "ix_photo_request_waiting",
    photo_request.c.submitted_at,
    sqlite_where=photo_request.c.state == "waiting",
    postgresql_where=photo_request.c.state == "waiting",
)

# -- presentation

short_code = sa.Table(
    "short_code",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    _instant("expires_at"),
)
"""A typed short code to the licence code it stands for; distributed by `digest`."""

sa.Index("ix_short_code_expires_at", short_code.c.expires_at)

code_use = sa.Table(
    "code_use",
    metadata,
    _holder(),
    sa.Column("instance_number", sa.String(13), primary_key=True),
    sa.Column("counter", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("check_use", sa.String(32), primary_key=True),
    _instant("used_at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""Which checks met which code, so that a second use is seen when a terminal hands its records in
days later; swept when none can come any more."""

sa.Index("ix_code_use_used_at", code_use.c.used_at)

offline_record = sa.Table(
    "offline_record",
    metadata,
    sa.Column("terminal_id", sa.String(36), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("uploaded_by", sa.String(64), nullable=False),
    _instant("uploaded_at"),
    sa.Column("account_id", sa.String(64)),
    _instant("checked_at", nullable=True),
    sa.Column("sequence", sa.BigInteger),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("follow_up", sa.String(24), nullable=False),
    sa.Column("reason", sa.String(48), nullable=False),
    sa.Column("content", sa.LargeBinary),
    sa.ForeignKeyConstraint(["terminal_id"], ["terminal.terminal_id"]),
)
"""That a terminal handed a record in, once; what was refused stays as it came, sealed."""

follow_up = sa.Table(
    "follow_up",
    metadata,
    sa.Column("account_id", sa.String(64), primary_key=True),
    sa.Column("follow_up_id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("check_id", sa.String(36), nullable=False),
    _instant("checked_at"),
    _instant("made_at"),
)
"""What became known of an officer's check after it was made."""

# -- roadside

enforcement_key = sa.Table(
    "enforcement_key",
    metadata,
    sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("period", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("point", sa.LargeBinary(33), nullable=False),
    sa.Column("wrapped", sa.LargeBinary),
    _instant("made_at"),
)
"""What licence codes of a day or of a year are sealed for; `wrapped` is the private half, gone once
nothing of that time can still come in. Small, without people: a reference table."""

terminal = sa.Table(
    "terminal",
    metadata,
    sa.Column("terminal_id", sa.String(36), primary_key=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    _instant("made_at"),
    sa.Column("code_digest", sa.LargeBinary(32), nullable=False),
    _instant("code_expires_at"),
    sa.Column("device_label", sa.Text, nullable=False),
    sa.Column("public_key", sa.LargeBinary(65)),
    sa.Column("registered_by", sa.String(64)),
    _instant("registered_at", nullable=True),
    sa.Column("killed_by", sa.String(64)),
    _instant("killed_at", nullable=True),
    sa.Column("kill_reason", sa.Text),
)
"""A device that officers check with, from the permission to register it to its end; rows stay."""

sa.Index("ix_terminal_code_digest", terminal.c.code_digest)
sa.Index("ix_terminal_made_at", terminal.c.made_at)

shift = sa.Table(
    "shift",
    metadata,
    sa.Column("terminal_id", sa.String(36), primary_key=True),
    sa.Column("shift_id", sa.String(36), primary_key=True),
    sa.Column("account_id", sa.String(64), nullable=False),
    sa.Column("session_id", sa.String(64), nullable=False),
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    _instant("opened_at"),
    _instant("ends_at"),
    _instant("closed_at", nullable=True),
    sa.ForeignKeyConstraint(["terminal_id"], ["terminal.terminal_id"]),
)
"""One officer at one terminal in one session; rows stay, so that who had which when can be told."""

sa.Index("ix_shift_session_id", shift.c.session_id)
sa.Index(
    "ix_shift_open",
    shift.c.ends_at,
    sqlite_where=shift.c.closed_at.is_(None),
    postgresql_where=shift.c.closed_at.is_(None),
)

# -- consent

access_record = sa.Table(
    "access_record",
    metadata,
    _holder(),
    sa.Column("record_id", sa.String(36), primary_key=True),
    _instant("at"),
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
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
sa.Index("ix_access_record_account", access_record.c.account_id, access_record.c.at)
sa.Index("ix_access_record_unit", access_record.c.actor_unit, access_record.c.at)

# -- what holders write to the authority

objection = sa.Table(
    "objection",
    metadata,
    _holder(),
    sa.Column("objection_id", sa.String(36), primary_key=True),
    sa.Column("subject", sa.String(8), nullable=False),
    sa.Column("subject_id", sa.String(80), nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    _instant("submitted_at"),
    _instant("decided_at", nullable=True),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("reason", sa.LargeBinary),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""What a holder does not accept of a notice or a look, and the answer; both sealed."""

sa.Index(
    "ix_objection_waiting",
    objection.c.submitted_at,
    sqlite_where=objection.c.state == "waiting",
    postgresql_where=objection.c.state == "waiting",
)

refusal_report = sa.Table(
    "refusal_report",
    metadata,
    _holder(),
    sa.Column("report_id", sa.String(36), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _instant("submitted_at"),
    sa.ForeignKeyConstraint(["holder_id"], ["holder.holder_id"]),
)
"""Who would not take a licence, where and when, as the holder tells it, sealed."""

sa.Index("ix_refusal_report_submitted_at", refusal_report.c.submitted_at)

# -- identity


def _account() -> sa.Column[str]:
    return sa.Column("account_id", sa.String(64), primary_key=True)


account = sa.Table(
    "account", metadata, _account(), _instant("created_at"), _instant("sessions_from")
)
"""Who has signed in or holds a role; sessions made before `sessions_from` are void."""

account_role = sa.Table(
    "account_role",
    metadata,
    _account(),
    sa.Column("grant_id", sa.String(36), primary_key=True),
    sa.Column("role", sa.String(24), nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("granted_by", sa.String(64), nullable=False),
    _instant("granted_at"),
    sa.Column("revoked_by", sa.String(64)),
    _instant("revoked_at", nullable=True),
    sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
)
"""A role from its grant to its end; rows stay, so that who had which power can be told."""

sa.Index(
    "uq_account_role_live",
    account_role.c.account_id,
    account_role.c.role,
    unique=True,
    sqlite_where=account_role.c.revoked_at.is_(None),
    postgresql_where=account_role.c.revoked_at.is_(None),
)

sa.Index("ix_account_role_granted_at", account_role.c.granted_at)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("account_id", sa.String(64), nullable=False),
    sa.Column("app", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("holder_id", sa.String(36)),
    sa.Column("acr", sa.Text, nullable=False),
    _instant("authenticated_at"),
    _instant("created_at"),
    _instant("last_seen_at"),
    _instant("expires_at"),
    sa.Column("key_id", sa.String(36)),
    _instant("second_factor_at", nullable=True),
)
"""A signed-in browser by the digest of its token; distributed by `digest`, swept when lapsed.
`key_id` is the own key that opened it, or that was its second factor."""

sa.Index("ix_session_expires_at", session.c.expires_at)

used_sign_in = sa.Table(
    "used_sign_in",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    _instant("used_at"),
)
"""States of sign-ins that came back once; distributed by `digest`, swept when lapsed."""

sa.Index("ix_used_sign_in_used_at", used_sign_in.c.used_at)

passkey = sa.Table(
    "passkey",
    metadata,
    _account(),
    sa.Column("key_id", sa.String(36), primary_key=True),
    sa.Column("app", sa.String(16), nullable=False),
    sa.Column("holder_id", sa.String(36)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    _instant("created_at"),
    _instant("last_used_at", nullable=True),
    _instant("ended_at", nullable=True),
    sa.Column("ended_by", sa.String(64)),
    sa.UniqueConstraint("account_id", "credential_id"),
    sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
)
"""A passkey from its registration to its end; found by the account that the authenticator keeps
as the user handle. `holder_id` and `name` are what the identity provider's sign-in said."""

sa.Index("ix_passkey_holder_id", passkey.c.holder_id)

pin_key = sa.Table(
    "pin_key",
    metadata,
    _account(),
    sa.Column("key_id", sa.String(36), primary_key=True),
    sa.Column("app", sa.String(16), nullable=False),
    sa.Column("holder_id", sa.String(36)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("public_key", sa.LargeBinary(65), nullable=False),
    sa.Column("pin_hash", sa.Text, nullable=False),
    sa.Column("wrong_tries", sa.SmallInteger, nullable=False),
    _instant("created_at"),
    _instant("last_used_at", nullable=True),
    _instant("ended_at", nullable=True),
    sa.Column("ended_by", sa.String(64)),
    sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
)
"""A phone's key that works with a PIN, from its registration to its end. `pin_hash` is made under
a secret that is not in the database; `wrong_tries` counts those since the last right one."""

sa.Index("ix_pin_key_holder_id", pin_key.c.holder_id)

recovery = sa.Table(
    "recovery",
    metadata,
    _account(),
    sa.Column("recovery_id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("asked_by", sa.String(64), nullable=False),
    sa.Column("asked_name", sa.Text, nullable=False),
    sa.Column("asked_unit", sa.Text, nullable=False),
    _instant("asked_at"),
    _instant("expires_at"),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("decided_name", sa.Text),
    sa.Column("decided_unit", sa.Text),
    _instant("decided_at", nullable=True),
    sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
)
"""A request to end all own keys of an account, and what another person decided; rows stay."""

sa.Index(
    "uq_recovery_waiting",
    recovery.c.account_id,
    unique=True,
    sqlite_where=recovery.c.state == "waiting",
    postgresql_where=recovery.c.state == "waiting",
)

sa.Index("ix_recovery_asked_at", recovery.c.asked_at)

enrolment = sa.Table(
    "enrolment",
    metadata,
    _account(),
    sa.Column("enrolment_id", sa.String(36), primary_key=True),
    sa.Column("allowed_by", sa.String(64), nullable=False),
    _instant("allowed_at"),
    _instant("expires_at"),
    _instant("used_at", nullable=True),
    sa.ForeignKeyConstraint(["account_id"], ["account.account_id"]),
)
"""Permissions to register a first passkey, each good for one; rows stay."""

# -- status: distributed by list, for a list is published as a whole

status_list = sa.Table(
    "status_list",
    metadata,
    sa.Column("list_id", sa.String(16), primary_key=True),
    sa.Column("bits", sa.SmallInteger, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    _instant("opened_at"),
    sa.Column("ends_unknown", sa.Boolean),
)
"""Which lists there are; small, without people: a reference table. `ends_unknown` after a restore:
a place that nobody is known to hold may belong to a copy of the lost tail, and is said to be
ended."""

status_index = sa.Table(
    "status_index",
    metadata,
    sa.Column("list_id", sa.String(16), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("holder_id", sa.String(36), nullable=False),
    sa.Column("copy_id", sa.String(36), nullable=False),
    sa.Column("value", sa.SmallInteger, nullable=False),
    sa.Column("published_value", sa.SmallInteger, nullable=False),
    _instant("reserved_at"),
)
"""Places in use; never deleted, so that no place is ever given twice. Without a foreign key to
the holder, who lives on another node."""

sa.Index(
    "ix_status_index_unpublished",
    status_index.c.list_id,
    sqlite_where=status_index.c.value != status_index.c.published_value,
    postgresql_where=status_index.c.value != status_index.c.published_value,
)

status_publication = sa.Table(
    "status_publication",
    metadata,
    sa.Column("list_id", sa.String(16), primary_key=True),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("finished", sa.BigInteger, nullable=False),
    _instant("begun_at"),
)
"""The publication begun last and the one finished last; they differ while one is under way."""

status_handle = sa.Table(
    "status_handle",
    metadata,
    sa.Column("handle", sa.LargeBinary(8), primary_key=True),
    sa.Column("holder_id", sa.String(36), nullable=False),
    sa.Column("instance_number", sa.String(13), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    _instant("issued_at"),
    _instant("live_until"),
    sa.Column("value", sa.SmallInteger, nullable=False),
    sa.Column("shown", sa.SmallInteger, nullable=False),
)
"""The random name by which licence codes are found in the country's snapshot, distributed by
itself: a snapshot is made from ranges of handles. No code is live after `live_until`. `shown` is
what the newest snapshot says. Without a foreign key to the holder, who lives on another node."""

sa.Index("ix_status_handle_holder_id", status_handle.c.holder_id)

sa.Index("ix_status_handle_live_until", status_handle.c.kind, status_handle.c.live_until)

sa.Index(
    "ix_status_handle_unshown",
    status_handle.c.handle,
    sqlite_where=status_handle.c.value != status_handle.c.shown,
    postgresql_where=status_handle.c.value != status_handle.c.shown,
)

status_snapshot = sa.Table(
    "status_snapshot",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("is_base", sa.Boolean, nullable=False),
    sa.Column("until_hour", sa.BigInteger, nullable=False),
    _instant("as_of"),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("handles", sa.BigInteger, nullable=False),
)
"""The files of the country's snapshot that were published, each named by its SHA-256: a base, and
differences until the next one. Small, without people: a reference table."""
