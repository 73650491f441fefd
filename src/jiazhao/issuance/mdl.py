"""What a licence says, from one register entry: the same in every format (pure).

Sources: ISO/IEC 18013-5:2021, 7.2.1 table 5. Classes of the national law stand in the national
namespace; `driving_privileges` holds only those with a clear ISO category. The citizen number is
`licence_number` there and nowhere else: whoever does not need it does not get it. A question of
yes or no has an element of its own (`age_over_18`, `covers_C1`), so that nothing more is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from jiazhao.credentials.cbor import FullDate
from jiazhao.credentials.mdoc import MDL_NAMESPACE, NATIONAL_NAMESPACE
from jiazhao.licence.identifiers import InstanceNumber
from jiazhao.licence.legal_day import end_of_day, legal_day
from jiazhao.licence.licence import Licence, Photo
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.categories import DrivingPrivilege, driving_privileges
from jiazhao.rules.classes import class_in_force, covers
from jiazhao.rules.tables import RuleSet

LONG_TERM = date(9999, 12, 31)
"""`expiry_date` is mandatory and a long-term licence has none: the last day there is."""

AGES = (18, 60, 63, 70)
"""Ages at which the law changes what may be driven, and majority."""

ISSUING_COUNTRY = "CN"
UN_DISTINGUISHING_SIGN = "CHN"
"""ISO/IEC 18013-1 annex F."""


@dataclass(frozen=True, slots=True)
class Term:
    """The technical validity of one copy."""

    signed: datetime
    valid_from: datetime
    valid_until: datetime


def term_of(licence: Licence, now: datetime, copy_days: int) -> Term:
    """From now, at most `copy_days`, never beyond the licence itself.

    Times are whole hours, so that copies of one hour look alike.
    """
    signed = now.replace(minute=0, second=0, microsecond=0)
    until = signed + timedelta(days=copy_days)
    if licence.grant.valid_until is not None:
        until = min(until, end_of_day(licence.grant.valid_until))
    return Term(signed, signed, until)


def elements(
    licence: Licence, photo: Photo, instance: InstanceNumber, rules: RuleSet
) -> Mapping[str, Mapping[str, Any]]:
    """All elements by namespace."""
    return {
        MDL_NAMESPACE: _international(licence, photo, instance, rules),
        NATIONAL_NAMESPACE: _national(licence, rules),
    }


def _international(
    licence: Licence, photo: Photo, instance: InstanceNumber, rules: RuleSet
) -> Mapping[str, Any]:
    person, grant = licence.person, licence.grant
    values: dict[str, Any] = {
        "family_name": person.family_name_latin,
        "given_name": person.given_name_latin,
        "birth_date": FullDate.of(person.birth_date),
        "issue_date": FullDate.of(grant.valid_from),
        "expiry_date": FullDate.of(grant.valid_until or LONG_TERM),
        "issuing_country": ISSUING_COUNTRY,
        "issuing_authority": grant.issuing_office.name_latin,
        "document_number": instance,
        "portrait": photo.jpeg,
        "driving_privileges": [
            _privilege(privilege) for privilege in driving_privileges(licence.classes, rules)
        ],
        "un_distinguishing_sign": UN_DISTINGUISHING_SIGN,
        "sex": int(person.sex),
        "nationality": person.nationality,
        "family_name_national_character": person.family_name,
        "given_name_national_character": person.given_name,
    }
    if photo.captured_on is not None:
        values["portrait_capture_date"] = FullDate.of(photo.captured_on)
    age = _age(person.birth_date, legal_day(licence.at))
    values.update({f"age_over_{years}": age >= years for years in AGES})
    return values


def _privilege(privilege: DrivingPrivilege) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "vehicle_category_code": privilege.vehicle_category_code,
        "issue_date": FullDate.of(privilege.issue_date),
    }
    if privilege.expiry_date is not None:
        values["expiry_date"] = FullDate.of(privilege.expiry_date)
    if privilege.codes:
        values["codes"] = [{"code": code} for code in privilege.codes]
    return values


def _national(licence: Licence, rules: RuleSet) -> Mapping[str, Any]:
    person, grant = licence.person, licence.grant
    held = [e.vehicle_class for e in licence.classes if class_in_force(e, rules)]
    return {
        "licence_number": person.identity_number,
        "archive_number": grant.archive_number,
        "issuing_office": grant.issuing_office.name,
        "address": person.address,
        "first_issue_date": FullDate.of(grant.first_issue_date),
        "long_term": grant.valid_until is None,
        "record": grant.record,
        "latin_name_source": person.latin_source.value,
        "vehicle_classes": [
            {
                "code": entitlement.vehicle_class.value,
                "issue_date": FullDate.of(entitlement.issue_date),
                **(
                    {"expiry_date": FullDate.of(entitlement.expiry_date)}
                    if entitlement.expiry_date
                    else {}
                ),
            }
            for entitlement in licence.classes
        ],
        **{covers_element(one): covers(held, one, rules) for one in VehicleClass},
    }


def covers_element(vehicle_class: VehicleClass) -> str:
    """The element that says whether a vehicle of that class may be driven on the licence."""
    return f"covers_{vehicle_class}"


def _age(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


ELEMENT_NAMES = (
    (MDL_NAMESPACE, "family_name", "姓（拉丁字母）", "Family name"),
    (MDL_NAMESPACE, "given_name", "名（拉丁字母）", "Given name"),
    (MDL_NAMESPACE, "birth_date", "出生日期", "Date of birth"),
    (MDL_NAMESPACE, "issue_date", "有效期起始", "Date of issue"),
    (MDL_NAMESPACE, "expiry_date", "有效期截止", "Date of expiry"),
    (MDL_NAMESPACE, "issuing_country", "签发国", "Issuing country"),
    (MDL_NAMESPACE, "issuing_authority", "发证机关（拉丁字母）", "Issuing authority"),
    (MDL_NAMESPACE, "document_number", "证芯编号", "Document number"),
    (MDL_NAMESPACE, "portrait", "照片", "Portrait"),
    (MDL_NAMESPACE, "driving_privileges", "驾驶资格（国际类别）", "Driving privileges"),
    (MDL_NAMESPACE, "un_distinguishing_sign", "国家识别标志", "UN distinguishing sign"),
    (MDL_NAMESPACE, "sex", "性别", "Sex"),
    (MDL_NAMESPACE, "nationality", "国籍", "Nationality"),
    (MDL_NAMESPACE, "family_name_national_character", "姓", "Family name (Chinese)"),
    (MDL_NAMESPACE, "given_name_national_character", "名", "Given name (Chinese)"),
    (MDL_NAMESPACE, "portrait_capture_date", "照片拍摄日期", "Portrait taken on"),
    (MDL_NAMESPACE, "age_over_18", "年满18周岁", "Over 18"),
    (MDL_NAMESPACE, "age_over_60", "年满60周岁", "Over 60"),
    (MDL_NAMESPACE, "age_over_63", "年满63周岁", "Over 63"),
    (MDL_NAMESPACE, "age_over_70", "年满70周岁", "Over 70"),
    (NATIONAL_NAMESPACE, "licence_number", "证号", "Licence number"),
    (NATIONAL_NAMESPACE, "archive_number", "档案编号", "Archive number"),
    (NATIONAL_NAMESPACE, "issuing_office", "发证机关", "Issuing office"),
    (NATIONAL_NAMESPACE, "address", "住址", "Address"),
    (NATIONAL_NAMESPACE, "first_issue_date", "初次领证日期", "Date of first issue"),
    (NATIONAL_NAMESPACE, "long_term", "长期有效", "Long-term"),
    (NATIONAL_NAMESPACE, "record", "记录", "Record"),
    (NATIONAL_NAMESPACE, "latin_name_source", "拉丁姓名来源", "Source of the Latin name"),
    (NATIONAL_NAMESPACE, "vehicle_classes", "准驾车型", "Vehicle classes"),
    *(
        (NATIONAL_NAMESPACE, covers_element(one), f"准驾{one}", f"Covers class {one}")
        for one in VehicleClass
    ),
)
"""Namespace, element, and its name in Chinese and in English."""
