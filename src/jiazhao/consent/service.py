"""Recording looks, in the transaction that answers, and showing them to whom they concern."""

from dataclasses import dataclass

from jiazhao.consent import store
from jiazhao.consent.messages import (
    Accesses,
    AccessView,
    ActorView,
    OwnCheck,
    OwnChecks,
    ReasonView,
)
from jiazhao.consent.store import AccessRecord
from jiazhao.licence.identifiers import HolderId
from jiazhao.rules.tables import RuleSet
from jiazhao.storage.engine import Connection, Database

SHOWN = 200
"""As many as a page lists; older ones stay recorded."""

__all__ = ["CODE_SHOWN", "AccessRecord", "Consent"]

CODE_SHOWN = "code_shown"
"""The reason of a check by code: the holder showed it."""

_CODE_SHOWN_ZH = "您出示了亮证码"
_CODE_SHOWN_EN = "You showed your licence code"


@dataclass(frozen=True, slots=True)
class Consent:
    """Access records."""

    database: Database

    def record(self, db: Connection, record: AccessRecord) -> None:
        """Record a look in the caller's transaction: no answer without its record.

        The same look asked for again, by a repeated request, is one look.
        """
        if not store.is_recorded(db, record):
            store.insert(db, record)

    def accesses_of(self, holder: HolderId, rules: RuleSet) -> Accesses:
        """What the holder sees of looks at the licence."""
        with self.database.reading() as db:
            records = store.of_holder(db, holder, SHOWN)
        return Accesses([_shown_to_holder(record, rules) for record in records])

    def checks_by(self, account_id: str) -> OwnChecks:
        """What an officer sees of his own checks."""
        with self.database.reading() as db:
            records = store.of_account(db, account_id, SHOWN)
        return OwnChecks(
            [
                OwnCheck(
                    record.check_id,
                    record.at,
                    record.kind,
                    record.verdict,
                    record.vehicle_class,
                    record.reason,
                )
                for record in records
            ]
        )


def _shown_to_holder(record: AccessRecord, rules: RuleSet) -> AccessView:
    row = rules.lookup_reasons.get(record.reason)
    zh, en = (row.zh, row.en) if row else (_CODE_SHOWN_ZH, _CODE_SHOWN_EN)
    return AccessView(
        record_id=record.record_id,
        at=record.at,
        kind=record.kind,
        actor=ActorView(record.actor_role, record.actor_name, record.actor_unit),
        reason=ReasonView(record.reason, zh, en, record.note),
        verdict=record.verdict,
        law=record.law,
        fields=list(record.fields),
    )
