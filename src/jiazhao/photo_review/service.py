"""From an own photo to a portrait on file: the machine may refuse it, a person alone approves.

What a claim or a deferred credential depends on is one question: `outcome`.
"""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import BoundedSemaphore

import msgspec

from jiazhao.consent.service import PHOTO_REVIEW, AccessRecord, Consent
from jiazhao.errors import AccessError, ClaimError, ErrorCode, RegisterError, StoreError
from jiazhao.http.access import Actor, Role
from jiazhao.licence.identifiers import HolderId, holder_id
from jiazhao.licence.legal_day import end_of_day, legal_day
from jiazhao.licence.licence import Photo
from jiazhao.photo import Examined, Finding, examine
from jiazhao.photo_review import store
from jiazhao.photo_review.messages import (
    OTHER,
    REVIEW_REASONS,
    DecisionRequest,
    LookView,
    MeasuredView,
    PhotoStanding,
    Queue,
    QueueEntry,
    RequestView,
)
from jiazhao.photo_review.store import PhotoRequest, RequestState
from jiazhao.registry.messages import RefusalView
from jiazhao.registry.service import Register
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.photo import oldest_capture, photo_review_ends, refuse_photo_change
from jiazhao.rules.refusal import Refusal, RefusedByLaw
from jiazhao.rules.rows import RefusalCode
from jiazhao.rules.tables import RuleSet, Tables
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.names import new_name

__all__ = ["PhotoChangeRefused", "PhotoRefused", "PhotoRequest", "PhotoReview", "RequestState"]

LAW = "机动车驾驶证申领和使用规定 art. 61"
"""The electronic licence is made on the driver's application; that its photo is reviewed is known
from public notices."""

LISTED = 200
"""As many as a page of the queue lists."""

_AT_ONCE = 2
"""Examinations at the same time in one process: each may take up to 100 MB."""

_SEALED_AT_ONCE = 50
"""Pictures in a transaction that others wait for."""

_WAIT_SECONDS = 3.0
"""Then a photo is sent away: it must not hold the threads that officers' checks run in."""


class PhotoRefused(ClaimError):  # noqa: N818  (it is a refusal, not a fault)
    """The machine says no; each finding says what to change."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(ErrorCode.PHOTO_REFUSED)
        self.findings = findings


class PhotoChangeRefused(RefusedByLaw):
    """The rules allow no other photo now."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(ErrorCode.PHOTO_CHANGE_REFUSED, refusals)


@dataclass(frozen=True, slots=True)
class PhotoReview:
    """The queue of own photos."""

    database: Database
    register: Register
    consent: Consent
    tables: Tables
    _turns: BoundedSemaphore = field(
        default_factory=lambda: BoundedSemaphore(_AT_ONCE), repr=False, compare=False
    )

    # -- what others ask

    def outcome(self, db: Connection, holder: HolderId) -> PhotoRequest | None:
        """The holder's last request: waiting, approved, refused with its reason, or withdrawn."""
        return store.latest(db, holder)

    # -- the driver

    def standing(self, holder: HolderId, now: datetime) -> PhotoStanding:
        """Whether an own photo may be handed in today, and where the last one stands."""
        with self.database.reading() as db:
            refusals = self._refusals(db, holder, now)
            request = store.latest(db, holder)
        return PhotoStanding(
            allowed=not refusals,
            refusals=[RefusalView.of(refusal) for refusal in refusals],
            request=None if request is None else _request_view(request),
        )

    def submit(self, holder: HolderId, octets: bytes, now: datetime) -> PhotoStanding:
        """Examine a photo and put it into the queue.

        Raises `PhotoChangeRefused`, `PhotoRefused`, and `ClaimError` where one waits already.
        """
        rules = self.tables.on(legal_day(now))
        with self.database.reading() as db:
            self._require_change_allowed(db, holder, now)
        examined = self._examine(octets, rules, now)
        measured = examined.measured
        if examined.findings or measured is None or measured.face is None:
            raise PhotoRefused(examined.findings)
        request = PhotoRequest(
            holder_id=holder,
            request_id=new_name(now),
            state=RequestState.WAITING,
            submitted_at=now,
            due_at=end_of_day(photo_review_ends(rules)),
            captured_on=measured.captured_on,
            jpeg=examined.jpeg,
            measured=msgspec.json.encode(
                MeasuredView(
                    width=measured.width,
                    height=measured.height,
                    white=round(measured.white, 3),
                    face_width=round(measured.face.width, 3),
                    sharpness=round(measured.face.sharpness, 1),
                    captured_on=measured.captured_on,
                )
            ).decode(),
        )

        def act(db: Connection) -> None:
            self.register.lock(db, holder)
            self._require_change_allowed(db, holder, now)
            jpeg = self.register.seal(db, holder, {request.place: examined.jpeg})
            store.insert(db, request, jpeg[request.place])

        self.database.write(act)
        return self.standing(holder, now)

    def _examine(self, octets: bytes, rules: RuleSet, now: datetime) -> Examined:
        if not self._turns.acquire(timeout=_WAIT_SECONDS):
            raise StoreError(ErrorCode.SERVICE_UNAVAILABLE)
        try:
            return examine(octets, oldest=oldest_capture(rules), now=now)
        finally:
            self._turns.release()

    def withdraw(self, holder: HolderId, request_id: str, now: datetime) -> PhotoStanding:
        """Take a request back that waits."""

        def act(db: Connection) -> None:
            request = self._lock(db, holder, request_id)
            self._close(db, request, RequestState.WITHDRAWN, now)

        self.database.write(act)
        return self.standing(holder, now)

    def _require_change_allowed(self, db: Connection, holder: HolderId, now: datetime) -> None:
        refusals = self._refusals(db, holder, now)
        if refusals:
            raise PhotoChangeRefused(refusals)
        request = store.latest(db, holder)
        if request is not None and request.state is RequestState.WAITING:
            raise ClaimError(ErrorCode.PHOTO_WAITING)

    def _refusals(self, db: Connection, holder: HolderId, now: datetime) -> tuple[Refusal, ...]:
        """Why no photo is taken: no licence could be claimed with it, or it is too soon."""
        rules = self.tables.on(legal_day(now))
        licence = self.register.licence_of(db, holder, at=now)
        refusals = [
            refusal
            for refusal in check_claim(ClaimFacts.of(licence), rules).refusals
            if refusal.code != RefusalCode.NO_PHOTO.value
        ]
        too_soon = self._too_soon(db, holder, rules)
        return (*refusals, too_soon) if too_soon else tuple(refusals)

    def _too_soon(self, db: Connection, holder: HolderId, rules: RuleSet) -> Refusal | None:
        changed_at = store.last_approved(db, holder)
        return refuse_photo_change(legal_day(changed_at) if changed_at else None, rules)

    # -- the authority's staff

    def queue(self, now: datetime) -> Queue:
        """What waits, the oldest first. It holds nothing of the persons, so it is no look."""
        with self.database.reading() as db:
            waiting, entries = store.count_waiting(db), store.waiting(db, LISTED)
        return Queue(
            waiting=waiting,
            entries=[
                QueueEntry(
                    holder_id=request.holder_id,
                    request_id=request.request_id,
                    submitted_at=request.submitted_at,
                    due_at=request.due_at,
                    overdue=_is_overdue(request, now),
                )
                for request in entries
            ],
            reasons=list(REVIEW_REASONS.values()),
            server_time=now,
        )

    def look(self, holder: HolderId, request_id: str, actor: Actor, now: datetime) -> LookView:
        """The photo beside the one on file; no answer without its access record."""

        def act(db: Connection) -> LookView:
            request = self._lock(db, holder, request_id)
            _refuse_own(request, actor)
            if request.jpeg is None or request.measured is None:
                raise ClaimError(ErrorCode.PHOTO_REVIEW_OVER)
            on_file = self._on_file(db, holder, now)
            self.consent.record(
                db,
                AccessRecord.beside(
                    holder,
                    actor,
                    now,
                    kind="photo_review",
                    role=Role.REGISTRAR,
                    reason=PHOTO_REVIEW,
                    law=LAW,
                    fields=("portrait",),
                ),
            )
            return LookView(
                holder_id=holder,
                request_id=request.request_id,
                submitted_at=request.submitted_at,
                due_at=request.due_at,
                overdue=_is_overdue(request, now),
                photo=b64encode(request.jpeg).decode(),
                on_file=b64encode(on_file.jpeg).decode() if on_file else None,
                on_file_captured_on=on_file.captured_on if on_file else None,
                measured=msgspec.json.decode(request.measured, type=MeasuredView),
            )

        return self.database.write(act)

    def decide(self, decision: DecisionRequest, actor: Actor, now: datetime) -> PhotoRequest:
        """Approve or refuse; of two who decide at once the first wins, the other is told."""
        holder = holder_id(decision.holder_id)
        approves = decision.decision == "approve"
        if not approves:
            _require_explained(decision)

        def act(db: Connection) -> PhotoRequest:
            request = self._lock(db, holder, decision.request_id)
            _refuse_own(request, actor)
            self._close(
                db,
                request,
                RequestState.APPROVED if approves else RequestState.REFUSED,
                now,
                by=actor,
                reason=None if approves else decision.reason,
                note=None if approves else decision.note.strip(),
            )
            if approves and request.jpeg is not None:
                photo = Photo(request.jpeg, request.captured_on)
                self.register.change_photo(db, holder, photo, now)
            else:
                self.register.announce(db, holder, "photo_refused", now)
            return self._found(db, holder, request.request_id)

        return self.database.write(act)

    def _lock(self, db: Connection, holder: HolderId, request_id: str) -> PhotoRequest:
        self.register.lock(db, holder)
        return self._found(db, holder, request_id)

    def _found(self, db: Connection, holder: HolderId, request_id: str) -> PhotoRequest:
        request = store.find(db, holder, request_id)
        if request is None:
            raise RegisterError(ErrorCode.PHOTO_REVIEW_UNKNOWN)
        if request.jpeg is None or not request.is_sealed:
            return request
        opened = self.register.unseal(db, holder, {request.place: request.jpeg})
        return replace(request, jpeg=opened[request.place])

    def seal_plain(self) -> int:
        """Seal pictures that an earlier version stored in plain; returns how many."""
        total = 0
        while some := self.database.write(self._seal_some):
            total += some
        return total

    def _seal_some(self, db: Connection) -> int:
        plain = store.plain(db, _SEALED_AT_ONCE)
        for request in plain:
            holder = request.holder_id
            self.register.lock(db, holder)
            if request.jpeg is not None:
                sealed = self.register.seal(db, holder, {request.place: request.jpeg})
                store.replace_picture(db, request, sealed[request.place])
        return len(plain)

    def _close(
        self,
        db: Connection,
        request: PhotoRequest,
        state: RequestState,
        now: datetime,
        *,
        by: Actor | None = None,
        reason: str | None = None,
        note: str | None = None,
    ) -> None:
        account = by.account_id if by else None
        if not store.close(db, request, state, at=now, by=account, reason=reason, note=note):
            raise ClaimError(ErrorCode.PHOTO_REVIEW_OVER)

    def _on_file(self, db: Connection, holder: HolderId, now: datetime) -> Photo | None:
        try:
            return self.register.portrait_of(db, holder, at=now)
        except RegisterError:
            return None


def _is_overdue(request: PhotoRequest, now: datetime) -> bool:
    return request.state is RequestState.WAITING and now >= request.due_at


def _refuse_own(request: PhotoRequest, actor: Actor) -> None:
    if actor.holder_id == request.holder_id:
        raise AccessError(ErrorCode.PHOTO_IS_OWN)


def _require_explained(decision: DecisionRequest) -> None:
    if decision.reason not in REVIEW_REASONS or (
        decision.reason == OTHER and len(decision.note.strip()) < 4
    ):
        raise ClaimError(ErrorCode.PHOTO_REFUSAL_UNEXPLAINED)


def _request_view(request: PhotoRequest) -> RequestView:
    return RequestView(
        request_id=request.request_id,
        state=request.state.value,
        submitted_at=request.submitted_at,
        due_at=request.due_at,
        decided_at=request.decided_at,
        reason=REVIEW_REASONS.get(request.reason) if request.reason else None,
        note=request.note or "",
    )
