"""What the wallet and the console are told of own photos, and what the console says."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jiazhao.photo import Finding
from jiazhao.registry.messages import Named, RefusalView

OTHER = "other"

REVIEW_REASONS: Mapping[str, Named] = MappingProxyType(
    {
        reason.code: reason
        for reason in (
            Named(
                "not_the_holder", "与登记照片不是同一人", "It does not show the licence's holder"
            ),
            Named("covered", "面部、眉毛或耳朵被遮挡", "Face, brows or ears are covered"),
            Named("retouched", "照片经过美颜或修改", "The photo was retouched"),
            Named("no_photograph", "不是真人照片（翻拍或绘制）", "It is no photograph of a person"),
            Named("clothing", "着制式服装或佩戴饰物", "It shows a uniform or jewellery"),
            Named("light", "光线或背景不合格", "Light or background are not as asked for"),
            Named(OTHER, "其他原因", "Another reason"),
        )
    }
)
"""Why a person refuses; the words follow the requirements of public notices, unverified."""

RequestId = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[0-9a-f-]+$")]
Holder = Annotated[str, Meta(min_length=4, max_length=36)]


class FindingView(Struct):
    """One reason of the machine, with what to change."""

    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, finding: Finding) -> "FindingView":
        """From the machine's own words."""
        return cls(finding.code.wire, finding.zh, finding.en)


class RequestView(Struct):
    """The driver's own photo in review, or what came of it."""

    request_id: str
    state: str
    submitted_at: datetime
    due_at: datetime
    decided_at: datetime | None
    reason: Named | None
    note: str


class PhotoStanding(Struct):
    """Whether an own photo may be handed in, and where the last one stands."""

    allowed: bool
    refusals: list[RefusalView]
    request: RequestView | None


class Withdrawal(Struct, forbid_unknown_fields=True):
    """The driver's own request that is taken back."""

    request_id: RequestId


class QueueEntry(Struct):
    """One photo that waits: nothing of the person."""

    holder_id: str
    request_id: str
    submitted_at: datetime
    due_at: datetime
    overdue: bool


class Queue(Struct):
    """The oldest first; `waiting` counts those beyond the list, too."""

    waiting: int
    entries: list[QueueEntry]
    reasons: list[Named]
    server_time: datetime


class LookRequest(Struct, forbid_unknown_fields=True):
    """Which photo is looked at; the holder will see the look."""

    holder_id: Holder
    request_id: RequestId


class MeasuredView(Struct):
    """What the machine measured; shares are of 1."""

    width: int
    height: int
    white: float
    face_width: float
    sharpness: float
    captured_on: date | None


class LookView(Struct):
    """The photo beside the one on file, both JPEG in base64."""

    holder_id: str
    request_id: str
    submitted_at: datetime
    due_at: datetime
    overdue: bool
    photo: str
    on_file: str | None
    on_file_captured_on: date | None
    measured: MeasuredView


class DecisionRequest(Struct, forbid_unknown_fields=True):
    """What a person decides; a refusal has a reason, and the driver reads the note."""

    holder_id: Holder
    request_id: RequestId
    decision: Literal["approve", "refuse"]
    reason: Annotated[str, Meta(max_length=32)] | None = None
    note: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")] = ""


class DecisionAnswer(Struct):
    """What was decided."""

    request_id: str
    state: str
    decided_at: datetime
