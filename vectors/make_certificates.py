"""Certificates of document signers: the profile of ISO/IEC 18013-5, annex B, and its faults."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from jiazhao.credentials.chain import DOCUMENT_SIGNING, READER_AUTHENTICATION, STATUS_SIGNING
from vectors import make
from vectors.make import NOW, NamedKey, Vector

SINCE, UNTIL = NOW - timedelta(days=30), NOW + timedelta(days=300)
OWN_EXTENSION: Final = ObjectIdentifier("2.25.1")
_P384: Final = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP384R1())


def vector(
    chain: list[bytes], reason: str | None, *, outcome: str = "CANNOT_CONFIRM", **given: Any
) -> Vector:
    """Return one case; what is not given is as it should be."""
    return {
        "source": make.SOURCE,
        "kind": "certificate",
        "now": NOW.isoformat(),
        "roots": [make.root().hex()],
        "compromised": [],
        **given,
        "presented": [certificate.hex() for certificate in chain],
        "outcome": outcome if reason else "VALID",
        "step": 2 if reason else None,
        "reason": reason,
    }


def certificate(
    *,
    public: ec.EllipticCurvePublicKey | None = None,
    issuer: str = "root",
    countries: tuple[str, ...] = ("CN",),
    signs: bool | None = True,
    purpose: ObjectIdentifier | None = DOCUMENT_SIGNING,
    authority: bool | None = None,
    own_extension: bool | None = None,
    root_key_id: str | None = "root",
    root: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return the certificate of a document signer with whatever is changed in it."""
    key = public or NamedKey("document signer").private.public_key()
    subject = [x509.NameAttribute(NameOID.COUNTRY_NAME, country) for country in countries]
    common = x509.NameAttribute(NameOID.COMMON_NAME, "SPECIMEN document signer")
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([*subject, common]))
        .issuer_name(_named(issuer))
        .public_key(key)
        .serial_number(2)
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
    )
    if signs is not None:
        builder = builder.add_extension(_usage(signs=signs), critical=True)
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    if authority is not None:
        constraints = x509.BasicConstraints(ca=authority, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
    if own_extension is not None:
        extension = x509.UnrecognizedExtension(OWN_EXTENSION, b"\x05\x00")
        builder = builder.add_extension(extension, critical=own_extension)
    if root_key_id is not None:
        named = NamedKey(root_key_id).private.public_key()
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(named)
        builder = builder.add_extension(identifier, critical=False)
    signed = builder.sign(root or NamedKey("root").private, SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(Encoding.DER)


def _named(name: str, country: str = "CN") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, f"SPECIMEN {name}"),
        ]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not signs,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def certificates() -> Iterator[tuple[str, Vector]]:
    """Yield chains with what step 2 says of each."""
    good, unfit = certificate(), "bad_signer_certificate"
    unknown, forged = "unknown_issuer", {"outcome": "NOT_GENUINE"}
    yield "good", vector([good], None)
    yield "good-root-sent-along", vector([good, make.root()], None)
    yield "good-without-root-key-id", vector([certificate(root_key_id=None)], None)
    yield "good-own-extension", vector([certificate(own_extension=False)], None)
    yield "good-not-an-authority", vector([certificate(authority=False)], None)
    two = [make.root("other").hex(), make.root().hex()]
    yield "good-second-root", vector([good], None, roots=two)
    yield "bad-chain-empty", vector([], unfit)
    yield "bad-chain-of-two", vector([good, certificate(root_key_id=None)], unfit)
    yield "bad-root-alone", vector([make.root()], unfit)
    faults: dict[str, dict[str, Any]] = {
        "is-an-authority": {"authority": True},
        "usage-missing": {"signs": None},
        "usage-agrees-on-keys": {"signs": False},
        "purpose-missing": {"purpose": None},
        "purpose-of-readers": {"purpose": READER_AUTHENTICATION},
        "purpose-of-status-lists": {"purpose": STATUS_SIGNING},
        "purpose-any": {"purpose": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE},
        "country-of-another": {"countries": ("DE",)},
        "country-missing": {"countries": ()},
        "country-twice": {"countries": ("CN", "CN")},
        "unknown-critical-extension": {"own_extension": True},
        "key-on-p-384": {"public": _P384.public_key()},
    }
    for name, changes in faults.items():
        yield f"bad-{name}", vector([certificate(**changes)], unfit)
    yield "bad-issuer-of-another-name", vector([certificate(issuer="other")], unknown)
    yield "bad-key-id-of-another-root", vector([certificate(root_key_id="stranger")], unknown)
    yield "bad-no-roots", vector([good], unknown, roots=[])
    mismatch = "signature_mismatch"
    stranger = certificate(root=NamedKey("stranger").private)
    yield "bad-signed-by-another-key", vector([stranger], mismatch, **forged)
    changed = good[:-1] + bytes([good[-1] ^ 1])
    yield "bad-signature-changed", vector([changed], mismatch, **forged)
    later = good.replace(b"SPECIMEN document signer", b"SPECIMEN document singer")
    yield "bad-subject-changed", vector([later], mismatch, **forged)
    algorithm = bytes.fromhex("06082a8648ce3d040302")
    at = good.rindex(algorithm)
    other = good[: at + 9] + b"\x03" + good[at + 10 :]
    yield "bad-algorithm-beside-is-another", vector([other], mismatch, **forged)
    key = [NamedKey("document signer").public.point.hex()]
    yield (
        "bad-compromised",
        vector([good], "signer_compromised", outcome="NOT_VALID", compromised=key),
    )
    for name, der in _not_certificates(good):
        yield f"bad-{name}", vector([der], unfit)


def _not_certificates(good: bytes) -> Iterator[tuple[str, bytes]]:
    yield "der-empty", b""
    yield "der-cut-short", good[:-1]
    yield "der-octet-more", good + b"\x00"
    yield "der-indefinite-length", b"\x30\x80" + good[4:] + b"\x00\x00"
    yield "der-long-length", b"\x30\x83\x00" + good[2:]
    yield "der-is-text", b"SPECIMEN"
    yield "der-4097-octets", good + bytes(4097 - len(good))
    yield "der-null", b"\x05\x00"
    yield "serial-0", _once(good, b"\x02\x01\x02\x30", b"\x02\x01\x00\x30")
    yield "serial-negative", _once(good, b"\x02\x01\x02\x30", b"\x02\x01\xff\x30")
    yield "version-2", _once(good, b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01")
    critical = b"\x55\x1d\x0f\x01\x01"
    yield "boolean-1", _once(good, critical + b"\xff", critical + b"\x01")
    end = UNTIL.strftime("%y%m%d%H%M%SZ").encode()
    yield "day-32", _once(good, end, end[:4] + b"32" + end[6:])
    yield "name-not-utf-8", _once(good, b"document signer", b"document sign\xff\xff")
    signature = x509.load_der_x509_certificate(good).signature
    bits = bytes([len(signature) + 1])
    yield "unused-bits", _once(good, bits + b"\x00" + signature, bits + b"\x01" + signature)
    usage = b"\x55\x1d\x0f"
    yield "extension-twice", _once(good, b"\x55\x1d\x25", usage)
    # What names the issuer's key, in the place of what has another form.
    others = {
        "period-of-the-key": 16,
        "names-of-the-issuer": 18,
        "basic-constraints": 19,
        "name-constraints": 30,
        "policies": 32,
        "policy-constraints": 36,
        "inhibited-policy": 54,
    }
    for name, last in others.items():
        yield f"{name}-of-another-form", _once(good, b"\x55\x1d\x23", bytes([0x55, 0x1D, last]))


def _once(octets: bytes, old: bytes, new: bytes) -> bytes:
    if octets.count(old) != 1 or len(old) != len(new):
        raise ValueError("not exactly one part to change")
    return octets.replace(old, new)


def certificate_clocks() -> Iterator[tuple[str, Vector]]:
    """Yield a certificate on both sides of the edges of its validity."""
    second, outside = timedelta(seconds=1), "signer_outside_validity"
    edges: dict[str, tuple[datetime, str | None]] = {
        "first-second": (SINCE, None),
        "bad-begins-in-a-second": (SINCE - second, outside),
        "last-second": (UNTIL, None),
        "bad-lapsed-by-a-second": (UNTIL + second, outside),
    }
    for name, (now, reason) in edges.items():
        yield f"certificate-{name}", vector([certificate()], reason, now=now.isoformat())
