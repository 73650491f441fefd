"""The licence code: every vector, and the page that defines it."""

import json
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials.licence_code_1 import MAX_CODE_CHARS, LicenceCode, parse_code, sign_code
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from vectors import make

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "vectors" / "licence-code-1"
GOOD = sorted(FOLDER.glob("good-*.json"))
BAD = sorted(FOLDER.glob("bad-*.json"))


def _read(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text())
    return vector


def _content(vector: dict[str, Any]) -> LicenceCode:
    part = vector["issuer_part_hash"]
    return LicenceCode(
        vector["instance_number"],
        vector["time"],
        vector["counter"],
        bytes.fromhex(vector["nonce"]),
        bytes.fromhex(part) if part else None,
        bytes.fromhex(vector["cose_sign1"])[-64:],
    )


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_code_is_read_and_verified(path: Path) -> None:
    vector = _read(path)
    code = parse_code(vector["text"])
    assert code == _content(vector)
    assert code.payload.hex() == vector["payload"]
    assert code.to_be_signed.hex() == vector["to_be_signed"]
    code.verify(PublicKey.from_jwk(vector["device_key"]))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_wallet_writes_the_same_code(path: Path) -> None:
    vector = _read(path)
    code = _content(vector)
    text = sign_code(
        make.DEVICE,
        instance=code.instance_number,
        time=code.time,
        counter=code.counter,
        nonce=code.nonce,
        issuer_part_hash=code.issuer_part_hash,
    )
    assert text == vector["text"]
    assert len(text) < MAX_CODE_CHARS / 4


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_code_is_refused_where_it_is_bad(path: Path) -> None:
    vector = _read(path)
    if vector["refused"] == "decode":
        with pytest.raises(UnreadableError):
            parse_code(vector["text"])
    else:
        code = parse_code(vector["text"])
        with pytest.raises(VerificationError) as refused:
            code.verify(PublicKey.from_jwk(vector["device_key"]))
        assert refused.value.code is ErrorCode.HOLDER_SIGNATURE_MISMATCH


def test_the_vectors_are_made_by_the_script_beside_them() -> None:
    assert {name: make.written(vector) for name, vector in make.licence_codes()} == {
        path.stem: path.read_text() for path in (*GOOD, *BAD)
    }


def test_a_code_shows_neither_signature_nor_anything_of_the_holder_in_a_repr() -> None:
    vector = _read(GOOD[0])
    assert vector["cose_sign1"][-128:] not in repr(parse_code(vector["text"]))
