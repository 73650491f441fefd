"""What a page is told of a licence: the register's state and what the law makes of it that day."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from jiazhao.licence.identifiers import InstanceNumber
from jiazhao.licence.licence import Licence
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules import statuses
from jiazhao.rules.classes import vehicle_classes
from jiazhao.rules.driving import check_driving
from jiazhao.rules.refusal import Refusal
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet


class Named(Struct):
    """A code of the law with its name in both languages."""

    code: str
    zh: str
    en: str


class ClassView(Struct):
    """One class that the licence names."""

    code: str
    zh: str
    en: str
    issue_date: date
    expiry_date: date | None


class RefusalView(Struct):
    """A rule that says no: which, why, and what to do."""

    code: str
    zh: str
    en: str
    todo_zh: str
    todo_en: str
    source: str

    @classmethod
    def of(cls, refusal: Refusal) -> "RefusalView":
        """From the rule's own words."""
        return cls(
            refusal.code,
            refusal.zh,
            refusal.en,
            refusal.todo_zh,
            refusal.todo_en,
            str(refusal.source),
        )


class LicenceView(Struct):
    """The licence as it is at `confirmed_at`."""

    instance_number: str | None
    licence_number: str
    identity_kind: str
    name: str
    family_name_latin: str
    given_name_latin: str
    sex: int
    nationality: str
    birth_date: date
    address: str
    issuing_office: str
    archive_number: str
    first_issue_date: date
    valid_from: date
    valid_until: date | None
    long_term: bool
    classes: list[ClassView]
    statuses: list[Named]
    display_status: Named
    qr_colour: str
    may_drive: bool
    points: int
    full_score: int
    record: str
    specimen: bool
    confirmed_at: datetime

    @classmethod
    def of(
        cls,
        licence: Licence,
        rules: RuleSet,
        *,
        instance: InstanceNumber | None,
        specimen: bool,
    ) -> "LicenceView":
        """Put the register's state beside what the rules of the day make of it."""
        person, grant = licence.person, licence.grant
        state = LicenceState.of(licence)
        effective = statuses.effective_statuses(
            licence.statuses, licence.points, grant.valid_until, rules
        )
        return cls(
            instance_number=instance,
            licence_number=person.identity_number,
            identity_kind=person.identity_kind.value,
            name=person.name,
            family_name_latin=person.family_name_latin,
            given_name_latin=person.given_name_latin,
            sex=int(person.sex),
            nationality=person.nationality,
            birth_date=person.birth_date,
            address=person.address,
            issuing_office=grant.issuing_office.name,
            archive_number=grant.archive_number,
            first_issue_date=grant.first_issue_date,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            long_term=grant.valid_until is None,
            classes=[
                ClassView(
                    entitlement.vehicle_class.value,
                    *_class_names(entitlement.vehicle_class.value, rules),
                    entitlement.issue_date,
                    entitlement.expiry_date,
                )
                for entitlement in licence.classes
            ],
            statuses=[
                status_named(status, rules)
                for status in statuses.in_display_order(effective, rules)
            ],
            display_status=status_named(statuses.display_status(effective, rules), rules),
            qr_colour=statuses.qr_colour(effective, rules).value,
            may_drive=check_driving(state, None, rules).allowed,
            points=licence.points,
            full_score=rules.full_score,
            record=grant.record,
            specimen=specimen,
            confirmed_at=licence.at,
        )


def status_named(status: LicenceStatus, rules: RuleSet) -> Named:
    """A status with its names."""
    row = rules.statuses[status]
    return Named(status.value, row.zh, row.en)


def _class_names(code: str, rules: RuleSet) -> tuple[str, str]:
    for vehicle_class, row in rules.classes.items():
        if vehicle_class.value == code:
            return row.zh, row.en
    return code, code


class ClassGrant(Struct, forbid_unknown_fields=True):
    """A class to be entered on the licence."""

    vehicle_class: VehicleClass
    issue_date: date
    expiry_date: date | None = None


class ChangeRequest(Struct, forbid_unknown_fields=True):
    """What a registrar records; `held_from` is when it took effect, now if left out."""

    holder_id: Annotated[str, Meta(min_length=4, max_length=36)]
    held_from: datetime | None = None
    held_until: datetime | None = None
    points: Annotated[int, Meta(ge=0, le=99)] | None = None
    add_statuses: Annotated[list[LicenceStatus], Meta(max_length=20)] = field(default_factory=list)
    end_statuses: Annotated[list[LicenceStatus], Meta(max_length=20)] = field(default_factory=list)
    grant_classes: Annotated[list[ClassGrant], Meta(max_length=17)] = field(default_factory=list)
    withdraw_classes: Annotated[list[VehicleClass], Meta(max_length=17)] = field(
        default_factory=list
    )


class ChangeAnswer(Struct):
    """What holds after a change; nothing that identifies the person."""

    holder_id: str
    classes: list[str]
    statuses: list[Named]
    display_status: Named
    qr_colour: str
    may_drive: bool
    points: int
    recorded_at: datetime

    @classmethod
    def of(cls, licence: Licence, rules: RuleSet) -> "ChangeAnswer":
        """The state as the rules of the day see it."""
        effective = statuses.effective_statuses(
            licence.statuses, licence.points, licence.grant.valid_until, rules
        )
        return cls(
            holder_id=licence.holder_id,
            classes=[entitlement.vehicle_class.value for entitlement in licence.classes],
            statuses=[
                status_named(status, rules)
                for status in statuses.in_display_order(effective, rules)
            ],
            display_status=status_named(statuses.display_status(effective, rules), rules),
            qr_colour=statuses.qr_colour(effective, rules).value,
            may_drive=check_driving(LicenceState.of(licence), None, rules).allowed,
            points=licence.points,
            recorded_at=licence.at,
        )


class DrivingView(Struct):
    """Whether one class may be driven at the moment asked for, and if not, why."""

    vehicle_class: str
    allowed: bool
    reasons: list[RefusalView]


class StateView(Struct):
    """The licence at one moment, as known at another, with every class that may then be driven."""

    holder_id: str
    at: datetime
    known_at: datetime
    licence: LicenceView
    driving: list[DrivingView]

    @classmethod
    def of(
        cls, licence: Licence, rules: RuleSet, *, known_at: datetime, specimen: bool
    ) -> "StateView":
        """The licence at its moment, and by the law of that day what it let drive."""
        state = LicenceState.of(licence)
        decisions = {
            row.code: check_driving(state, row.code, rules) for row in vehicle_classes(rules)
        }
        return cls(
            holder_id=licence.holder_id,
            at=licence.at,
            known_at=known_at,
            licence=LicenceView.of(licence, rules, instance=None, specimen=specimen),
            driving=[
                DrivingView(
                    code.value, decision.allowed, [RefusalView.of(r) for r in decision.reasons]
                )
                for code, decision in decisions.items()
            ],
        )
