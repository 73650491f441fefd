"""What a holder is told of the own licence: changes of the register's facts, and days to come.

Pure: the register's facts and the rules of the day are all it knows, so a notice is there as soon
as its fact is recorded, wherever the phone was, and nothing has to be sent or kept. What stood in
the register from the first is no news; what a correction took away is gone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from jiazhao.errors import Source
from jiazhao.licence.history import Fact, timeline
from jiazhao.licence.legal_day import CHINA, end_of_day, start_of_day
from jiazhao.licence.licence import Grant, History
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.rows import FigureCode
from jiazhao.rules.tables import RuleSet

EXPIRY_DAYS: Final = (90, 30, 7)
"""How long ahead the end of validity is told. The first is when renewal begins (order 162, art.
63); the others are ours."""


class NoticeKind(StrEnum):
    """What happened, for programs."""

    CLASS_ADDED = "class_added"
    CLASS_ENDED = "class_ended"
    POINTS_ADDED = "points_added"
    POINTS_REDUCED = "points_reduced"
    STATUS_BEGAN = "status_began"
    STATUS_ENDED = "status_ended"
    RENEWED = "renewed"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know: since when it holds, since when it is recorded, and by which law."""

    notice_id: str
    """The same each time it is reckoned, so that an objection can name it."""
    kind: NoticeKind
    at: datetime
    recorded_at: datetime
    zh: str
    en: str
    source: Source


_SENTENCES: Final = {
    NoticeKind.CLASS_ADDED: (
        "您的驾驶证自 {day} 起增加准驾车型 {code}（{name_zh}）。",
        "Class {code} ({name_en}) is on your licence from {day}.",
    ),
    NoticeKind.CLASS_ENDED: (
        "准驾车型 {code}（{name_zh}）自 {day} 起不再有效，您不得驾驶该车型。",
        "Class {code} ({name_en}) has not been valid since {day}; do not drive it.",
    ),
    NoticeKind.POINTS_ADDED: (
        "自 {day} 起新增记分 {added} 分，本周期累计 {points} 分（满分 {full} 分）。",
        "{added} points were added from {day}; this cycle has {points} of {full}.",
    ),
    NoticeKind.POINTS_REDUCED: (
        "自 {day} 起记分减少 {removed} 分，累计 {points} 分（满分 {full} 分）。",
        "{removed} points were taken away from {day}; there are {points} of {full}.",
    ),
    NoticeKind.STATUS_BEGAN: (
        "自 {day} 起驾驶证状态为“{name_zh}”。{todo_zh}",
        "The licence's status is “{name_en}” from {day}. {todo_en}",
    ),
    NoticeKind.STATUS_ENDED: (
        "“{name_zh}”状态已于 {day} 解除。",
        "The status “{name_en}” ended on {day}.",
    ),
    NoticeKind.RENEWED: (
        "驾驶证已换证，有效期自 {day} 起，至 {until_zh}。",
        "The licence was renewed: valid from {day}, {until_en}.",
    ),
    NoticeKind.EXPIRES_SOON: (
        "驾驶证有效期至 {until}，自本通知之日起还有 {days} 天。请办理换证。",
        "The licence is valid until {until}, {days} days from the day of this notice. Renew it.",
    ),
    NoticeKind.EXPIRED: (
        "驾驶证已于 {until} 期满，不得驾驶机动车。请办理换证。",
        "The licence ended on {until}. Do not drive; renew it.",
    ),
}


def notices_of(history: History, rules: RuleSet, now: datetime) -> tuple[Notice, ...]:
    """All notices to the holder at `now`, the newest first; `rules` are those of that day."""
    told = [
        *_classes(history, rules),
        *_points(history, rules),
        *_statuses(history, rules),
        *_validity(history, rules, now),
    ]
    return tuple(
        sorted(
            (notice for notice in told if notice.at <= now),
            key=lambda notice: (
                max(notice.at, notice.recorded_at),
                notice.at,
                notice.notice_id,
            ),
            reverse=True,
        )
    )


def _classes(history: History, rules: RuleSet) -> Iterator[Notice]:
    opening = _opening(history)
    for vehicle_class, facts in history.classes.items():
        row = rules.classes.get(vehicle_class)
        if row is None:  # a class of an earlier law
            continue
        words = {"code": vehicle_class.value, "name_zh": row.zh, "name_en": row.en}
        spells = _spells([(held.start, held.end) for held, _ in timeline(facts)])
        for start, end in spells:
            if start > opening:
                yield _notice(
                    NoticeKind.CLASS_ADDED, vehicle_class, start, facts, row.source.cite(), words
                )
            if end is not None:
                yield _notice(
                    NoticeKind.CLASS_ENDED, vehicle_class, end, facts, row.source.cite(), words
                )


def _points(history: History, rules: RuleSet) -> Iterator[Notice]:
    source = rules.figures[FigureCode.FULL_SCORE].source.cite()
    opening, before = _opening(history), 0
    for held, points in timeline(history.points):
        change = points - before
        before = points
        if held.start <= opening or change == 0:
            continue
        kind = NoticeKind.POINTS_ADDED if change > 0 else NoticeKind.POINTS_REDUCED
        words = {"added": change, "removed": -change, "points": points, "full": rules.full_score}
        yield _notice(kind, str(points), held.start, history.points, source, words)


def _statuses(history: History, rules: RuleSet) -> Iterator[Notice]:
    for status, facts in history.statuses.items():
        if status is LicenceStatus.NORMAL:
            continue
        row = rules.statuses[status]
        words = {
            "name_zh": row.zh,
            "name_en": row.en,
            "todo_zh": row.todo_zh,
            "todo_en": row.todo_en,
        }
        for held, holds in timeline(facts):
            if not holds:
                continue
            yield _notice(
                NoticeKind.STATUS_BEGAN, status, held.start, facts, row.source.cite(), words
            )
            if held.end is not None:
                yield _notice(
                    NoticeKind.STATUS_ENDED, status, held.end, facts, row.source.cite(), words
                )


def _validity(history: History, rules: RuleSet, now: datetime) -> Iterator[Notice]:
    source = rules.figures[FigureCode.RENEWAL_WINDOW].source.cite()
    grants = [(held, grant) for held, grant in timeline(history.grants) if held.start <= now]
    for (_, before), (held, after) in pairwise(grants):
        if _term(before) != _term(after):
            words = {"until_zh": _until_zh(after), "until_en": _until_en(after)}
            yield _notice(
                NoticeKind.RENEWED, str(after.valid_from), held.start, history.grants, source, words
            )
    last_day = grants[-1][1].valid_until if grants else None
    if last_day is None:
        return
    for days in EXPIRY_DAYS:
        at = start_of_day(last_day - timedelta(days=days))
        words = {"until": last_day.isoformat(), "days": str(days)}
        if now < end_of_day(last_day):
            yield _notice(NoticeKind.EXPIRES_SOON, str(days), at, (), source, words)
    words = {"until": last_day.isoformat()}
    yield _notice(NoticeKind.EXPIRED, "", end_of_day(last_day), (), source, words)


def _notice(
    kind: NoticeKind,
    what: LicenceStatus | VehicleClass | str,
    at: datetime,
    facts: Iterable[Fact[Any]],
    source: Source,
    words: dict[str, Any],
) -> Notice:
    zh, en = _SENTENCES[kind]
    filled = {"day": at.astimezone(CHINA).date().isoformat(), **words}
    microseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return Notice(
        notice_id="-".join(filter(None, (kind.value, str(what), str(microseconds)))),
        kind=kind,
        at=at,
        recorded_at=_recorded(facts, at),
        zh=zh.format(**filled),
        en=en.format(**filled),
        source=source,
    )


def _recorded(facts: Iterable[Fact[Any]], at: datetime) -> datetime:
    """When the fact was recorded that tells of `at`; `at` itself where time alone told it."""
    telling = [fact.recorded_at for fact in facts if at in fact.held or fact.held.end == at]
    return max(telling, default=at)


def _opening(history: History) -> datetime:
    """Since when there is a licence: what held then is how it began, and no change of it."""
    grants = timeline(history.grants)
    return grants[0][0].start if grants else datetime.min.replace(tzinfo=UTC)


def _spells(
    held: Sequence[tuple[datetime, datetime | None]],
) -> list[tuple[datetime, datetime | None]]:
    """Neighbours joined whatever their value: a class whose entry was reworded stayed."""
    spells: list[tuple[datetime, datetime | None]] = []
    for start, end in held:
        if spells and spells[-1][1] == start:
            spells[-1] = (spells[-1][0], end)
        else:
            spells.append((start, end))
    return spells


def _term(grant: Grant) -> tuple[date, date | None]:
    return grant.valid_from, grant.valid_until


def _until_zh(grant: Grant) -> str:
    return "长期" if grant.valid_until is None else grant.valid_until.isoformat()


def _until_en(grant: Grant) -> str:
    return "for good" if grant.valid_until is None else f"until {grant.valid_until.isoformat()}"
