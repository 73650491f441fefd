"""`jiazhao terminal-check`: codes judged on a device without a network and without a browser."""

import base64
import json
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from typer.testing import CliRunner, Result

from jiazhao.cli import cli, terminal_checking
from jiazhao.credentials.chain import STATUS_SIGNING
from jiazhao.credentials.signing import write_base64url
from jiazhao.credentials.status_snapshot import SnapshotHead, sign_snapshot
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.rules.tables import TABLE_NAMES
from jiazhao.status.snapshot_building import Prefixes, write_set
from tests.unit.rules import official_tables
from vectors import make_licence_code
from vectors.make import NOW, STRANGER, signer

VALID, CANNOT_CONFIRM, NOT_VALID, NOT_GENUINE = 0, 12, 10, 11
VECTOR = dict(make_licence_code.vector(b"", "VALID", None))
CODE = make_licence_code.shown()


def _b64(text: str) -> str:
    return write_base64url(bytes.fromhex(text))


def _bundle() -> dict[str, Any]:
    return {
        "shift_id": "s",
        "terminal_id": "t",
        "opened_at": (NOW - timedelta(hours=1)).isoformat(),
        "ends_at": (NOW + timedelta(hours=8)).isoformat(),
        "server_time": NOW.isoformat(),
        "trust": {
            "roots": list(map(_b64, VECTOR["roots"])),
            "signers": list(map(_b64, VECTOR["signers"])),
            "compromised": [],
        },
        "keys": VECTOR["keys"],
        "beacon": _b64(VECTOR["beacon"]),
        "rules": {},
        "settings": {**VECTOR["settings"], "lock_after_seconds": 120},
    }


@pytest.fixture
def shift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle in a file, and a clock that stands."""
    monkeypatch.setattr(terminal_checking, "system_clock", _now)
    path = tmp_path / "shift.json"
    path.write_text(json.dumps(_bundle()))
    return path


def _now() -> datetime:
    return NOW


def _file(folder: Path, name: str, octets: bytes) -> Path:
    path = folder / name
    path.write_bytes(octets)
    return path


def _run(shift: Path, *args: object) -> tuple[Result, list[dict[str, Any]]]:
    said = CliRunner().invoke(
        cli, ["terminal-check", *map(str, args), "--shift", str(shift), "--json"]
    )
    return said, json.loads(said.output) if said.output.startswith("[") else []


def _picture(octets: bytes, scale: int = 4) -> bytes:
    made = zxingcpp.create_barcode(octets, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    image = Image.fromarray(zxingcpp.write_barcode_to_image(made))
    out = BytesIO()
    image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST).save(
        out, "PNG"
    )
    return out.getvalue()


def _reason(report: dict[str, Any]) -> str | None:
    return report["reason"]["code"] if report["reason"] else None


def test_a_picture_and_its_octets_are_judged_alike(shift: Path, tmp_path: Path) -> None:
    for name, octets in (("code.png", _picture(CODE)), ("code.bin", CODE)):
        said, (report,) = _run(shift, _file(tmp_path, name, octets), "--vehicle-class", "C1")
        assert said.exit_code == CANNOT_CONFIRM
        assert _reason(report) == "status_undetermined", "all else has passed"
        passed = [step["number"] for step in report["steps"] if step["status"] == "passed"]
        assert passed == [1, 2, 3, 5, 6]
        licence = report["licence"]
        assert (licence["name"], licence["points"]) == ("诸葛小青", 3)
        with Image.open(BytesIO(base64.b64decode(licence["portrait"]))) as portrait:
            assert portrait.size == (60, 80)
        assert report["may_drive"] == {"vehicle_class": "C1", "allowed": True, "reasons": []}
        assert report["heard_from_server_seconds_ago"] == 3600


def test_every_table_that_a_shift_brings_is_gone_by(shift: Path, tmp_path: Path) -> None:
    """Also where a table and its file have different names."""
    statuses = json.loads(official_tables.read(TABLE_NAMES["statuses"]))
    for version in statuses["versions"]:
        for row in version["entries"]:
            row["drive"]["effect"] = "forbidden"
    shift.write_text(json.dumps({**_bundle(), "rules": {"statuses": statuses}}))

    said, (report,) = _run(shift, _file(tmp_path, "code.bin", CODE))

    assert said.exit_code == NOT_VALID
    assert _reason(report) == "code_status_says_no"


def test_the_worst_of_several_decides_how_it_ends(shift: Path, tmp_path: Path) -> None:
    forged = make_licence_code.shown(device=STRANGER, counter=9)
    suspended = make_licence_code.shown({"statuses": "D"}, counter=8)
    files = [
        _file(tmp_path, "1", CODE),
        _file(tmp_path, "2", suspended),
        _file(tmp_path, "3", forged),
        _file(tmp_path, "4", b"no code"),
    ]
    for count, code in ((1, CANNOT_CONFIRM), (2, NOT_VALID), (3, NOT_GENUINE)):
        said, _ = _run(shift, *files[:count])
        assert said.exit_code == code
    said, reports = _run(shift, *files)
    assert said.exit_code == NOT_GENUINE
    assert [_reason(report) for report in reports] == [
        "status_undetermined",
        "code_status_says_no",
        "holder_signature_mismatch",
        "no_code_in_image",
    ]
    assert reports[3]["licence"] is None


def test_a_code_is_used_once_in_a_run_and_once_where_uses_are_kept(
    shift: Path, tmp_path: Path
) -> None:
    file, seen = _file(tmp_path, "code", CODE), tmp_path / "seen.json"
    _, reports = _run(shift, file, file)
    assert [_reason(each) for each in reports] == ["status_undetermined", "code_used"]
    for expected in ("status_undetermined", "code_used"):
        _, (report,) = _run(shift, file, "--seen", seen)
        assert _reason(report) == expected
    later = _file(tmp_path, "later", make_licence_code.shown(counter=8))
    _, (report,) = _run(shift, later, "--seen", seen)
    assert _reason(report) == "status_undetermined"


HANDLE = int.from_bytes(make_licence_code.PAYLOAD["handle"])


def _snapshot(folder: Path, *, listed: bool, as_of: datetime) -> Path:
    """A signed base with two handles, of which the code's is in the set or is not."""
    prefixes = Prefixes()
    prefixes.add(np.array([HANDLE, HANDLE + 1], np.uint64), np.array([listed, not listed]))
    form, body = write_set(*prefixes.finish())
    head = SnapshotHead(
        follows=None,
        until_hour=int(as_of.timestamp()) // 3600,
        as_of=as_of,
        handles=2,
        gaps=(),
        form=form,
    )
    octets = sign_snapshot(head, body, signer(purpose=STATUS_SIGNING))
    return _file(folder, f"snapshot-{listed}-{as_of:%d%H}", octets)


def test_the_snapshot_of_the_country_decides_step_7(shift: Path, tmp_path: Path) -> None:
    file, hour = _file(tmp_path, "code", CODE), timedelta(hours=1)
    for listed, age, code, expected in (
        (False, hour, VALID, None),
        (True, hour, NOT_VALID, "status_must_not_drive"),
        (False, 25 * hour, CANNOT_CONFIRM, "snapshot_too_old"),
        (False, 24 * 30 * hour, CANNOT_CONFIRM, "status_not_covered"),
    ):
        snapshot = _snapshot(tmp_path, listed=listed, as_of=NOW - age)
        said, (report,) = _run(shift, file, "--snapshot", snapshot)
        assert (said.exit_code, _reason(report)) == (code, expected)


def test_a_snapshot_that_is_damaged_or_older_than_one_seen_leaves_it_unchecked(
    shift: Path, tmp_path: Path
) -> None:
    file, seen = _file(tmp_path, "code", CODE), tmp_path / "seen.json"
    newer = _snapshot(tmp_path, listed=False, as_of=NOW - timedelta(hours=1))
    older = _snapshot(tmp_path, listed=False, as_of=NOW - timedelta(hours=3))
    damaged = _file(tmp_path, "damaged", newer.read_bytes()[:-1])
    said, _ = _run(shift, file, "--snapshot", newer, "--seen", seen)
    assert said.exit_code == VALID
    later = _file(tmp_path, "later", make_licence_code.shown(counter=8))
    for snapshot, expected in ((older, "status_rolled_back"), (damaged, "status_unreadable")):
        said, (report,) = _run(shift, later, "--snapshot", snapshot, "--seen", seen)
        assert (said.exit_code, _reason(report)) == (CANNOT_CONFIRM, expected)
        later = _file(tmp_path, "latest", make_licence_code.shown(counter=9))


def test_challenge_and_face_are_handed_on(shift: Path, tmp_path: Path) -> None:
    answered = _file(tmp_path, "answered", make_licence_code.shown(challenge=42))
    printed = _file(tmp_path, "printed", make_licence_code.printed())
    for args, expected in (
        ((answered, "--challenge", "42"), "status_undetermined"),
        ((answered, "--challenge", "43"), "challenge_wrong"),
        ((printed,), "compare_face"),
        ((printed, "--face", "differs"), "face_differs"),
        ((printed, "--face", "same"), "status_undetermined"),
    ):
        _, (report,) = _run(shift, *args)
        assert _reason(report) == expected


def test_it_says_in_words_what_it_found(shift: Path, tmp_path: Path) -> None:
    file = _file(tmp_path, "code", make_licence_code.shown({"statuses": "D"}))
    said = CliRunner().invoke(
        cli, ["terminal-check", str(file), "--shift", str(shift), "--vehicle-class", "A1"]
    )
    assert "NOT_VALID" in said.output
    assert "诸葛小青" in said.output
    assert "A1" in said.output


@pytest.mark.parametrize("hours", [-2, 8])
def test_outside_of_the_shift_nothing_is_judged(
    shift: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    def later() -> datetime:
        return NOW + timedelta(hours=hours)

    monkeypatch.setattr(terminal_checking, "system_clock", later)
    said, _ = _run(shift, _file(tmp_path, "code", CODE))
    assert isinstance(said.exception, JiazhaoError)
    assert said.exception.code is ErrorCode.SHIFT_NOT_OPEN


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": [{**VECTOR["keys"][0], "jwk": {**VECTOR["keys"][0]["jwk"], "d": "AA"}}]},
        {"keys": [{**VECTOR["keys"][0], "jwk": VECTOR["keys"][1]["jwk"] | {"d": "AQ"}}]},
        {"keys": [{**VECTOR["keys"][0], "kind": 1}]},
        {"beacon": "AA"},
        {"opened_at": "2026-06-01T00:00:00"},
        {"settings": {}},
        {"trust": None},
        {"rules": {"classes": {"versions": []}}},
    ],
    ids=["key-0", "halves", "kind", "beacon", "offset", "settings", "trust", "rules"],
)
def test_a_damaged_bundle_is_refused_without_repeating_it(
    shift: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    shift.write_text(json.dumps({**_bundle(), **changes}))
    said, _ = _run(shift, _file(tmp_path, "code", CODE))
    assert isinstance(said.exception, JiazhaoError)
    assert VECTOR["keys"][0]["jwk"]["d"] not in str(said.exception.values)
