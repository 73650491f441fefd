"""SM2 with SM3, against the `openssl` command as a second opinion."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from jiazhao.credentials.signing import Algorithm, der_signature, raw_signature
from jiazhao.errors import ErrorCode, SignerError, UnreadableError, VerificationError
from jiazhao.trust.sm2 import DISTID, Libcrypto, Sm2PublicKey, Sm2Signer, libcrypto

LIBRARY = libcrypto()
SIGNER = Sm2Signer.generate(LIBRARY)
MESSAGE = "驾驶证 driving licence".encode()
SIGNATURE = SIGNER.sign(MESSAGE)
PASSPHRASE = b"a passphrase of the test"


def _openssl(*arguments: object, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], input=given, capture_output=True, check=True
    )
    return done.stdout


def test_what_is_signed_is_verified_with_its_key_over_its_message() -> None:
    SIGNER.public.verify(SIGNATURE, MESSAGE)
    assert len(SIGNATURE) == 64
    assert SIGNER.algorithm is SIGNER.public.algorithm is Algorithm.SM2


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (SIGNATURE, MESSAGE + b"."),
        (SIGNATURE, b""),
        (SIGNATURE[:-1], MESSAGE),
        (SIGNATURE + b"\x00", MESSAGE),
        (b"", MESSAGE),
        (bytes(64), MESSAGE),
        (b"\xff" * 64, MESSAGE),
        (SIGNATURE[32:] + SIGNATURE[:32], MESSAGE),
        (SIGNATURE[:32] + bytes(32), MESSAGE),
        (Sm2Signer.generate(LIBRARY).sign(MESSAGE), MESSAGE),
    ],
    ids=[
        "more",
        "nothing",
        "cut",
        "longer",
        "none",
        "zeros",
        "ones",
        "swapped",
        "no s",
        "other key",
    ],
)
def test_another_signature_is_refused(signature: bytes, message: bytes) -> None:
    with pytest.raises(VerificationError) as refused:
        SIGNER.public.verify(signature, message)
    assert refused.value.code is ErrorCode.SIGNATURE_MISMATCH


def test_every_changed_bit_of_a_signature_is_refused() -> None:
    for index in range(512):
        changed = bytearray(SIGNATURE)
        changed[index // 8] ^= 1 << index % 8
        with pytest.raises(VerificationError):
            SIGNER.public.verify(bytes(changed), MESSAGE)


def test_openssl_verifies_what_we_sign(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(SIGNER.public.to_pem())
    (tmp_path / "signature").write_bytes(der_signature(SIGNATURE))
    (tmp_path / "message").write_bytes(MESSAGE)
    verify = ["pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin"]
    files = [
        *("-inkey", tmp_path / "key", "-sigfile", tmp_path / "signature"),
        *("-in", tmp_path / "message"),
    ]

    said = _openssl(*verify, *files, "-pkeyopt", f"distid:{DISTID.decode()}")

    assert b"Successfully" in said
    with pytest.raises(subprocess.CalledProcessError):
        _openssl(*verify, *files, "-pkeyopt", "distid:somebody else")


def test_we_verify_what_openssl_signs(tmp_path: Path) -> None:
    key = _openssl("genpkey", "-algorithm", "SM2")
    (tmp_path / "key").write_bytes(key)
    (tmp_path / "message").write_bytes(MESSAGE)
    public = Sm2PublicKey.from_pem(_openssl("pkey", "-pubout", given=key), LIBRARY)
    sign = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-inkey", tmp_path / "key"]

    ours = _openssl(*sign, "-in", tmp_path / "message", "-pkeyopt", f"distid:{DISTID.decode()}")
    theirs = _openssl(*sign, "-in", tmp_path / "message", "-pkeyopt", "distid:somebody else")

    public.verify(raw_signature(ours), MESSAGE)
    with pytest.raises(VerificationError):
        public.verify(raw_signature(theirs), MESSAGE)


def test_a_key_survives_its_file_and_only_with_its_passphrase() -> None:
    pem = SIGNER.to_pem(PASSPHRASE)

    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    read = Sm2Signer.from_pem(pem, LIBRARY, passphrase=PASSPHRASE, certificates=(b"certificate",))
    assert read.public == SIGNER.public
    assert read.certificates == (b"certificate",)
    for wrong in (b"another passphrase", None):
        with pytest.raises(UnreadableError):
            Sm2Signer.from_pem(pem, LIBRARY, passphrase=wrong)
    with pytest.raises(UnreadableError):
        SIGNER.to_pem(b"")


@pytest.mark.parametrize("pem", [b"", b"not PEM", b"-----BEGIN PRIVATE KEY-----\n", b"x" * 9000])
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    for read in (Sm2Signer.from_pem, Sm2PublicKey.from_pem, Sm2PublicKey.from_certificate):
        with pytest.raises(UnreadableError):
            read(pem, LIBRARY)


def test_a_key_of_another_curve_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    private = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(UnreadableError, match="not on the SM2 curve"):
        Sm2Signer.from_pem(private, LIBRARY)
    with pytest.raises(UnreadableError, match="not on the SM2 curve"):
        Sm2PublicKey.from_pem(public, LIBRARY)


def test_without_a_fit_library_the_profile_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libcrypto.so").write_bytes(b"not a library")
    for path in (tmp_path / "absent.so", tmp_path / "libcrypto.so", Path("libm.so.6")):
        with pytest.raises(SignerError, match="SM2 profile is unavailable") as refused:
            Libcrypto(path)
        assert refused.value.code is ErrorCode.SM2_UNAVAILABLE
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    with pytest.raises(SignerError):
        Libcrypto()
