"""The training set of the officer's terminal: codes of made-up drivers in every state.

`src/jiazhao/web/terminal/training-set.js` holds what is written here. Its parts are signed by a
root, signers and devices of its own, which nobody else trusts; no private key is in it. They are
not sealed: the browser seals them for a key that it makes when training begins.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jiazhao.credentials import cbor
from jiazhao.credentials.beacon import epoch_at
from jiazhao.credentials.chain import STATUS_SIGNING
from jiazhao.credentials.code_sealing import Kind, period_on, write_point
from jiazhao.credentials.signing import write_base64url
from jiazhao.licence.legal_day import legal_day
from vectors import make, make_status_snapshot
from vectors.make import FOLDER, NOW, NamedKey
from vectors.make_licence_code import (
    BACKUP,
    HOLDER,
    HOUR,
    SETTINGS,
    beacon_of,
    both,
    day,
    holder_part,
    issuer_part,
    payload,
)

PATH: Final = FOLDER.parent / "src/jiazhao/web/terminal/training-set.js"
RULES: Final = FOLDER.parent / "src/jiazhao/rules/data"
HEAD: Final = """\
// Made by `python -m vectors` (vectors/make_training.py): codes of made-up drivers, for training.
// Nobody trusts the root but training itself, and no private key is here.

/** @type {import("./training-shift.js").TrainingSet} */
export const TRAINING_SET = """

ROOT: Final = {"root_key": "training root", "names_key": "training root", "root_name": "TRAINING"}
ROOT_CERTIFICATE: Final = make.root("TRAINING", of="training root")
ISSUER: Final = make.signer(**ROOT, named="training document signer")
STATUS_SIGNER: Final = make.signer(**ROOT, named="training status signer", purpose=STATUS_SIGNING)
DEVICE: Final = NamedKey("training device")
CHAIN: Final = beacon_of(b"jiazhao training: time beacon", epoch_at(NOW) + 1_000)
CHALLENGE: Final = 4207
LATER: Final = timedelta(hours=30)
"""After it the list is too old."""

_POINT: Final = write_point(DEVICE.private.public_key())
_PORTRAITS: Final = {"woman": "usual-room", "man": "smallest-room"}


def _portrait(of: str) -> list[Any]:
    kept = json.loads((FOLDER / "portrait" / f"{_PORTRAITS[of]}.json").read_text())
    return [kept["template"], bytes.fromhex(kept["octets"])]


# The first digits are no region's, so that the numbers are nobody's.
WOMAN: Final = {
    "device_key": _POINT,
    "name": "训练样本甲",
    "number": 99010119960517002,
    "portrait": _portrait("woman"),
}
MAN: Final = {
    "handle": bytes(range(8, 16)),
    "device_key": _POINT,
    "name": "训练样本乙",
    "number": 99010119610101001,
    "sex": 1,
    "birth_date": day(1961, 1, 1),
    "first_issue_date": day(1988, 4, 2),
    "portrait": _portrait("man"),
}


def _shown(driver: dict[str, Any], *, at: datetime = NOW, age: int = 0, **changes: Any) -> Any:
    """A shown code as it stands at a moment; `age` is how many seconds ago it was made."""
    holder = changes.pop("holder", {})
    octets = payload(**{**driver, **changes})
    part = issuer_part(octets, issuer=ISSUER)
    if "forged" in holder:  # the issuer never signed it: eleven points less
        part = part.replace(octets, payload(**{**driver, **changes, "points": 0}))
    heard = CHAIN.back_to(epoch_at(at) - HOUR)
    content = {
        **HOLDER,
        "time": int(at.timestamp()) - age,
        "beacon": heard.octets,
        "challenge": holder.get("challenge"),
    }
    if holder.get("unheard"):
        content["beacon"] = None
    signed = holder_part(part, cbor.encode(list(content.values())), device=DEVICE)
    return _case(both(part, signed), Kind.SHOWN, at)


def _printed(driver: dict[str, Any], **changes: Any) -> Any:
    part = issuer_part(payload(**{**driver, **BACKUP, **changes}), issuer=ISSUER)
    return _case(both(part, cbor.encode(None)), Kind.BACKUP, NOW)


def _case(content: bytes, kind: Kind, at: datetime) -> dict[str, Any]:
    return {
        "now": at.isoformat(),
        "kind": int(kind),
        "period": period_on(kind, legal_day(at)),
        "content": content.hex(),
    }


def cases() -> dict[str, dict[str, Any]]:
    """Return what is shown to the terminal, by name, and when."""
    return {
        "valid": _shown(WOMAN),
        "points": _shown(MAN, statuses="B", points=12),
        "detained": _shown(MAN, statuses="U"),
        "suspended": _shown(MAN, statuses="D"),
        "listed": _shown(MAN, handle=bytes.fromhex(make_status_snapshot.EXAMPLE[1])),
        "lapsed": _shown(MAN, valid_until=day(2026, 5, 31)),
        "forged": _shown(MAN, points=11, holder={"forged": True}),
        "expired-code": _shown(WOMAN, age=600),
        "old-list": _shown(WOMAN, at=NOW + LATER),
        "digits": _shown(WOMAN, holder={"unheard": True}),
        "digits-typed": _shown(WOMAN, holder={"unheard": True, "challenge": CHALLENGE}),
        "face": _printed(MAN),
        "no-face": _printed(WOMAN, portrait=None),
    }


def training_set() -> dict[str, Any]:
    """Return all that training goes by."""
    return {
        "root": write_base64url(ROOT_CERTIFICATE),
        "signer": write_base64url(ISSUER.certificates[0]),
        "snapshot": write_base64url(make_status_snapshot.base(by=STATUS_SIGNER)),
        "beacon": write_base64url(CHAIN.back_to(epoch_at(NOW)).octets),
        "challenge": CHALLENGE,
        "settings": SETTINGS,
        "rules": _rules(),
        "cases": cases(),
    }


def written() -> str:
    """Return the text of the script."""
    return f"{HEAD}{json.dumps(training_set(), ensure_ascii=False, indent=1)};\n"


# -- of the rule tables, what these drivers need

_CODES: Final = {"classes": {"A1", "C1"}, "class_includes": {"C1"}, "statuses": set("ABDMU")}
_FILES: Final = {"statuses": "status_codes"}
_ONLY_AT_THE_OFFICE: Final = frozenset(
    {"status_forbids_claim", "region_not_open", "no_photo", "photo_changed_recently"}
)
_NOT_READ: Final = frozenset({"claim", "qr", "note", "unit", "evidence"})


def _rules() -> dict[str, Any]:
    return {
        name: _table(name, _CODES.get(name))
        for name in (
            "classes",
            "class_includes",
            "statuses",
            "age_limits",
            "figures",
            "refusals",
        )
    }


def _table(name: str, codes: set[str] | None) -> dict[str, Any]:
    path = Path(RULES / f"{_FILES.get(name, name)}.json")
    today = legal_day(NOW).isoformat()
    versions = json.loads(path.read_text())["versions"]
    (held,) = (
        each
        for each in versions
        if each["valid_from"] <= today <= (each["valid_to"] or "9999-12-31")
    )
    entries = [
        _read(each)
        for each in held["entries"]
        if (codes is None or each["code"] in codes) and each["code"] not in _ONLY_AT_THE_OFFICE
    ]
    return {"versions": [{**held, "valid_to": None, "entries": entries}]}


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _read(each) for name, each in value.items() if name not in _NOT_READ}
