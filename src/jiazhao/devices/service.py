"""Contacts of devices, and what their holder or a clerk does about a device that is lost.

A device comes by itself with a number that rises by one each time and with the counter of its
licence codes. A browser's profile can be copied with its keys, which no key can prevent; but of
two that go on from the same number the second to come is noticed, and neither is believed: the
electronic licence is frozen in the transaction that noticed it, and its holder is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jiazhao.config import Config
from jiazhao.consent.service import (
    DEVICE_COPIED,
    DEVICE_ENDED,
    DEVICE_FROZEN,
    DEVICE_UNFROZEN,
    AccessRecord,
    Consent,
)
from jiazhao.credentials.signing import write_base64url
from jiazhao.devices import store
from jiazhao.devices.contact_proof import (
    MAX_AGE_SECONDS,
    MAX_AHEAD_SECONDS,
    MAX_NUMBER,
    ContactProof,
    read_contact,
)
from jiazhao.devices.messages import (
    ContactAnswer,
    CounterFreezeRequest,
    DayKey,
    DeviceAnswer,
    Devices,
    DeviceState,
    DeviceView,
)
from jiazhao.errors import ClaimError, ErrorCode, JiazhaoError, RegisterError
from jiazhao.http.access import Actor
from jiazhao.issuance.code_parts import CodeParts
from jiazhao.licence.identifiers import HolderId
from jiazhao.registry.service import Instance, Register
from jiazhao.roadside.beacons import Beacons
from jiazhao.roadside.keys import EnforcementKeys
from jiazhao.storage.engine import Connection, Database

SHOWN: Final = 50
"""Devices that a list shows; few people claim so often."""

CLOCK_STEP: Final = timedelta(seconds=5)
"""How far one device's own clock is set back by a contact: codes and proofs are timed by it."""

KEPT: Final = timedelta(seconds=2 * (MAX_AGE_SECONDS + MAX_AHEAD_SECONDS))
"""A contact is kept until its proof would be refused by its age, whatever our clocks say."""

BY_COPY: Final = "copy"
BY_HOLDER: Final = "holder"
BY_COUNTER: Final = "counter"


@dataclass(frozen=True, slots=True)
class DeviceCare:
    """Its parts are given by the composition root."""

    config: Config
    database: Database
    register: Register
    consent: Consent
    enforcement_keys: EnforcementKeys
    beacons: Beacons
    code_parts: CodeParts

    # -- a device comes by itself

    def contact(self, proof: str, now: datetime) -> ContactAnswer:
        """Answer a device that proves its key.

        Raises `JiazhaoError`: CONTACT_REFUSED, DEVICE_NOT_KNOWN, CONTACT_REPEATED, or
        WALLET_COPIED once the electronic licence is frozen for it.
        """
        shown = read_contact(proof, expected_audience=self.config.public_url, now=now)
        self.enforcement_keys.public_keys(now)  # may write, in a transaction of its own
        # What was noticed must be remembered, so the refusal is raised after the transaction.
        outcome = self.database.write(lambda db: self._contact(db, shown, now))
        if isinstance(outcome, JiazhaoError):
            raise outcome
        return outcome

    def _contact(
        self, db: Connection, shown: ContactProof, now: datetime
    ) -> ContactAnswer | JiazhaoError:
        instance = self.register.lock_instance_of_key(db, shown.thumbprint)
        if instance is None:
            return RegisterError(ErrorCode.DEVICE_NOT_KNOWN)
        if state_of(instance) != "live":
            return self._answer(db, instance, shown.number, now)
        known = store.contacts_of(db, instance.holder_id, instance.instance_number)
        last = known[0] if known else None
        if last and (last.proof_digest, last.number) == (shown.digest, shown.number):
            # Its answer was lost on the way.
            return self._answer(db, instance, shown.number + 1, now)
        if any(one.proof_digest == shown.digest for one in known):
            # Not a copy: the same message, late or played again by who listened.
            return ClaimError(ErrorCode.CONTACT_REPEATED)
        if shown.number == MAX_NUMBER or _is_copied(shown, last, instance):
            self.register.freeze(db, instance, BY_COPY, now)
            self._tell(db, instance.holder_id, DEVICE_COPIED, None, now)
            return ClaimError(ErrorCode.WALLET_COPIED)
        contact = store.Contact(
            instance.holder_id,
            instance.instance_number,
            shown.number,
            shown.digest,
            shown.counter,
            shown.label or (last.label if last else None),
            now,
        )
        store.insert_contact(db, contact, drop_before=now - KEPT)
        return self._answer(db, instance, shown.number + 1, now)

    def _answer(
        self, db: Connection, instance: Instance, number: int, now: datetime
    ) -> ContactAnswer:
        state = state_of(instance)
        is_live = state == "live"
        return ContactAnswer(
            server_time=now,
            n=number,
            state=state,
            renew=is_live
            and self.code_parts.is_due(db, instance.holder_id, instance.instance_number, now),
            day_keys=self._day_keys(now) if is_live else [],
            beacon=write_base64url(self.beacons.at(now)) if is_live else None,
            last_used_counter=instance.last_counter,
        )

    def _day_keys(self, now: datetime) -> list[DayKey]:
        return [
            DayKey(key.period, write_base64url(key.point))
            for key in self.enforcement_keys.public_keys(now)
        ]

    # -- the holder

    def devices_of(self, holder: HolderId) -> Devices:
        """The devices that hold, or held, the electronic licence."""
        with self.database.reading() as db:
            instances = self.register.instances_of(db, holder, SHOWN)
            contacts = store.last_contacts(db, holder)
        return Devices([_view(one, contacts.get(one.instance_number)) for one in instances])

    def freeze(self, actor: Actor, holder: HolderId, now: datetime) -> DeviceAnswer:
        """Freeze the live electronic licence: at once where the register is asked."""
        return self.database.write(lambda db: self._freeze(db, holder, actor, BY_HOLDER, "", now))

    def unfreeze(self, actor: Actor, holder: HolderId, now: datetime) -> DeviceAnswer:
        """Release the frozen electronic licence; the provider has just proven who asks.

        The device begins its numbers anew: of two copies the later to come is noticed again.
        """

        def act(db: Connection) -> DeviceAnswer:
            live = self._locked(db, holder)
            if self.register.unfreeze(db, live, now):
                store.forget_contacts(db, holder, live.instance_number)
                self._tell(db, holder, DEVICE_UNFROZEN, actor, now)
            return DeviceAnswer("live", live.last_counter)

        return self.database.write(act)

    def end(self, actor: Actor, holder: HolderId, device_key: str, now: datetime) -> DeviceAnswer:
        """End the electronic licence on one device for ever; again, and it stays ended."""

        def act(db: Connection) -> DeviceAnswer:
            self.register.lock(db, holder)
            owned = [
                one
                for one in self.register.instances_of(db, holder, SHOWN)
                if one.key_thumbprint == device_key
            ]
            if not owned:
                raise RegisterError(ErrorCode.DEVICE_NOT_KNOWN)
            if owned[0].ended_at is None:
                self.register.end_instance(db, holder, now)
                self._tell(db, holder, DEVICE_ENDED, actor, now)
            return DeviceAnswer("ended", owned[0].last_counter)

        return self.database.write(act)

    # -- a clerk

    def freeze_at_counter(
        self, actor: Actor, data: CounterFreezeRequest, now: datetime
    ) -> DeviceAnswer:
        """Freeze for a person who has no other device; who did it and why is told."""

        def act(db: Connection) -> DeviceAnswer:
            holder = self.register.find(db, data.identifier)
            if holder is None:
                raise RegisterError(ErrorCode.NO_LICENCE)
            return self._freeze(db, holder, actor, BY_COUNTER, data.note, now)

        return self.database.write(act)

    def _freeze(
        self,
        db: Connection,
        holder: HolderId,
        actor: Actor,
        by: str,
        note: str,
        now: datetime,
    ) -> DeviceAnswer:
        live = self._locked(db, holder)
        if self.register.freeze(db, live, by, now):
            self._tell(db, holder, DEVICE_FROZEN, actor, now, note)
        return DeviceAnswer("frozen", live.last_counter)

    def _locked(self, db: Connection, holder: HolderId) -> Instance:
        self.register.lock(db, holder)
        live = self.register.live_instance(db, holder)
        if live is None:
            raise ClaimError(ErrorCode.NO_LIVE_DEVICE)
        return live

    def _tell(
        self,
        db: Connection,
        holder: HolderId,
        reason: str,
        actor: Actor | None,
        now: datetime,
        note: str = "",
    ) -> None:
        """Note beside the looks what became of a device; none of the licence is shown."""
        record = AccessRecord.beside(holder, actor, now, kind="device", reason=reason, note=note)
        self.consent.record(db, record)


def state_of(instance: Instance) -> DeviceState:
    """Whether an electronic licence may be shown."""
    if instance.ended_at is not None:
        return "ended"
    return "frozen" if instance.frozen_at is not None else "live"


def _is_copied(shown: ContactProof, last: store.Contact | None, instance: Instance) -> bool:
    """Whether somebody else has the same key.

    1 The number was used: two went on from it. One above what is known is of a device that came
    while a backup did not see it, and no copy. 2 The counter does not rise. 3 A code was used
    with a counter that this device has yet to reach, and it was made before this proof.
    """
    if last is not None and shown.number <= last.number:
        return True
    if last is not None and shown.counter <= last.counter:
        return True
    if instance.last_counter is None or instance.last_code_at is None:
        return False
    made_before = instance.last_code_at.timestamp() + CLOCK_STEP.total_seconds() < shown.made_at
    return shown.counter <= instance.last_counter and made_before


def _view(instance: Instance, contact: store.Contact | None) -> DeviceView:
    return DeviceView(
        instance_number=instance.instance_number,
        device_key=instance.key_thumbprint,
        label=contact.label if contact else None,
        state=state_of(instance),
        issued_at=instance.issued_at,
        ended_at=instance.ended_at,
        frozen_at=instance.frozen_at,
        frozen_by=instance.frozen_by,
        last_contact_at=contact.at if contact else None,
        last_used_at=instance.last_code_at,
    )
