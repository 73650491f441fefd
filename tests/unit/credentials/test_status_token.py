"""Status List Tokens: our own read back, the draft's example, and everything that is refused."""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials import cbor, cose, jose
from jiazhao.credentials.status_list import StatusList, compress, decompress, pack
from jiazhao.credentials.status_token import (
    CWT_TYPE,
    JWT_TYPE,
    sign_cwt,
    sign_jwt,
    verify_status_token,
)
from jiazhao.errors import ErrorCode, UndeterminedError
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
URI = "http://localhost:8000/status-lists/0123456789abcdef"
PLAN = TrustPlan("http://localhost:8000")
ROOT = make_root(PLAN, now=NOW)
ANCHORS = (ROOT.certificate.public_bytes(Encoding.DER),)
LIST = StatusList(
    uri=URI,
    issued_at=NOW,
    expires_at=NOW + timedelta(hours=24),
    ttl=timedelta(seconds=60),
    bits=2,
    octets=pack({3: 2, 5: 1}, size=64),
)
FOLDER = Path(__file__).parents[3] / "vectors/status-list"

Sign = Callable[[StatusList, SoftwareSigner], bytes]
BOTH = pytest.mark.parametrize("sign", [sign_jwt, sign_cwt], ids=["jwt", "cwt"])


def _signer(role: Role = Role.STATUS_SIGNER) -> SoftwareSigner:
    certified = make_signer(role, PLAN, root=ROOT, now=NOW)
    return SoftwareSigner(certified.key, [certified.certificate])


SIGNER = _signer()


def _verify(token: bytes, **changed: Any) -> StatusList:
    arguments: dict[str, Any] = {"expected_uri": URI, "anchors": ANCHORS, "now": NOW}
    return verify_status_token(token, **(arguments | changed))


def _refused(token: bytes, code: ErrorCode, **changed: Any) -> UndeterminedError:
    with pytest.raises(UndeterminedError) as undetermined:
        _verify(token, **changed)
    assert undetermined.value.code is code, undetermined.value.en
    return undetermined.value


@BOTH
def test_our_own_list_is_read_back(sign: Sign) -> None:
    read = _verify(sign(LIST, SIGNER))

    assert read == LIST
    assert [read.status(index) for index in (2, 3, 4, 5)] == [0, 2, 0, 1]


def test_a_jwt_says_what_the_draft_wants() -> None:
    token = jose.parse(sign_jwt(LIST, SIGNER).decode(), expected_typ="statuslist+jwt")

    assert token.header.keys() == {"alg", "typ", "x5c"}
    assert token.claims == {
        "sub": URI,
        "iat": 1780279200,
        "exp": 1780365600,
        "ttl": 60,
        "status_list": {"bits": 2, "lst": token.claims["status_list"]["lst"]},
    }


def test_a_cwt_says_what_the_draft_wants() -> None:
    encoded = sign_cwt(LIST, SIGNER)
    signed = cose.parse(cbor.Reader((18,)).read(encoded, "CWT"))

    # Tag 18 in front, as section 5.2 demands, and no CWT tag 61 (d8 3d) before it.
    assert encoded[0] == 0xD2
    assert signed.protected.hex() == (
        "a20126" + "10" + "781a" + b"application/statuslist+cwt".hex()
    )
    assert signed.unprotected == {33: SIGNER.certificates[0]}
    assert signed.payload is not None
    claims = cbor.Reader().read(signed.payload, "claims")
    assert claims == {
        2: URI,
        6: 1780279200,
        4: 1780365600,
        65534: 60,
        65533: {"bits": 2, "lst": compress(LIST.octets)},
    }


def test_the_example_of_the_draft_is_laid_out_like_ours() -> None:
    vector = json.loads((FOLDER / "cwt-example.json").read_text())
    token = bytes.fromhex(vector["token"])
    signed = cose.parse(cbor.Reader((18,)).read(token, "CWT"))
    assert signed.payload is not None
    claims = cbor.as_map(cbor.Reader().read(signed.payload, "claims"), "claims")

    assert signed.protected_headers == {1: -7, 16: CWT_TYPE}
    assert (claims[2], claims[6], claims[4], claims[65534]) == (
        vector["uri"],
        vector["iat"],
        vector["exp"],
        vector["ttl"],
    )
    assert claims[65533]["bits"] == vector["bits"]
    assert decompress(claims[65533]["lst"]).hex() == vector["octets"]
    # Its signer is known to nobody, so all that follows is that nothing is known.
    _refused(token, ErrorCode.STATUS_NOT_TRUSTED, expected_uri=vector["uri"])


@BOTH
def test_a_list_of_another_address_is_undetermined(sign: Sign) -> None:
    other = replace(LIST, uri=URI[:-1] + "0")
    _refused(sign(other, SIGNER), ErrorCode.STATUS_FOR_ANOTHER_LIST)


@BOTH
@pytest.mark.parametrize(
    ("later", "code"),
    [
        (timedelta(seconds=-61), ErrorCode.STATUS_STALE),
        (timedelta(seconds=-60), None),
        (timedelta(hours=24, seconds=-1), None),
        (timedelta(hours=24), ErrorCode.STATUS_STALE),
        (timedelta(days=30), ErrorCode.STATUS_STALE),
    ],
)
def test_a_list_holds_from_its_issue_until_it_expires(
    sign: Sign, later: timedelta, code: ErrorCode | None
) -> None:
    token = sign(LIST, SIGNER)
    if code is None:
        assert _verify(token, now=NOW + later) == LIST
    else:
        _refused(token, code, now=NOW + later)


@BOTH
def test_a_list_older_than_one_already_seen_is_undetermined(sign: Sign) -> None:
    token = sign(LIST, SIGNER)

    assert _verify(token, newest_seen=NOW) == LIST
    _refused(token, ErrorCode.STATUS_ROLLED_BACK, newest_seen=NOW + timedelta(seconds=1))


@BOTH
def test_a_list_without_a_trusted_root_is_undetermined(sign: Sign) -> None:
    stranger = make_root(PLAN, now=NOW).certificate.public_bytes(Encoding.DER)
    _refused(sign(LIST, SIGNER), ErrorCode.STATUS_NOT_TRUSTED, anchors=(stranger,))
    _refused(sign(LIST, SIGNER), ErrorCode.STATUS_NOT_TRUSTED, anchors=())


@BOTH
def test_a_document_signer_cannot_sign_lists(sign: Sign) -> None:
    token = sign(LIST, _signer(Role.DOCUMENT_SIGNER))
    _refused(token, ErrorCode.STATUS_NOT_TRUSTED)


@BOTH
def test_a_signature_of_another_key_is_undetermined(sign: Sign) -> None:
    class Forger:
        algorithm = SIGNER.algorithm
        certificates = SIGNER.certificates
        sign = _signer().sign

    token = sign(LIST, Forger())  # type: ignore[arg-type]
    refusal = _refused(token, ErrorCode.STATUS_NOT_TRUSTED)
    assert refusal.values == {"reason": "signature_mismatch"}


@BOTH
def test_a_list_outlives_the_certificate_of_its_signer_in_vain(sign: Sign) -> None:
    forever = replace(LIST, expires_at=NOW + timedelta(days=5000))
    _refused(sign(forever, SIGNER), ErrorCode.STATUS_NOT_TRUSTED, now=NOW + timedelta(days=397))


def test_a_jwt_of_another_type_is_undetermined() -> None:
    claims = jose.parse(sign_jwt(LIST, SIGNER).decode(), expected_typ=JWT_TYPE).claims
    token = jose.sign(claims, SIGNER, typ="jwt", with_chain=True)
    _refused(token.encode(), ErrorCode.STATUS_UNREADABLE)


def test_a_jwt_without_certificates_is_undetermined() -> None:
    claims = jose.parse(sign_jwt(LIST, SIGNER).decode(), expected_typ=JWT_TYPE).claims
    _refused(jose.sign(claims, SIGNER, typ=JWT_TYPE).encode(), ErrorCode.STATUS_UNREADABLE)


@pytest.mark.parametrize("x5c", [[], ["AA=="] * 5, [1], ["*"], "AA==", {}])
def test_a_jwt_with_a_bad_chain_is_undetermined(x5c: object) -> None:
    claims = jose.parse(sign_jwt(LIST, SIGNER).decode(), expected_typ=JWT_TYPE).claims
    token = jose.sign(claims, SIGNER, typ=JWT_TYPE, header={"x5c": x5c})
    with pytest.raises(UndeterminedError):
        _verify(token.encode())


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": None},
        {"sub": 1},
        {"iat": None},
        {"iat": "1780279200"},
        {"iat": True},
        {"iat": -1},
        {"exp": None},
        {"exp": 1e17},
        {"ttl": "60"},
        {"status_list": None},
        {"status_list": []},
        {"status_list": {"bits": 3, "lst": "eNo76fITAAPfAgc"}},
        {"status_list": {"bits": True, "lst": "eNo76fITAAPfAgc"}},
        {"status_list": {"bits": 2.0, "lst": "eNo76fITAAPfAgc"}},
        {"status_list": {"bits": 2}},
        {"status_list": {"bits": 2, "lst": "eNo76fITAAPfAgc="}},
        {"status_list": {"bits": 2, "lst": "eNo76fITAAPf"}},
        {"status_list": {"bits": 2, "lst": 7}},
    ],
    ids=str,
)
def test_a_jwt_with_a_wrong_claim_is_undetermined(changed: dict[str, object]) -> None:
    claims = jose.parse(sign_jwt(LIST, SIGNER).decode(), expected_typ=JWT_TYPE).claims
    kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    token = jose.sign(kept, SIGNER, typ=JWT_TYPE, with_chain=True)
    _refused(token.encode(), ErrorCode.STATUS_UNREADABLE)


@pytest.mark.parametrize(
    "changed",
    [
        {2: None},
        {6: None},
        {4: None},
        {4: "never"},
        {65534: -1},
        {65533: None},
        {65533: {"bits": 2, "lst": "eNo76fITAAPfAgc"}},
    ],
    ids=str,
)
def test_a_cwt_with_a_wrong_claim_is_undetermined(changed: dict[int, object]) -> None:
    claims = {2: URI, 6: 1780279200, 4: 1780365600, 65533: {"bits": 2, "lst": compress(b"\0")}}
    kept = {name: value for name, value in (claims | changed).items() if value is not None}
    token = b"\xd2" + cose.sign(
        cbor.encode(kept), SIGNER, with_chain=True, extra_protected={16: CWT_TYPE}
    )
    _refused(token, ErrorCode.STATUS_UNREADABLE)


def test_a_cwt_is_tagged_as_sign1_and_typed() -> None:
    tagged = sign_cwt(LIST, SIGNER)
    payload = cose.parse(cbor.Reader((18,)).read(tagged, "CWT")).payload
    assert payload is not None

    _refused(tagged[1:], ErrorCode.STATUS_UNREADABLE)
    _refused(b"\xd8\x3d" + tagged, ErrorCode.STATUS_UNREADABLE)
    for typ in ({}, {16: "application/cwt"}, {16: 7}):
        signed = cose.sign(payload, SIGNER, with_chain=True, extra_protected=typ)
        _refused(b"\xd2" + signed, ErrorCode.STATUS_UNREADABLE)


def test_claims_that_nobody_needs_do_not_disturb() -> None:
    claims = jose.parse(sign_jwt(LIST, SIGNER).decode(), expected_typ=JWT_TYPE).claims
    more = {**claims, "jti": "x", "iat": claims["iat"] + 0.5}
    more["status_list"] = {**more["status_list"], "aggregation_uri": "http://localhost/all"}
    token = jose.sign(more, SIGNER, typ=JWT_TYPE, with_chain=True)

    assert _verify(token.encode()).issued_at == NOW + timedelta(seconds=0.5)


@BOTH
def test_what_does_not_compress_at_all_still_fits(sign: Sign) -> None:
    # 2**20 statuses of two bits, as chaotic as they can be: 256 KiB.
    chaos = random.Random(7).randbytes(1 << 18)
    noisy = replace(LIST, octets=chaos)
    assert _verify(sign(noisy, SIGNER)).octets == chaos


def test_a_large_list_is_too_large_for_the_reader_but_not_for_the_machine() -> None:
    token = b"\xd2" + bytes(8 << 20)
    assert _refused(token, ErrorCode.STATUS_UNREADABLE).values == {"reason": "too large"}


def test_a_million_statuses_make_a_small_token() -> None:
    draws = random.Random(7)
    statuses = {i: draws.randint(1, 2) for i in draws.sample(range(1 << 20), 20_000)}
    began = time.perf_counter()
    octets = pack(statuses, size=1 << 20)
    packed = time.perf_counter()
    tokens = [sign(replace(LIST, octets=octets), SIGNER) for sign in (sign_jwt, sign_cwt)]
    signed = time.perf_counter()
    for token in tokens:
        assert _verify(token).octets == octets
        # One status in fifty is not 0: far below the 256 KiB of the open list.
        assert len(token) < 1 << 17
    read = time.perf_counter()

    # Shown by `pytest -rP`; not asserted, for machines differ.
    sys.stdout.write(
        f"2**20 statuses: JWT {len(tokens[0])} octets, CWT {len(tokens[1])} octets; "
        f"pack {1000 * (packed - began):.0f} ms, sign both {1000 * (signed - packed):.0f} ms, "
        f"verify both {1000 * (read - signed):.0f} ms\n"
    )
