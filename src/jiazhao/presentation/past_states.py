"""What held at a past moment: asked by staff of the authority, and recorded like any look."""

from dataclasses import dataclass
from datetime import datetime

from jiazhao.config import Config
from jiazhao.consent.service import REGISTER_DUTY, AccessRecord, Consent
from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.http.access import Actor
from jiazhao.licence.identifiers import holder_id
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.messages import PastStateRequest
from jiazhao.presentation.service import SHOWN_FIELDS, use_of
from jiazhao.registry.import_checks import FIRST_YEAR, LAST_YEAR
from jiazhao.registry.messages import StateView
from jiazhao.registry.service import Register
from jiazhao.rules.tables import Tables
from jiazhao.storage.engine import Connection, Database

LAW = "机动车驾驶证申领和使用规定 art. 2"
"""The vehicle administration offices' duty. That an auditor's look rests on it is unverified."""


@dataclass(frozen=True, slots=True)
class PastStates:
    """Answers what held then, as known now or at another moment, by the law of that day."""

    config: Config
    database: Database
    register: Register
    consent: Consent
    tables: Tables

    def look(self, data: PastStateRequest, *, actor: Actor, now: datetime) -> StateView:
        """The licence at the moment asked for; no answer without its access record."""
        moment = data.at or now
        for field, asked in (("at", moment), ("known_at", data.known_at or now)):
            if asked.tzinfo is None or not FIRST_YEAR <= asked.year <= LAST_YEAR:
                raise RegisterError(ErrorCode.BAD_REQUEST, field=field)
        rules = self.tables.on(legal_day(moment))
        holder = holder_id(data.holder_id)

        def act(db: Connection) -> StateView:
            self.register.lock(db, holder)
            licence = self.register.licence_of(db, holder, at=moment, known_at=data.known_at)
            self.consent.record(db, self._record(data, actor, now))
            return StateView.of(
                licence, rules, known_at=data.known_at or now, specimen=self.config.is_demo
            )

        return self.database.write(act)

    def _record(self, data: PastStateRequest, actor: Actor, now: datetime) -> AccessRecord:
        return AccessRecord(
            holder_id=holder_id(data.holder_id),
            record_id=use_of(actor.account_id, data.check_id),
            at=now,
            kind="history",
            account_id=actor.account_id,
            actor_role=min(actor.roles).value,
            actor_name=actor.name,
            actor_unit=actor.unit,
            reason=REGISTER_DUTY,
            note=data.note,
            law=LAW,
            fields=tuple(field for field in SHOWN_FIELDS if field != "portrait"),
            check_id=data.check_id,
        )
