"""Every object that somebody presents or a device keeps, and how one comes to VALID by it.

Objects are those of `vectors/`, or of a small register of made-up people: what the verifiers take
is the same in both.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import msgspec
from structlog.testing import capture_logs

from jiazhao.app import House
from jiazhao.credentials.code_sealing import PLAINTEXT_OCTETS, read_sealed
from jiazhao.credentials.signing import write_base64url
from jiazhao.credentials.status_list import StatusValue
from jiazhao.credentials.status_snapshot import read_snapshot
from jiazhao.credentials.status_token import sign_cwt, sign_jwt, verify_status_token
from jiazhao.licence.identifiers import HolderId
from jiazhao.presentation.messages import CheckRequest
from jiazhao.presentation.record_messages import SealedRecord
from jiazhao.presentation.shift import read_shift
from jiazhao.presentation.steps import FILE, ISSUED_COPY, LICENCE_CODE_OFFLINE, Outcome, Profile
from jiazhao.presentation.verify import StatusFinding, TrustAnchors
from jiazhao.presentation.verify_code import Checker, Face, verify_licence_code
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.presentation.verify_sdjwt import ExpectedBinding, verify_sdjwt
from jiazhao.roadside.shifts import RULES_NOT_NEEDED
from jiazhao.rules.tables import TABLE_NAMES
from tests.clocks import MORNING, SetClock
from tests.houses import Phone, officer, settle
from tests.roadside_terminal import CodeWallet, RoadsideTerminal
from tests.unit.presentation.licence_codes import checker_of
from tests.unit.rules.official_tables import read as read_table
from vectors import make, make_licence_code, make_status_snapshot, make_status_token

VECTORS: Final = Path(make_licence_code.__file__).parent / "verify-licence-code"
HOLDERS: Final = 12
DRIVER: Final = HolderId("sp-000001")
"""In good standing."""
CHECK: Final = "4d7cc2d3-6e0b-4a63-8f2e-0d7e7c0f9a01"

Accepts = Callable[[bytes], bool]
"""Whether the object, or what rests on it, is VALID; a refusal is none, or a `JiazhaoError`."""


@dataclass(frozen=True, slots=True)
class Presented:
    """An object, and how it is judged."""

    octets: bytes
    accepts: Accepts
    is_valid_itself: bool = True
    """False where something that must not be VALID is judged by it."""


@contextmanager
def presented_objects(folder: Path) -> Iterator[Mapping[str, Presented]]:
    """Yield all of them by name; those of a register live as long as the context."""
    with ExitStack() as stack, capture_logs():
        house = settle(folder / "state", SetClock(MORNING), port=8000, holders=HOLDERS)
        stack.callback(house.close)
        yield {
            **_licence_codes(),
            **_credentials(),
            **_statuses(),
            **_held_by_a_terminal(),
            **_of_a_register(house),
        }


# -- licence codes


@cache
def _vector(name: str) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return vector


_VALID: Final = _vector("valid")
_NOW: Final = datetime.fromisoformat(_VALID["now"])
# A counter that was raised by a flipped bit is one that nobody used yet.
_CHECKER: Final = replace(checker_of(_VALID), last_counter=lambda _: 0)


def _is_valid_code(code: bytes, checker: Checker = _CHECKER) -> bool:
    checked = verify_licence_code(
        code, now=_NOW, checker=checker, profile=LICENCE_CODE_OFFLINE, face=Face.SAME
    )
    return checked.verdict.outcome is Outcome.VALID


def vector_of_code(name: str, code: bytes) -> dict[str, Any]:
    """A vector of `vectors/` in which another code is presented."""
    return {**_vector(name), "presented": code.hex(), "last_counter": 0}


def resealed(name: str) -> tuple[bytes, bytes, Callable[[bytes], bytes | None]]:
    """The code of a vector, what is sealed in it, and what seals something else instead.

    Whoever changes a code has the public half of the day's key. None is returned of what has no
    room in a code, so that nobody can show it.
    """
    code = bytes.fromhex(_vector(name)["presented"])
    outer = read_sealed(code)
    content = outer.open(make_licence_code.day_key(outer.kind, outer.period))
    return code, content, partial(_sealed, kind=outer.kind, period=outer.period)


def with_kept_part(part: bytes) -> bytes | None:
    """The code that a wallet shows which keeps this issuer's part, and signs over it."""
    holder = make_licence_code.holder_part(part, make_licence_code.holder_payload())
    return _sealed(make_licence_code.both(part, holder))


def _sealed(content: bytes, **given: Any) -> bytes | None:
    return make_licence_code.sealed(content, **given) if len(content) < PLAINTEXT_OCTETS else None


def _is_valid_shown(show: Callable[[bytes], bytes | None], octets: bytes) -> bool:
    code = show(octets)
    return code is not None and _is_valid_code(code)


def _licence_codes() -> dict[str, Presented]:
    found = {}
    for kind, name in {"shown": "valid", "backup": "valid-backup"}.items():
        code, content, seal = resealed(name)
        found[f"{kind} code"] = Presented(code, _is_valid_code)
        found[f"{kind} code, sealed again"] = Presented(content, partial(_is_valid_shown, seal))
    part = make_licence_code.issuer_part(make_licence_code.payload())
    found["kept issuer's part"] = Presented(part, partial(_is_valid_shown, with_kept_part))
    return found


# -- mdoc and SD-JWT VC


def _credentials() -> dict[str, Presented]:
    trust = TrustAnchors((make.root(),))
    clear = StatusFinding(0, make.NOW)
    binding = ExpectedBinding(make.AUDIENCE, make.NONCE, timedelta(minutes=5))

    def mdoc(presented: bytes, transcript: bytes | None, profile: Profile) -> bool:
        checked = verify_mdoc(
            presented,
            now=make.NOW,
            trust=trust,
            expected_transcript=transcript,
            status=lambda _: clear,
            profile=profile,
        )
        return checked.verdict.outcome is Outcome.VALID

    def sd_jwt(presented: bytes, profile: Profile) -> bool:
        checked = verify_sdjwt(
            presented.decode("latin-1"),
            now=make.NOW,
            trust=trust,
            expected=binding,
            status=lambda _: clear,
            asked=None,
            profile=profile,
        )
        return checked.verdict.outcome is Outcome.VALID

    issued, sd_issued = make.issued(), make.sdjwt_issued()
    return {
        "device response": Presented(
            make.shown(issued), partial(mdoc, transcript=make.TRANSCRIPT, profile=FILE)
        ),
        "issued mdoc": Presented(issued, partial(mdoc, transcript=None, profile=ISSUED_COPY)),
        "SD-JWT VC": Presented(make.sdjwt_shown(sd_issued), partial(sd_jwt, profile=FILE)),
        "issued SD-JWT VC": Presented(
            make.sdjwt_issued(claims={"ns": {"name": "ZHUGE"}}),
            partial(sd_jwt, profile=ISSUED_COPY),
        ),
    }


# -- status


def _statuses() -> dict[str, Presented]:
    anchors = [make.root()]

    def token(octets: bytes) -> bool:
        status = verify_status_token(
            octets, expected_uri=make.STATUS.uri, anchors=anchors, now=make.NOW
        ).status(make.STATUS.index)
        return status == StatusValue.VALID

    def snapshot(*before: bytes) -> Accepts:
        def read(octets: bytes) -> bool:
            now = make.NOW + timedelta(hours=len(before))
            read_snapshot([*before, octets], anchors=anchors, now=now)
            return True

        return read

    base = make_status_snapshot.base()
    difference = make_status_snapshot.difference(base, [(0, "")])
    signer = make_status_token.signer()
    return {
        "status list (JWT)": Presented(sign_jwt(make_status_token.LIST, signer), token),
        "status list (CWT)": Presented(sign_cwt(make_status_token.LIST, signer), token),
        "status snapshot": Presented(base, snapshot()),
        "difference of a snapshot": Presented(difference, snapshot(base)),
    }


# -- what a terminal holds during a shift

MUST_NOT_PASS: Final = (
    "signed-status-D",
    "signed-points-12",
    "signed-last-class-ended",
    "licence-expired",
    "issuer-points-lowered",
    "signer-of-an-unknown-root",
    "expired-91-seconds-old",
    "expired-an-hour-old",
    "beacon-invented",
)


def _held_by_a_terminal() -> dict[str, Presented]:
    [root], [signer] = _CHECKER.trust.roots, _CHECKER.signers[:1]
    code = bytes.fromhex(_VALID["presented"])
    others = [bytes.fromhex(_vector(name)["presented"]) for name in MUST_NOT_PASS]

    def with_root(octets: bytes) -> bool:
        trust = replace(_CHECKER.trust, roots=(octets,))
        return _is_valid_code(code, replace(_CHECKER, trust=trust))

    def with_signer(octets: bytes) -> bool:
        return _is_valid_code(code, replace(_CHECKER, signers=(octets,)))

    def with_bundle(octets: bytes) -> bool:
        shift = read_shift(octets)
        checker = shift.checker(
            now=_NOW,
            last_counter=lambda _: 0,
            status=_CHECKER.status,
            release_table=read_table,
        )
        return any(_is_valid_code(other, checker) for other in others)

    return {
        "trusted root": Presented(root, with_root),
        "listed signer": Presented(signer, with_signer),
        "shift: settings and figures": Presented(
            _bundle({"figures"}), with_bundle, is_valid_itself=False
        ),
        "shift: rule tables": Presented(
            _bundle(TABLE_NAMES.keys() - RULES_NOT_NEEDED), with_bundle, is_valid_itself=False
        ),
    }


def _bundle(tables: Set[str]) -> bytes:
    """What opens a shift, with these tables; what lacks is the release's."""

    def octets(text: str) -> str:
        return write_base64url(bytes.fromhex(text))

    return msgspec.json.encode(
        {
            "opened_at": (_NOW - timedelta(hours=1)).isoformat(),
            "ends_at": (_NOW + timedelta(hours=8)).isoformat(),
            "settings": _VALID["settings"],
            "beacon": octets(_VALID["beacon"]),
            "trust": {
                "roots": list(map(octets, _VALID["roots"])),
                "signers": list(map(octets, _VALID["signers"])),
                "compromised": [],
            },
            "keys": _VALID["keys"],
            "rules": {
                name: json.loads(read_table(file))
                for name, file in TABLE_NAMES.items()
                if name in tables
            },
        }
    )


# -- what only a register can judge


def _of_a_register(house: House) -> dict[str, Presented]:
    phone = Phone(house, DRIVER)
    phone.claim()
    terminal = RoadsideTerminal(house, officer()).begin()
    record = terminal.record(CodeWallet(phone).code())
    short = house.checks.shorten(phone.code(), house.clock()).short_code

    def taken(octets: bytes) -> bool:
        members = octets.decode("latin-1").split("\n")
        if len(members) != len(msgspec.structs.fields(SealedRecord)):
            return False
        opened = house.offline_records.opened(SealedRecord(*members), house.clock())
        return opened is not None and opened.verdict == Outcome.VALID.value

    def checked(octets: bytes) -> bool:
        asked = CheckRequest(CHECK, octets.decode("latin-1"))
        answer = house.checks.check(asked, officer=officer(), now=house.clock())
        return answer.verdict == Outcome.VALID.value

    return {
        "queued record": Presented(
            "\n".join(msgspec.structs.astuple(record)).encode("ascii"), taken
        ),
        "short code": Presented(short.encode("ascii"), checked),
    }
