"""Licence codes judged without a network, for terminals that are not browsers."""

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from msgspec import Struct, field

from jiazhao.cli.shell import JsonOption, bounded, out, show
from jiazhao.cli.verifying import VERDICT_EXIT, told
from jiazhao.clock import system_clock
from jiazhao.credentials.code_sealing import CODE_OCTETS
from jiazhao.credentials.licence_code import MAX_CHALLENGE, IssuerData
from jiazhao.credentials.portrait import rebuild
from jiazhao.credentials.status_snapshot import MAX_FILE_OCTETS, read_snapshot
from jiazhao.errors import ErrorCode, JiazhaoError, UndeterminedError, UnreadableError
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.images import MAX_IMAGE_OCTETS, read_code_octets
from jiazhao.presentation.shift import MAX_SHIFT_OCTETS, read_shift
from jiazhao.presentation.steps import LICENCE_CODE_OFFLINE, CheckStatus, Outcome, Step
from jiazhao.presentation.verdict import Check, Reason, Verdict
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_code import (
    CheckedCode,
    Checker,
    Face,
    HandleCheck,
    verify_licence_code,
)

verbs = typer.Typer()

MAX_SEEN_OCTETS = 16 * 1024 * 1024
"""A counter takes about a hundred octets; a shift has some hundred drivers."""

_WORST_FIRST = tuple(Outcome)


class _Seen(Struct):
    """What must not be forgotten between two runs: else an old code or snapshot would pass."""

    counters: dict[str, int] = field(default_factory=dict)
    snapshot_as_of: datetime | None = None

    def last_counter(self, device_key: bytes) -> int:
        """The counter that was used last with a device key."""
        return self.counters.get(device_key.hex(), 0)


@verbs.command("terminal-check")
def terminal_check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="{file}…", help="A picture (PNG, JPEG) of a code, or its octets."),
    ],
    shift: Annotated[
        Path, typer.Option(help="The bundle of the open shift, JSON, as POST /shifts gave it.")
    ],
    snapshot: Annotated[
        list[Path] | None,
        typer.Option(help="The country's status: the base, then each difference, in order."),
    ] = None,
    seen: Annotated[
        Path | None,
        typer.Option(
            help="Where is kept what was seen: counters that were used, the newest snapshot."
        ),
    ] = None,
    challenge: Annotated[
        int | None,
        typer.Option(min=0, max=MAX_CHALLENGE, help="The digits that were shown to the driver."),
    ] = None,
    face: Annotated[
        Face | None, typer.Option(help="What you found when you compared photo and person.")
    ] = None,
    vehicle_class: Annotated[
        VehicleClass | None, typer.Option(help="The class of the vehicle that is driven.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge licence codes without a network; ends with the worst verdict."""
    now, kept = system_clock(), _read_seen(seen)
    opened = read_shift(bounded(shift, MAX_SHIFT_OCTETS))
    opened.require_open(now)
    checker = opened.checker(
        now=now,
        last_counter=kept.last_counter,
        status=_status(snapshot or [], opened.trust, kept, now),
        release_table=_release_table,
    )
    reports: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    for file in files:
        checked = _check(file, checker, now=now, challenge=challenge, face=face)
        if checked.verdict.check(Step.HOLDER_BINDING).status is CheckStatus.PASSED:
            _use(checked, kept)
        outcomes.append(checked.verdict.outcome)
        reports.append(_report(file, checked, checker, vehicle_class, now))
    # What was judged is kept before it is told: a code whose use was lost would pass again.
    if seen is not None:
        _write_seen(seen, kept)

    def plain() -> None:
        for report in reports:
            _print(report)

    show(reports, as_json=as_json, plain=plain)
    raise typer.Exit(VERDICT_EXIT[min(outcomes, key=_WORST_FIRST.index)])


def _release_table(name: str) -> bytes:
    return (resources.files("jiazhao.rules") / "data" / name).read_bytes()


def _check(
    file: Path, checker: Checker, *, now: datetime, challenge: int | None, face: Face | None
) -> CheckedCode:
    octets = bounded(file, MAX_IMAGE_OCTETS)
    if len(octets) != CODE_OCTETS:
        try:
            octets = read_code_octets(octets)
        except JiazhaoError as error:
            unread = Check(Step.DECODE, CheckStatus.FAILED, Reason.of(error))
            return CheckedCode(Verdict.of(unread, profile=LICENCE_CODE_OFFLINE))
    return verify_licence_code(
        octets,
        now=now,
        checker=checker,
        profile=LICENCE_CODE_OFFLINE,
        challenge=challenge,
        face=face,
    )


def _use(checked: CheckedCode, kept: _Seen) -> None:
    if checked.data is not None and checked.data.device_key and checked.holder is not None:
        kept.counters[checked.data.device_key.hex()] = checked.holder.counter


def _status(
    files: Sequence[Path], trust: TrustAnchors, kept: _Seen, now: datetime
) -> HandleCheck | None:
    """Step 7 by a snapshot; one that cannot be relied on leaves it unchecked, and says why."""
    if not files:
        return None
    try:
        snapshot = read_snapshot(
            [bounded(file, MAX_FILE_OCTETS) for file in files],
            anchors=trust.roots,
            now=now,
            newest_seen=kept.snapshot_as_of,
            compromised=trust.compromised,
        )
    except UndeterminedError as error:
        return partial(_undetermined, error)
    kept.snapshot_as_of = snapshot.as_of
    return snapshot.look_up


def _undetermined(error: UndeterminedError, _handle: bytes, _issued_at: datetime) -> NoReturn:
    raise error


def _report(
    file: Path,
    checked: CheckedCode,
    checker: Checker,
    vehicle_class: VehicleClass | None,
    now: datetime,
) -> dict[str, Any]:
    verdict = checked.verdict
    driving = checked.driving(vehicle_class, checker.rules)
    return {
        "file": file.name,
        "verdict": verdict.outcome.value,
        "reason": told(verdict.reason),
        "what_to_do": {"zh": verdict.what_to_do.zh, "en": verdict.what_to_do.en},
        "steps": [
            {
                "number": int(check.step),
                "name": check.step.wire,
                "status": check.status.value,
                "reason": told(check.reason),
            }
            for check in verdict.checks
            if check.step in verdict.profile
        ],
        "licence": None if checked.data is None else _licence(checked.data),
        "may_drive": None
        if driving is None
        else {
            "vehicle_class": vehicle_class.value if vehicle_class else None,
            "allowed": driving.allowed,
            "reasons": [
                {"code": each.code, "zh": each.zh, "en": each.en} for each in driving.reasons
            ],
        },
        "heard_from_server_seconds_ago": None
        if checked.beacon is None
        else int((now - checked.beacon.began_at).total_seconds()),
    }


def _licence(data: IssuerData) -> dict[str, Any]:
    avif = None if data.portrait is None else rebuild(data.portrait)
    return {
        "name": data.name,
        "number": data.number,
        "birth_date": data.birth_date,
        "classes": [each.value for each, _ in data.classes],
        "valid_until": data.valid_until,
        "statuses": "".join(sorted(data.statuses)),
        "points": data.points,
        "record": data.record,
        "record_is_elsewhere": data.record_is_elsewhere,
        "issuing_office": data.office_prefix,
        "as_of": data.signed_at,
        "portrait": None if avif is None else base64.b64encode(avif).decode(),
    }


def _print(report: dict[str, Any]) -> None:
    out.print(report["file"])
    for step in report["steps"]:
        mark = {"passed": "✓", "failed": "✗", "unchecked": "–"}[step["status"]]
        why = f"  {step['reason']['zh']} {step['reason']['en']}" if step["reason"] else ""
        out.print(f"  {step['number']} {mark} {step['name']}{why}")
    out.print(f"  {report['verdict']}", style="bold")
    licence, may_drive = report["licence"], report["may_drive"]
    if licence:
        classes = " ".join(licence["classes"])
        out.print(f"  {licence['name']}  {licence['number']}  {classes}  {licence['points']}")
        out.print(f"  {licence['as_of']:%Y-%m-%d %H:%M} UTC")
    for reason in may_drive["reasons"] if may_drive else ():
        out.print(f"  {reason['zh']} {reason['en']}")
    out.print(f"  {report['what_to_do']['zh']}\n  {report['what_to_do']['en']}")


# -- what was seen


def _read_seen(path: Path | None) -> _Seen:
    if path is None or not path.exists():
        return _Seen()
    try:
        return msgspec.json.decode(bounded(path, MAX_SEEN_OCTETS), type=_Seen)
    except msgspec.MsgspecError as error:
        raise UnreadableError(ErrorCode.UNREADABLE, what=path.name, reason=str(error)) from error


def _write_seen(path: Path, kept: _Seen) -> None:
    """Replace the file whole, so that a power cut leaves the old one or the new one."""
    new = path.with_suffix(path.suffix + ".new")
    with new.open("wb") as stream:
        stream.write(msgspec.json.encode(kept))
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
