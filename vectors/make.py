"""What our own vectors are made of, and those of mdocs: `python -m vectors`.

Keys are derived from names and signatures are deterministic (RFC 6979), so the same files come
out each time, and a test compares them. The keys are public and good for nothing else.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from jiazhao.credentials import cbor, cose, mdoc, sdjwt
from jiazhao.credentials.chain import DOCUMENT_SIGNING
from jiazhao.credentials.signing import Algorithm, PublicKey, raw_signature
from jiazhao.credentials.status_list import StatusReference
from jiazhao.licence.identifiers import make_instance_number

FOLDER = Path(__file__).parent
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
SOURCE = "made by vectors/make.py; checked against the peers of tests/interop"
INSTANCE = make_instance_number("31", 20260001)
Vector = dict[str, Any]


class NamedKey:
    """A key that follows from its name; it signs as a `Signer` does."""

    algorithm = Algorithm.ES256

    def __init__(self, name: str, *certificates: bytes) -> None:
        """Derive the key of `name`."""
        scalar = int.from_bytes(sha256(f"jiazhao vectors: {name}".encode()).digest())
        self.private = ec.derive_private_key(scalar, ec.SECP256R1())
        self.public = PublicKey.of(self.private.public_key())
        self.certificates = certificates

    def sign(self, message: bytes) -> bytes:
        """Sign as RFC 6979 does."""
        hashing = ec.ECDSA(SHA256(), deterministic_signing=True)
        return raw_signature(self.private.sign(message, hashing))


DEVICE = NamedKey("device")
STRANGER = NamedKey("stranger")


# -- presentations, one for each reason that a verdict can have


def _name(common_name: str, country: str = "CN") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def root(name: str = "root", *, of: str = "root", country: str = "CN") -> bytes:
    """Return a self-signed root in DER, named `name`, with the key of `of`."""
    key = NamedKey(of)
    public = key.private.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(f"SPECIMEN {name}", country))
        .issuer_name(_name(f"SPECIMEN {name}", country))
        .public_key(public)
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    certificate = builder.sign(key.private, SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(Encoding.DER)


@cache
def signer(
    *,
    root_key: str = "root",
    names_key: str = "root",
    purpose: ObjectIdentifier = DOCUMENT_SIGNING,
    until: datetime = NOW + timedelta(days=300),
    since: datetime = NOW - timedelta(days=30),
    speaks_for: str | None = None,
    country: str = "CN",
    named: str = "document signer",
    root_name: str = "root",
) -> NamedKey:
    """Return a document signer whose certificate `root_key` signed and which names `names_key`."""
    key, issuer = NamedKey(named), NamedKey(root_key)
    public = key.private.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(f"SPECIMEN {named}", country))
        .issuer_name(_name(f"SPECIMEN {root_name}", country))
        .public_key(public)
        .serial_number(2)
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                NamedKey(names_key).private.public_key()
            ),
            critical=False,
        )
    )
    if speaks_for is not None:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(speaks_for)])
        builder = builder.add_extension(names, critical=False)
    certificate = builder.sign(issuer.private, SHA256(), ecdsa_deterministic=True)
    return NamedKey(named, certificate.public_bytes(Encoding.DER))


STEP_OF = {
    None: None,
    "unknown_format": 1,
    "bad_signer_certificate": 2,
    "unknown_issuer": 2,
    "signer_outside_validity": 2,
    "signer_compromised": 2,
    "signature_mismatch": 3,
    "digest_mismatch": 4,
    "nothing_disclosed": 4,
    "lapsed": 5,
    "not_yet_valid": 5,
    "holder_not_shown": 6,
    "holder_signature_mismatch": 6,
    "answer_to_another_request": 6,
    "status_undetermined": 7,
    "status_ended": 7,
    "status_suspended": 7,
    "answer_differs_from_request": 8,
    "not_checked": 8,
}
"""The step that each reason fails; where a vector fails another, it says so itself."""

ELEMENTS: dict[str, dict[str, Any]] = {
    mdoc.MDL_NAMESPACE: {
        "family_name": "ZHUGE",
        "given_name": "XIAOQING",
        "birth_date": cbor.FullDate("1996-05-17"),
        "issuing_country": "CN",
        "document_number": INSTANCE,
        "driving_privileges": [
            {"vehicle_category_code": "B", "issue_date": cbor.FullDate("2019-04-02")}
        ],
    },
    mdoc.NATIONAL_NAMESPACE: {"archive_number": "310026000001"},
}
VALIDITY = mdoc.ValidityInfo(
    NOW - timedelta(days=1), NOW - timedelta(days=1), NOW + timedelta(days=29)
)
STATUS = StatusReference("https://issuer.example/status-lists/1", 7)
TRANSCRIPT = mdoc.openid4vp_transcript(
    client_id="x509_san_dns:rental.example",
    nonce="SPECIMEN-nonce-0123456789",
    response_uri="https://rental.example/response",
)
OTHER_TRANSCRIPT = mdoc.dc_api_transcript(origin="https://rental.example", nonce="another")


def issued(
    document_signer: NamedKey | None = None,
    *,
    elements: dict[str, dict[str, Any]] = ELEMENTS,
    validity: mdoc.ValidityInfo = VALIDITY,
    status: StatusReference | None = STATUS,
) -> bytes:
    """Return IssuerSigned; what should be random follows from counting."""
    count = sum(map(len, elements.values()))
    randomness = b"".join(sha256(f"salt {i}".encode()).digest() for i in range(2 * count))
    return mdoc.issue(
        doc_type=mdoc.MDL_DOC_TYPE,
        elements=elements,
        device_key=DEVICE.public,
        validity=validity,
        randomness=randomness[: count * mdoc.RANDOM_OCTETS],
        signer=document_signer or signer(),
        status=status,
    )


def shown(issuer_signed: bytes, *, device: NamedKey = DEVICE) -> bytes:
    """Return a DeviceResponse that shows two elements and the country."""
    wanted = {mdoc.MDL_NAMESPACE: ("family_name", "driving_privileges", "issuing_country")}
    return mdoc.respond(
        mdoc.parse_issuer_signed(issuer_signed),
        wanted,
        transcript=TRANSCRIPT,
        device_signer=device,
    )


ISSUER = "https://issuer.example"
VCT = f"{ISSUER}/types/driving-licence"
AUDIENCE, NONCE = "x509_san_dns:rental.example", "SPECIMEN-nonce-0123456789"
CLAIMS: dict[str, dict[str, Any]] = {
    mdoc.MDL_NAMESPACE: {
        "family_name": "ZHUGE",
        "family_name_national_character": "诸葛",
        "issuing_country": "CN",
        "age_over_18": True,
        "driving_privileges": [{"vehicle_category_code": "B", "issue_date": "2019-04-02"}],
    },
    mdoc.NATIONAL_NAMESPACE: {"archive_number": "310026000001", "covers_C1": True},
}


def sdjwt_signer(**changes: Any) -> NamedKey:
    """Return a document signer that may speak for `ISSUER`."""
    return signer(speaks_for=ISSUER, **changes)


def sdjwt_issued(document_signer: NamedKey | None = None, **changes: Any) -> bytes:
    """Return an SD-JWT VC; what should be random follows from counting."""
    randomness = b"".join(sha256(f"salt {i}".encode()).digest() for i in range(64))
    given = {
        "vct": VCT,
        "issuer": ISSUER,
        "claims": CLAIMS,
        "device_key": DEVICE.public,
        "issued_at": VALIDITY.signed,
        "not_before": VALIDITY.valid_from,
        "expires_at": VALIDITY.valid_until,
        "signer": document_signer or sdjwt_signer(),
        "status": STATUS,
        **changes,
    }
    count = sum(map(len, given["claims"].values()))
    return sdjwt.issue(randomness=randomness[: count * sdjwt.RANDOM_OCTETS], **given)


def sdjwt_shown(
    issued: bytes, *, device: NamedKey = DEVICE, audience: str = AUDIENCE, nonce: str = NONCE
) -> bytes:
    """Return a presentation of two claims and the country."""
    wanted = {
        mdoc.MDL_NAMESPACE: ("family_name", "issuing_country"),
        mdoc.NATIONAL_NAMESPACE: ("covers_C1",),
    }
    chosen = sdjwt.disclose(issued, wanted)
    return sdjwt.bind(chosen, audience=audience, nonce=nonce, now=NOW, device_signer=device)


def with_other_status() -> bytes:
    """Return IssuerSigned that has a status in a second way, which is not read here."""
    reader = cbor.Reader(tags=(0, 24, 1004))
    root: Any = reader.read(issued(), "IssuerSigned")
    mso: Any = reader.read(cbor.unwrap(root["issuerAuth"][2], "MSO"), "MSO")
    mso["status"]["identifier_list"] = {"id": b"7", "uri": "https://issuer.example/identifiers"}
    payload = cbor.embed(cbor.encode(mso))
    return cbor.encoded_map(
        {
            "issuerAuth": cose.sign(payload, signer(), with_chain=True),
            "nameSpaces": cbor.encode(root["nameSpaces"]),
        }
    )


def swapped(octets: bytes, old: bytes, new: bytes) -> bytes:
    """Change one part that occurs once, to another of the same length."""
    if octets.count(old) != 1 or len(old) != len(new):
        raise ValueError("not exactly one part to change")
    return octets.replace(old, new)


def vector(presented: bytes, outcome: str, reason: str | None, **given: Any) -> Vector:
    """Return one case of an mdoc; what is not given is as it should be."""
    step = given.pop("step", STEP_OF.get(reason))
    return {
        "source": SOURCE,
        "now": NOW.isoformat(),
        "roots": [root().hex()],
        "compromised": [],
        "transcript": TRANSCRIPT.hex(),
        "status": 0,
        "profile": "FILE",
        **given,
        "presented": presented.hex(),
        "outcome": outcome,
        "step": step,
        "reason": reason,
    }


def presentations() -> Iterator[tuple[str, Vector]]:
    """Yield a presentation for each outcome and reason of `verify_mdoc`."""
    good = issued()
    response = shown(good)
    signature = mdoc.parse_issuer_signed(good).issuer_auth.signature

    def cannot(presented: bytes, reason: str, **given: Any) -> Vector:
        return vector(presented, "CANNOT_CONFIRM", reason, **given)

    yield "valid", vector(response, "VALID", None)
    yield "valid-as-issued", vector(good, "VALID", None, profile="ISSUED_COPY", transcript=None)
    yield "unknown-format", cannot(response[:-1], "unknown_format")
    yield "octet-more", cannot(response + b"\x00", "unknown_format")
    yield "tag-more", cannot(response + b"\xd2", "unknown_format")
    yield (
        "unknown-version",
        cannot(swapped(response, b"gversionc1.0idoc", b"gversionc2.0idoc"), "unknown_format"),
    )
    yield (
        "two-documents",
        cannot(_twice(response), "unknown_format"),
    )
    yield "unknown-issuer", cannot(response, "unknown_issuer", roots=[])
    yield (
        "unknown-issuer-of-the-same-name",
        cannot(shown(issued(signer(root_key="stranger", names_key="stranger"))), "unknown_issuer"),
    )
    reader = ObjectIdentifier("1.0.18013.5.1.6")
    yield (
        "certificate-for-readers",
        cannot(shown(issued(signer(purpose=reader))), "bad_signer_certificate"),
    )
    yield (
        "certificate-not-signed-by-the-root-it-names",
        vector(
            shown(issued(signer(root_key="stranger"))),
            "NOT_GENUINE",
            "signature_mismatch",
            step=2,
        ),
    )
    yield (
        "signer-lapsed",
        cannot(shown(issued(signer(until=NOW - timedelta(hours=1)))), "signer_outside_validity"),
    )
    yield (
        "signed-before-the-signer-was-valid",
        cannot(shown(issued(signer(since=NOW - timedelta(hours=1)))), "signer_outside_validity"),
    )
    yield (
        "signer-compromised",
        vector(
            response,
            "NOT_VALID",
            "signer_compromised",
            compromised=[NamedKey("document signer").public.point.hex()],
        ),
    )
    for name, country in (
        ("issuing-country-of-another", "DE"),
        ("issuing-country-is-a-list", ["CN"]),
    ):
        told = {**ELEMENTS[mdoc.MDL_NAMESPACE], "issuing_country": country}
        elsewhere = shown(issued(elements={mdoc.MDL_NAMESPACE: told}))
        yield name, cannot(elsewhere, "issuer_data_mismatch", step=2)
    yield (
        "issuer-signature-changed",
        vector(
            swapped(response, signature, signature[:-1] + bytes([signature[-1] ^ 1])),
            "NOT_GENUINE",
            "signature_mismatch",
        ),
    )
    until = cbor.TDate.of(VALIDITY.valid_until).encode()
    yield (
        "validity-prolonged",
        vector(swapped(response, until, b"2036" + until[4:]), "NOT_GENUINE", "signature_mismatch"),
    )
    yield (
        "element-changed",
        vector(swapped(response, b"ZHUGE", b"ZHANG"), "NOT_GENUINE", "digest_mismatch"),
    )
    yield (
        "document-type-changed",
        cannot(
            swapped(
                response,
                b"gdocTypeuorg.iso.18013.5.1.mDLldeviceSigned",
                b"gdocTypeuorg.iso.18013.5.1.mDXldeviceSigned",
            ),
            "issuer_data_mismatch",
            step=3,
        ),
    )
    day = timedelta(days=1)
    yield (
        "not-yet-valid",
        vector(
            shown(issued(validity=mdoc.ValidityInfo(NOW - day, NOW + day, NOW + 2 * day))),
            "NOT_VALID",
            "not_yet_valid",
        ),
    )
    yield (
        "lapsed",
        vector(
            shown(issued(validity=mdoc.ValidityInfo(NOW - 9 * day, NOW - 9 * day, NOW - day))),
            "NOT_VALID",
            "lapsed",
        ),
    )
    yield (
        "nothing-disclosed",
        cannot(swapped(response, b"jnameSpaces\xa1q", b"jnameSPACES\xa1q"), "nothing_disclosed"),
    )
    yield "holder-not-shown", cannot(good, "holder_not_shown")
    yield "session-not-known", cannot(response, "holder_not_shown", transcript=None)
    yield (
        "shown-to-another",
        vector(
            response,
            "NOT_GENUINE",
            "holder_signature_mismatch",
            transcript=OTHER_TRANSCRIPT.hex(),
        ),
    )
    yield (
        "signed-by-another-device",
        vector(shown(good, device=STRANGER), "NOT_GENUINE", "holder_signature_mismatch"),
    )
    yield "status-not-asked", cannot(response, "status_undetermined", status=None)
    yield "status-unknown-value", cannot(response, "status_undetermined", status=3)
    yield "status-none-published", cannot(shown(issued(status=None)), "status_undetermined")
    yield (
        "status-in-another-way-too",
        cannot(shown(with_other_status()), "status_undetermined"),
    )
    yield "status-ended", vector(response, "NOT_VALID", "status_ended", status=1)
    yield "status-must-not-drive", vector(response, "NOT_VALID", "status_suspended", status=2)
    asked = {"doc_type": mdoc.MDL_DOC_TYPE, "elements": {mdoc.MDL_NAMESPACE: ["family_name"]}}
    yield (
        "more-than-asked",
        cannot(response, "answer_differs_from_request", profile="REMOTE", asked=asked),
    )
    asked = {"doc_type": mdoc.MDL_DOC_TYPE, "elements": {mdoc.MDL_NAMESPACE: ["portrait"]}}
    yield (
        "less-than-asked",
        cannot(response, "answer_differs_from_request", profile="REMOTE", asked=asked),
    )
    yield "request-not-known", cannot(response, "not_checked", profile="REMOTE")


def mdoc_clocks() -> Iterator[tuple[str, Vector]]:
    """Yield an mdoc on both sides of the edges of its validity."""
    response, second = shown(issued()), timedelta(seconds=1)
    begin = VALIDITY.valid_from - timedelta(seconds=60)
    for name, now, reason in (
        ("begins-with-skew", begin, None),
        ("bad-begins-in-61-seconds", begin - second, "not_yet_valid"),
        ("last-second", VALIDITY.valid_until, None),
        ("bad-lapsed-by-a-second", VALIDITY.valid_until + second, "lapsed"),
    ):
        outcome = "NOT_VALID" if reason else "VALID"
        yield f"mdoc-{name}", vector(response, outcome, reason, now=now.isoformat())


def _twice(response: bytes) -> bytes:
    """Repeat the only document of a response, which stands last in it."""
    head, mark, document = response.partition(b"idocuments\x81")
    if not mark:
        raise ValueError("not one document")
    return head + b"idocuments\x82" + document + document


def written(vector: Vector) -> str:
    """Return a vector as its file holds it."""
    return json.dumps(vector, ensure_ascii=False, indent=1) + "\n"
