"""Reads vectors of checks of licence codes into what the verifier takes."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import Kind
from jiazhao.credentials.signing import read_base64url
from jiazhao.credentials.status_snapshot import SnapshotFinding
from jiazhao.errors import ErrorCode, UndeterminedError
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation import steps
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_code import (
    CheckedCode,
    Checker,
    CodeSettings,
    Face,
    HandleCheck,
    verify_licence_code,
)
from tests.unit.rules.official_tables import TABLES

SAYS = {"clear": False, "must_not_drive": True}


@cache
def private_key(scalar: str) -> ec.EllipticCurvePrivateKey:
    """The key of a JWK, by its d."""
    return ec.derive_private_key(int.from_bytes(read_base64url(scalar, "JWK")), ec.SECP256R1())


def checker_of(vector: dict[str, Any]) -> Checker:
    """What whoever checks in this vector holds."""
    settings, beacon = vector["settings"], vector["beacon"]
    return Checker(
        trust=TrustAnchors(
            tuple(map(bytes.fromhex, vector["roots"])),
            frozenset(map(bytes.fromhex, vector["compromised"])),
        ),
        signers=tuple(map(bytes.fromhex, vector["signers"])),
        keys={
            (Kind(each["kind"]), each["period"]): private_key(each["jwk"]["d"])
            for each in vector["keys"]
        },
        rules=TABLES.on(legal_day(datetime.fromisoformat(vector["now"]))),
        beacon=None if beacon is None else parse_beacon(bytes.fromhex(beacon)),
        last_counter=lambda _: int(vector["last_counter"]),
        status=_status(vector["status"]),
        settings=CodeSettings(
            life=timedelta(seconds=settings["code_seconds"]),
            skew=timedelta(seconds=settings["skew_seconds"]),
            challenge_after=timedelta(seconds=settings["challenge_after_seconds"]),
            snapshot_max_age=timedelta(seconds=settings["snapshot_max_age_seconds"]),
        ),
    )


def _status(said: dict[str, Any] | None) -> HandleCheck | None:
    if said is None:
        return None

    def look_up(_handle: bytes, _issued_at: datetime) -> SnapshotFinding:
        if "undetermined" in said:
            raise UndeterminedError(ErrorCode[said["undetermined"].upper()], **said["values"])
        return SnapshotFinding(SAYS[said["says"]], datetime.fromisoformat(said["as_of"]))

    return look_up


def check_licence_code(vector: dict[str, Any]) -> CheckedCode:
    """Check the code of a vector."""
    face = vector["face"]
    return verify_licence_code(
        bytes.fromhex(vector["presented"]),
        now=datetime.fromisoformat(vector["now"]),
        checker=checker_of(vector),
        profile=getattr(steps, vector["profile"]),
        challenge=vector["challenge"],
        face=None if face is None else Face(face),
    )
