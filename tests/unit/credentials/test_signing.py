"""Keys and signatures."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from jiazhao.credentials.signing import PublicKey, read_base64url, write_base64url
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from vectors.make import DEVICE, STRANGER

# OpenID4VP 1.0 appendix B.2.6.1 prints this key and its thumbprint.
JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "DxiH5Q4Yx3UrukE2lWCErq8N8bqC9CHLLrAwLz5BmE0",
    "y": "XtLM4-3h5o3HUH0MHVJV0kyq0iBlrBwlh8qEDMZ4-Pc",
}
THUMBPRINT = "4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

MESSAGE = b"message"
SIGNATURE = DEVICE.sign(MESSAGE)


def test_a_signature_is_verified_with_its_key_over_its_message() -> None:
    DEVICE.public.verify(SIGNATURE, MESSAGE)


def test_the_other_signature_of_the_pair_is_valid_too() -> None:
    """ECDSA has two signatures for each; so what was signed is named by content, never by it."""
    r, s = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:])
    DEVICE.public.verify(r + (ORDER - s).to_bytes(32), MESSAGE)


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (SIGNATURE, b"massage"),
        (STRANGER.sign(MESSAGE), MESSAGE),
        (SIGNATURE[:-1], MESSAGE),
        (SIGNATURE + b"\x00", MESSAGE),
        (SIGNATURE[:32] + b"\x00" + SIGNATURE[32:], MESSAGE),  # the same two numbers
        (SIGNATURE[32:] + SIGNATURE[:32], MESSAGE),
        (b"", MESSAGE),
        (bytes(64), MESSAGE),
        (b"\xff" * 64, MESSAGE),
        (SIGNATURE[:32] + bytes(32), MESSAGE),
        (SIGNATURE[:32] + ORDER.to_bytes(32), MESSAGE),
        (b"\x30" + SIGNATURE[1:], MESSAGE),
    ],
)
def test_another_signature_is_refused(signature: bytes, message: bytes) -> None:
    with pytest.raises(VerificationError) as refused:
        DEVICE.public.verify(signature, message)
    assert refused.value.code is ErrorCode.SIGNATURE_MISMATCH


def test_a_key_is_the_same_in_every_form() -> None:
    key = PublicKey.from_jwk({**JWK, "use": "sig", "kid": "1"})
    assert key.to_jwk() == JWK
    assert PublicKey.from_cose(key.to_cose()) == key == PublicKey.from_point(key.point)
    assert PublicKey.of(DEVICE.private.public_key()) == DEVICE.public
    assert read_base64url(key.thumbprint(), "thumbprint").hex() == THUMBPRINT


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"crv": None},
        {"x": JWK["y"]},
        {"x": JWK["x"] + "="},
        {"x": "AA"},
        {"x": JWK["x"] + "AAAA"},
        {"y": 5},
        {"d": "AA"},
        {"alg": "ES384"},
        {"use": "enc"},
    ],
)
def test_an_unfit_jwk_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UnreadableError):
        PublicKey.from_jwk(JWK | change)


@pytest.mark.parametrize(
    "change", [{1: 1}, {-1: 2}, {-2: b"\x00" * 32}, {-3: True}, {-4: b"\x00" * 32}, {3: -35}]
)
def test_an_unfit_cose_key_is_refused(change: dict[int, object]) -> None:
    with pytest.raises(UnreadableError):
        PublicKey.from_cose(DEVICE.public.to_cose() | change)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        DEVICE.public.point[:-1],
        DEVICE.public.point + b"\x00",
        b"\x02" + DEVICE.public.point[1:33],
        b"\x06" + DEVICE.public.point[1:],
        b"\x04" + bytes(64),
        b"\x00",
        DEVICE.public.point[:-1] + bytes([DEVICE.public.point[-1] ^ 1]),
    ],
)
def test_a_point_off_the_curve_is_refused(point: bytes) -> None:
    with pytest.raises(UnreadableError):
        PublicKey.from_point(point)


def test_another_curve_is_refused() -> None:
    for key in (ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256K1())):
        with pytest.raises(UnreadableError):
            PublicKey.of(key.public_key())
    with pytest.raises(UnreadableError):
        PublicKey.of(ed25519.Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "A+A", "A/A", "A A", "AA\n", "Ä", 5, None])
def test_base64url_has_one_spelling(text: object) -> None:
    with pytest.raises(UnreadableError):
        read_base64url(text, "text")


def test_base64url_is_read_back() -> None:
    for octets in (b"", b"\xff", b"\xfb\xff", bytes(range(256))):
        assert read_base64url(write_base64url(octets), "text") == octets


def test_a_public_key_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEVICE.public.point = b""  # type: ignore[misc]
