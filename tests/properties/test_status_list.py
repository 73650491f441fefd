"""Laws of status lists."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.credentials.status_list import (
    WIDTHS,
    StatusList,
    compress,
    decompress,
    pack,
    read_status,
)
from jiazhao.credentials.status_token import sign_cwt, sign_jwt, verify_status_token
from jiazhao.errors import UndeterminedError
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
URI = "http://localhost:8000/status-lists/0123456789abcdef"
PLAN = TrustPlan("http://localhost:8000")
ROOT = make_root(PLAN, now=NOW)
_KEY = make_signer(Role.STATUS_SIGNER, PLAN, root=ROOT, now=NOW)
SIGNER = SoftwareSigner(_KEY.key, [_KEY.certificate])
ANCHORS = (ROOT.certificate.public_bytes(Encoding.DER),)
LIST = StatusList(
    URI, NOW, NOW + timedelta(days=1), timedelta(minutes=1), 2, pack({3: 2, 5: 1}, size=64)
)
TOKENS = {"jwt": sign_jwt(LIST, SIGNER), "cwt": sign_cwt(LIST, SIGNER)}


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, int, dict[int, int]]:
    bits = draw(st.sampled_from(WIDTHS))
    size = draw(st.integers(1, 5000))
    values = st.dictionaries(st.integers(0, size - 1), st.integers(0, (1 << bits) - 1))
    return bits, size, draw(values)


@given(lists())
def test_what_was_packed_is_read(drawn: tuple[int, int, dict[int, int]]) -> None:
    bits, size, statuses = drawn
    compressed = compress(pack(statuses, size=size, bits=bits))

    for index in {*statuses, 0, size - 1, size // 2}:
        assert read_status(compressed, index, bits=bits) == statuses.get(index, 0)


@given(lists(), st.data())
def test_setting_one_status_changes_no_other(
    drawn: tuple[int, int, dict[int, int]], data: st.DataObject
) -> None:
    bits, size, statuses = drawn
    index = data.draw(st.integers(0, size - 1))
    changed = statuses | {index: data.draw(st.integers(0, (1 << bits) - 1))}

    before = StatusList(URI, NOW, NOW, None, bits, pack(statuses, size=size, bits=bits))
    after = StatusList(URI, NOW, NOW, None, bits, pack(changed, size=size, bits=bits))

    others = [other for other in range(size) if other != index]
    assert [before.status(o) for o in others] == [after.status(o) for o in others]
    assert after.status(index) == changed[index]


@given(st.binary(), st.integers(), st.integers(-1, 9))
def test_only_undetermined_escapes_from_reading(octets: bytes, index: int, bits: int) -> None:
    with suppress(UndeterminedError):
        assert 0 <= read_status(octets, index, bits=bits) < 1 << bits


@given(st.binary(max_size=300))
def test_decompression_undoes_compression(octets: bytes) -> None:
    assert decompress(compress(octets)) == octets


@given(st.sampled_from(["jwt", "cwt"]), st.data())
def test_a_token_changed_anywhere_says_the_same_or_nothing(form: str, data: st.DataObject) -> None:
    token = bytearray(TOKENS[form])
    position = data.draw(st.integers(0, len(token) - 1))
    token[position] ^= data.draw(st.integers(1, 255))
    with suppress(UndeterminedError):
        read = verify_status_token(bytes(token), expected_uri=URI, anchors=ANCHORS, now=NOW)
        # The signature inside the certificate has more than one spelling; nothing else has.
        assert read == LIST


@given(st.sampled_from([b"", b"\xd2", b"\xd2\x84", b"a.b.c"]), st.binary(max_size=200))
def test_only_undetermined_escapes_from_verifying(start: bytes, rest: bytes) -> None:
    with suppress(UndeterminedError):
        verify_status_token(start + rest, expected_uri=URI, anchors=ANCHORS, now=NOW)


@given(st.sampled_from(["jwt", "cwt"]), st.integers(0, 2000))
def test_a_token_cut_short_is_undetermined(form: str, length: int) -> None:
    token = TOKENS[form]
    cut = token[: length % len(token)]
    with pytest.raises(UndeterminedError):
        verify_status_token(cut, expected_uri=URI, anchors=ANCHORS, now=NOW)
