"""Presentations in files: how they were written, and lists that are believed only when verified."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.signing import Signer, write_base64url
from jiazhao.credentials.status_list import StatusList, StatusReference, StatusValue, pack
from jiazhao.credentials.status_token import sign_cwt, sign_jwt
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.presentation.files import as_received, status_from
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

URI = "https://issuer.example/status-lists/0123456789abcdef"
ISSUED = b"\xa2jnameSpaces\xa0jissuerAuth\x84"


def test_octets_stay_octets_and_text_becomes_text() -> None:
    assert as_received(ISSUED) == ISSUED
    written = write_base64url(ISSUED)
    assert as_received(written.encode()) == written
    assert as_received(f"\n {written} \r\n".encode()) == written
    assert as_received(b"") == ""


@pytest.fixture(scope="module")
def keys() -> tuple[Signer, bytes]:
    """Who signs lists, and the root that vouches for it."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    plan = TrustPlan("https://issuer.example")
    root = make_root(plan, now=now)
    made = make_signer(Role.STATUS_SIGNER, plan, root=root, now=now)
    return SoftwareSigner(made.key, [made.certificate]), root.certificate.public_bytes(Encoding.DER)


def published(now: datetime) -> StatusList:
    statuses = [StatusValue.VALID] * 8
    statuses[3], statuses[5] = StatusValue.ENDED, StatusValue.MUST_NOT_DRIVE
    return StatusList(
        uri=URI,
        issued_at=now,
        expires_at=now + timedelta(hours=24),
        ttl=timedelta(seconds=60),
        bits=2,
        octets=pack({place: int(value) for place, value in enumerate(statuses)}, size=8, bits=2),
    )


@pytest.mark.parametrize("sign", [sign_jwt, sign_cwt], ids=["JWT", "CWT"])
def test_a_verified_list_says_each_status_and_since_when(
    sign: Callable[[StatusList, Signer], bytes], keys: tuple[Signer, bytes], now: datetime
) -> None:
    signer, root = keys
    token = sign(published(now), signer)
    look_up = status_from(lambda _uri: token, anchors=iter([root]), now=now)
    for place, value in ((0, StatusValue.VALID), (3, StatusValue.ENDED), (5, 2)):
        found = look_up(StatusReference(URI, place))
        assert (found.value, found.confirmed_at) == (value, now)


def test_a_list_is_asked_for_at_the_address_that_the_copy_names(
    keys: tuple[Signer, bytes], now: datetime
) -> None:
    asked: list[str] = []

    def token_of(uri: str) -> bytes:
        asked.append(uri)
        raise JiazhaoError(ErrorCode.NOT_FOUND)

    with pytest.raises(JiazhaoError):
        status_from(token_of, anchors=[keys[1]], now=now)(StatusReference(URI, 0))
    assert asked == [URI]


@pytest.mark.parametrize("what", ["another address", "another root", "later", "altered", "no list"])
def test_a_list_that_cannot_be_believed_says_nothing(
    what: str, keys: tuple[Signer, bytes], now: datetime
) -> None:
    signer, root = keys
    token = sign_cwt(published(now), signer)
    stranger = make_root(TrustPlan("https://issuer.example"), now=now).certificate
    if what == "altered":
        token = token[:-1] + bytes([token[-1] ^ 1])
    look_up = status_from(
        lambda _uri: b"" if what == "no list" else token,
        anchors=[stranger.public_bytes(Encoding.DER) if what == "another root" else root],
        now=now + timedelta(hours=25 if what == "later" else 0),
    )
    with pytest.raises(JiazhaoError) as refused:
        look_up(StatusReference(f"{URI}0" if what == "another address" else URI, 0))
    assert refused.value.code.name.startswith("STATUS_")


def test_a_place_beyond_the_list_is_not_known(keys: tuple[Signer, bytes], now: datetime) -> None:
    token = sign_cwt(published(now), keys[0])
    look_up = status_from(lambda _uri: token, anchors=[keys[1]], now=now)
    with pytest.raises(JiazhaoError) as refused:
        look_up(StatusReference(URI, 1 << 20))
    assert refused.value.code is ErrorCode.STATUS_INDEX_OUT_OF_RANGE
