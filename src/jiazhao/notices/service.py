"""Notices reckoned from the register; objections and reports from the holder to the authority.

An objection changes nothing by itself: where it is upheld, a registrar records the change as any
other, and the holder sees both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from jiazhao.consent.service import OBJECTION_READ, AccessRecord, Consent
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError, RegisterError, SealError
from jiazhao.http.access import Actor, Role
from jiazhao.licence.identifiers import HolderId, holder_id
from jiazhao.licence.legal_day import legal_day
from jiazhao.notices import store
from jiazhao.notices.messages import (
    Notices,
    NoticeView,
    ObjectionDecided,
    ObjectionDecision,
    ObjectionEntry,
    ObjectionLook,
    ObjectionQueue,
    ObjectionRequest,
    Objections,
    ObjectionView,
    RefusalReportRequest,
    RefusalReports,
    RefusalReportView,
)
from jiazhao.notices.store import Objection, ObjectionState, RefusalReport
from jiazhao.registry.service import Register
from jiazhao.rules.notices import Notice, notices_of
from jiazhao.rules.tables import Tables
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.names import new_name

SHOWN: Final = 200
"""As many as a page lists; older ones stay."""

MAX_WAITING: Final = 20
"""Objections of one holder that wait, and reports of one holder in a day: far more than a person
has reason to write, and few enough to read."""

_A_DAY: Final = timedelta(days=1)
_AHEAD: Final = timedelta(minutes=10)
"""A phone's clock may run ahead; what is told to have happened later than that did not."""

LAW: Final = "个人信息保护法 art. 46, 50"
"""Who finds a record about oneself wrong may ask that it be corrected, and is told why not."""


class _Reported(msgspec.Struct):
    """What a report says, as it is sealed."""

    who: str
    where: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class HolderNotices:
    """What goes between a holder and the authority about the licence."""

    database: Database
    register: Register
    consent: Consent
    tables: Tables

    # -- the holder

    def notices(self, holder: HolderId, now: datetime) -> Notices:
        """What there is to know, the newest first."""
        with self.database.reading() as db:
            told = self._told(db, holder, now)
        return Notices([_notice_view(notice) for notice in told[:SHOWN]], now)

    def objections(self, holder: HolderId) -> Objections:
        """The holder's own objections, and what became of them."""
        with self.database.reading() as db:
            found = store.of_holder(db, holder, SHOWN)
            return Objections([self._view(db, one) for one in found])

    def object(self, holder: HolderId, asked: ObjectionRequest, now: datetime) -> ObjectionView:
        """Take an objection against a notice, or a look, that there is."""

        def act(db: Connection) -> ObjectionView:
            self.register.lock(db, holder)
            if not self._is_known(db, holder, asked.subject, asked.subject_id, now):
                raise RegisterError(ErrorCode.OBJECTION_SUBJECT_UNKNOWN)
            waiting = store.waiting_of(db, holder)
            if any((w.subject, w.subject_id) == (asked.subject, asked.subject_id) for w in waiting):
                raise RegisterError(ErrorCode.OBJECTION_WAITING)
            if len(waiting) >= MAX_WAITING:
                raise RegisterError(ErrorCode.TOO_MANY_WAITING, limit=str(MAX_WAITING))
            unsealed = Objection(holder, new_name(now), asked.subject, asked.subject_id, b"", now)
            place = unsealed.text_place
            sealed = self.register.seal(db, holder, {place: asked.text.strip().encode()})
            objection = replace(unsealed, text=sealed[place])
            store.insert(db, objection)
            return self._view(db, objection)

        return self.database.write(act)

    def report(
        self, holder: HolderId, asked: RefusalReportRequest, now: datetime
    ) -> RefusalReportView:
        """Keep a report that the licence was refused."""
        if asked.at.tzinfo is None or asked.at > now + _AHEAD:
            raise JiazhaoError(ErrorCode.BAD_REQUEST, field="at")
        reported = _Reported(asked.who, asked.where, asked.at, asked.text)

        def act(db: Connection) -> RefusalReportView:
            self.register.lock(db, holder)
            if store.reports_since(db, holder, now - _A_DAY) >= MAX_WAITING:
                raise RegisterError(ErrorCode.TOO_MANY_WAITING, limit=str(MAX_WAITING))
            name = new_name(now)
            place = RefusalReport(holder, name, b"", now).place
            sealed = self.register.seal(db, holder, {place: msgspec.json.encode(reported)})
            store.insert_report(db, RefusalReport(holder, name, sealed[place], now))
            return _report_view(name, reported, now)

        return self.database.write(act)

    def own_reports(self, holder: HolderId) -> RefusalReports:
        """The holder's own reports."""
        with self.database.reading() as db:
            return RefusalReports(list(self._reports(db, holder)))

    # -- the authority's staff

    def queue(self, now: datetime) -> ObjectionQueue:
        """What waits for an answer, the oldest first; nothing of what was written."""
        with self.database.reading() as db:
            waiting, entries = store.count_waiting(db), store.waiting(db, SHOWN)
        return ObjectionQueue(
            waiting=waiting,
            entries=[
                ObjectionEntry(one.holder_id, one.objection_id, one.subject, one.submitted_at)
                for one in entries
            ],
            server_time=now,
        )

    def look(
        self, holder: HolderId, objection_id: str, actor: Actor, now: datetime
    ) -> ObjectionLook:
        """What was written, and against what; no answer without its access record."""

        def act(db: Connection) -> ObjectionLook:
            self.register.lock(db, holder)
            objection = self._found(db, holder, objection_id)
            self._refuse_involved(db, objection, actor)
            self.consent.record(
                db,
                AccessRecord.beside(
                    holder,
                    actor,
                    now,
                    kind="objection",
                    role=Role.REGISTRAR,
                    reason=OBJECTION_READ,
                    law=LAW,
                    fields=("objection",),
                ),
            )
            zh, en = self._subject(db, objection, now)
            return ObjectionLook(
                holder_id=holder,
                objection_id=objection.objection_id,
                subject=objection.subject,
                subject_id=objection.subject_id,
                subject_zh=zh,
                subject_en=en,
                text=self._opened(db, objection, objection.text_place, objection.text),
                state=objection.state.value,
                submitted_at=objection.submitted_at,
            )

        return self.database.write(act)

    def decide(self, decision: ObjectionDecision, actor: Actor, now: datetime) -> ObjectionDecided:
        """Uphold or reject; of two who decide at once the first wins, the other is told."""
        holder = holder_id(decision.holder_id)
        state = ObjectionState.UPHELD if decision.decision == "uphold" else ObjectionState.REJECTED

        def act(db: Connection) -> ObjectionDecided:
            self.register.lock(db, holder)
            objection = self._found(db, holder, decision.objection_id)
            self._refuse_involved(db, objection, actor)
            place = objection.reason_place
            sealed = self.register.seal(db, holder, {place: decision.reason.strip().encode()})
            if not store.close(
                db, objection, state, at=now, by=actor.account_id, reason=sealed[place]
            ):
                raise RegisterError(ErrorCode.OBJECTION_OVER)
            return ObjectionDecided(objection.objection_id, state.value, now)

        return self.database.write(act)

    def reports(self) -> RefusalReports:
        """Everybody's reports, the newest first; of erased persons nothing is left to read."""
        with self.database.reading() as db:
            return RefusalReports(list(self._reports(db, None)))

    # -- what both need

    def _told(self, db: Connection, holder: HolderId, now: datetime) -> tuple[Notice, ...]:
        history = self.register.history_of(db, holder)
        return notices_of(history, self.tables.on(legal_day(now)), now)

    def _is_known(
        self, db: Connection, holder: HolderId, subject: str, subject_id: str, now: datetime
    ) -> bool:
        if subject == "access":
            return self.consent.access(db, holder, subject_id) is not None
        return any(notice.notice_id == subject_id for notice in self._told(db, holder, now))

    def _subject(self, db: Connection, objection: Objection, now: datetime) -> tuple[str, str]:
        """What is objected to, in words; a notice that was corrected since has none."""
        holder = objection.holder_id
        if objection.subject == "access":
            access = self.consent.access(db, holder, objection.subject_id)
            said = (
                f"{access.actor_unit} {access.actor_name} {access.at.isoformat()}" if access else ""
            )
            return said, said
        for notice in self._told(db, holder, now):
            if notice.notice_id == objection.subject_id:
                return notice.zh, notice.en
        return "", ""

    def _found(self, db: Connection, holder: HolderId, objection_id: str) -> Objection:
        objection = store.find(db, holder, objection_id)
        if objection is None:
            raise RegisterError(ErrorCode.OBJECTION_UNKNOWN)
        return objection

    def _refuse_involved(self, db: Connection, objection: Objection, actor: Actor) -> None:
        """Nobody judges an objection of their own, or one against their own look."""
        if actor.holder_id == objection.holder_id:
            raise AccessError(ErrorCode.OBJECTION_IS_OWN)
        if objection.subject == "access":
            access = self.consent.access(db, objection.holder_id, objection.subject_id)
            if access is not None and access.account_id == actor.account_id:
                raise AccessError(ErrorCode.OBJECTION_IS_OWN)

    def _view(self, db: Connection, objection: Objection) -> ObjectionView:
        return ObjectionView(
            objection_id=objection.objection_id,
            subject=objection.subject,
            subject_id=objection.subject_id,
            text=self._opened(db, objection, objection.text_place, objection.text),
            state=objection.state.value,
            submitted_at=objection.submitted_at,
            decided_at=objection.decided_at,
            reason=""
            if objection.reason is None
            else self._opened(db, objection, objection.reason_place, objection.reason),
        )

    def _opened(self, db: Connection, objection: Objection, place: str, sealed: bytes) -> str:
        return self.register.unseal(db, objection.holder_id, {place: sealed})[place].decode()

    def _reports(self, db: Connection, holder: HolderId | None) -> Iterator[RefusalReportView]:
        for report in store.reports(db, SHOWN, holder=holder):
            try:
                opened = self.register.unseal(db, report.holder_id, {report.place: report.content})
            except SealError:
                continue
            reported = msgspec.json.decode(opened[report.place], type=_Reported)
            yield _report_view(report.report_id, reported, report.submitted_at)


def _notice_view(notice: Notice) -> NoticeView:
    return NoticeView(
        notice.notice_id, notice.kind.value, notice.at, notice.zh, notice.en, str(notice.source)
    )


def _report_view(name: str, reported: _Reported, submitted_at: datetime) -> RefusalReportView:
    return RefusalReportView(
        name, reported.who, reported.where, reported.at, reported.text, submitted_at
    )
