"""Sealing: RFC 9180's own vectors, the library's HPKE as a peer, and the outer form of a code."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials import code_sealing
from jiazhao.credentials.code_sealing import (
    CODE_OCTETS,
    PLAINTEXT_OCTETS,
    Kind,
    open_base,
    period_on,
    periods_at,
    read_point,
    read_sealed,
    seal,
    seal_base,
    write_point,
)
from jiazhao.errors import UnreadableError
from vectors.make import NamedKey

DAY_KEY, EPHEMERAL = NamedKey("day key").private, NamedKey("ephemeral").private
CODE = seal(
    b"content", kind=Kind.SHOWN, period=20_605, key=DAY_KEY.public_key(), ephemeral=EPHEMERAL
)


def _private(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())


RFC: dict[str, str] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "hpke" / "rfc9180-a3-base.json").read_text()
)
RECIPIENT, SENDER = _private(RFC["recipient_private"]), _private(RFC["ephemeral_private"])
SHARED_INFO, AAD = bytes.fromhex(RFC["info"]), bytes.fromhex(RFC["aad"])
PLAINTEXT, CIPHERTEXT = bytes.fromhex(RFC["plaintext"]), bytes.fromhex(RFC["ciphertext"])


def test_rfc_9180_a_3_1_is_sealed_and_opened() -> None:
    enc = code_sealing._uncompressed(SENDER.public_key())
    assert enc.hex() == RFC["enc"]
    sealed = seal_base(
        PLAINTEXT, key=RECIPIENT.public_key(), ephemeral=SENDER, info=SHARED_INFO, aad=AAD
    )
    assert sealed == CIPHERTEXT
    opened = open_base(
        sealed, key=RECIPIENT, ephemeral=SENDER.public_key(), info=SHARED_INFO, aad=AAD
    )
    assert opened == PLAINTEXT


def test_rfc_9180_a_3_1_has_its_key_and_nonce() -> None:
    agreed = RECIPIENT.exchange(ec.ECDH(), SENDER.public_key())
    shared = code_sealing._shared_secret(agreed, SENDER.public_key(), RECIPIENT.public_key())
    assert shared.hex() == "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"
    _, nonce = code_sealing._schedule(shared, SHARED_INFO)
    assert nonce.hex() == "4e0bc5018beba4bf004cca59"


def test_the_library_opens_what_we_seal_and_we_open_what_it_seals() -> None:
    suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)
    ours = seal_base(
        PLAINTEXT, key=RECIPIENT.public_key(), ephemeral=SENDER, info=SHARED_INFO, aad=b""
    )
    assert suite.decrypt(bytes.fromhex(RFC["enc"]) + ours, RECIPIENT, SHARED_INFO) == PLAINTEXT
    theirs = suite.encrypt(PLAINTEXT, RECIPIENT.public_key(), SHARED_INFO)
    enc = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs[:65])
    opened = open_base(theirs[65:], key=RECIPIENT, ephemeral=enc, info=SHARED_INFO, aad=b"")
    assert opened == PLAINTEXT


def test_a_code_has_one_size_whatever_it_holds() -> None:
    for length in (0, 1, 300, PLAINTEXT_OCTETS - 1):
        code = seal(
            bytes(length),
            kind=Kind.BACKUP,
            period=2026,
            key=DAY_KEY.public_key(),
            ephemeral=EPHEMERAL,
        )
        assert len(code.octets) == CODE_OCTETS
        assert read_sealed(code.octets) == code
        assert code.open(DAY_KEY) == bytes(length)
    with pytest.raises(ValueError, match="do not fit"):
        seal(
            bytes(PLAINTEXT_OCTETS),
            kind=Kind.BACKUP,
            period=2026,
            key=DAY_KEY.public_key(),
            ephemeral=EPHEMERAL,
        )


@pytest.mark.parametrize("length", [0, 717, 719])
def test_another_length_is_no_code(length: int) -> None:
    with pytest.raises(UnreadableError):
        read_sealed(CODE.octets[:1] + bytes(length)[1:])


@pytest.mark.parametrize("first", [0, 1, 4, 255])
def test_another_first_octet_is_another_code(first: int) -> None:
    with pytest.raises(UnreadableError):
        read_sealed(bytes([first]) + CODE.octets[1:])


def test_whoever_has_another_key_reads_nothing() -> None:
    with pytest.raises(UnreadableError):
        CODE.open(NamedKey("key of the day before").private)


def test_every_octet_is_under_the_seal() -> None:
    for at in range(CODE_OCTETS):
        changed = bytearray(CODE.octets)
        changed[at] ^= 1
        with pytest.raises(UnreadableError):
            read_sealed(bytes(changed)).open(DAY_KEY)


def test_padding_is_a_mark_and_zeros() -> None:
    for padded in (bytes(PLAINTEXT_OCTETS), b"\x80" + b"\1".rjust(PLAINTEXT_OCTETS - 1, b"\0")):
        ciphertext = seal_base(
            padded,
            key=DAY_KEY.public_key(),
            ephemeral=EPHEMERAL,
            info=code_sealing.INFO,
            aad=CODE.head,
        )
        code = code_sealing.SealedCode(CODE.kind, CODE.period, CODE.enc, ciphertext)
        with pytest.raises(UnreadableError, match="padding"):
            code.open(DAY_KEY)


def test_a_point_is_compressed_and_on_the_curve() -> None:
    point = write_point(DAY_KEY.public_key())
    assert write_point(read_point(point)) == point
    for wrong in (b"", point[:-1], b"\x04" + point[1:], b"\x02" + b"\xff" * 32, bytes(33)):
        with pytest.raises(UnreadableError):
            read_point(wrong)


def test_a_day_begins_at_midnight_in_china() -> None:
    before = datetime(2026, 5, 31, 15, 59, 45, tzinfo=UTC)
    day = period_on(Kind.SHOWN, date(2026, 5, 31))
    assert day == 20_604
    skew = timedelta(seconds=30)
    assert periods_at(Kind.SHOWN, before - skew, skew) == {day}
    assert periods_at(Kind.SHOWN, before, skew) == {day, day + 1}
    assert periods_at(Kind.BACKUP, before, skew) == {2026}
