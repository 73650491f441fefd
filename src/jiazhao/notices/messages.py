"""Notices, objections and reports of a refused licence, as the wallet and the console see them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_TEXT_CHARS = 1000
"""A page of handwriting; whoever has more to say comes to the counter."""

_NO_NUL = r"^[^\x00]*$"
Subject = Literal["notice", "access"]
SubjectId = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.-]+$")]
Text = Annotated[str, Meta(min_length=4, max_length=MAX_TEXT_CHARS, pattern=_NO_NUL)]
Short = Annotated[str, Meta(min_length=1, max_length=120, pattern=_NO_NUL)]
RequestId = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[0-9a-f-]+$")]
Holder = Annotated[str, Meta(min_length=4, max_length=36)]


class NoticeView(Struct):
    """One thing to know of the licence, and the law behind it."""

    notice_id: str
    kind: str
    at: datetime
    zh: str
    en: str
    source: str


class Notices(Struct):
    """The newest first."""

    notices: list[NoticeView]
    server_time: datetime


class ObjectionRequest(Struct, forbid_unknown_fields=True):
    """What the holder does not accept, and why."""

    subject: Subject
    subject_id: SubjectId
    text: Text


class ObjectionView(Struct):
    """An own objection, and what became of it."""

    objection_id: str
    subject: str
    subject_id: str
    text: str
    state: str
    submitted_at: datetime
    decided_at: datetime | None
    reason: str


class Objections(Struct):
    """The newest first."""

    objections: list[ObjectionView]


class RefusalReportRequest(Struct, forbid_unknown_fields=True):
    """Who would not take the licence, where and when, and what was said."""

    who: Short
    where: Short
    at: datetime
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS, pattern=_NO_NUL)] = ""


class RefusalReportView(Struct):
    """A report; it tells nothing of who sent it but what the sender wrote."""

    report_id: str
    who: str
    where: str
    at: datetime
    text: str
    submitted_at: datetime


class RefusalReports(Struct):
    """The newest first."""

    reports: list[RefusalReportView]


class ObjectionEntry(Struct):
    """One objection that waits: nothing of the person, and not what was written."""

    holder_id: str
    objection_id: str
    subject: str
    submitted_at: datetime


class ObjectionQueue(Struct):
    """The oldest first; `waiting` counts those beyond the list, too."""

    waiting: int
    entries: list[ObjectionEntry]
    server_time: datetime


class ObjectionLookRequest(Struct, forbid_unknown_fields=True):
    """Which objection is read; the holder will see the look."""

    holder_id: Holder
    objection_id: RequestId


class ObjectionLook(Struct):
    """What the holder wrote, and against what."""

    holder_id: str
    objection_id: str
    subject: str
    subject_id: str
    subject_zh: str
    subject_en: str
    text: str
    state: str
    submitted_at: datetime


class ObjectionDecision(Struct, forbid_unknown_fields=True):
    """What a person decides; the holder reads the reason."""

    holder_id: Holder
    objection_id: RequestId
    decision: Literal["uphold", "reject"]
    reason: Annotated[str, Meta(min_length=4, max_length=500, pattern=_NO_NUL)]


class ObjectionDecided(Struct):
    """What was decided. The register itself is changed by a registrar's own act."""

    objection_id: str
    state: str
    decided_at: datetime
