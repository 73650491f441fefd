"""From a signer's certificate to a root that we trust (ISO/IEC 18013-5, 9.3.3 and annex B).

A root of this standard has path length 0, so a chain is the signer's certificate and nothing
else; some issuers send the root along, which adds no trust and is ignored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier

from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError

DOCUMENT_SIGNING: Final = ObjectIdentifier("1.0.18013.5.1.2")
"""Extended key usage of a document signer (ISO/IEC 18013-5, B.1.4)."""

READER_AUTHENTICATION: Final = ObjectIdentifier("1.0.18013.5.1.6")
"""Extended key usage of a signer of requests (ISO/IEC 18013-5, B.1.7)."""

STATUS_SIGNING: Final = ObjectIdentifier("2.25.148121934558238607707454995298050055185")
"""Extended key usage of a signer of status lists.

Token Status List (draft 20, section 10) defines id-kp-oauthStatusSigning as `id-kp TBD`: its
number is not assigned yet. Until it is, this is an identifier of our own from the arc that
anyone may use with a UUID (ITU-T X.667), so that it can never collide with the arc of PKIX.
"""

WALLET_PROVIDING: Final = ObjectIdentifier("2.25.121039844010406892112672268279748010471")
"""Extended key usage of who vouches for wallets and their keys, from the same arc: HAIP 1.0,
sections 4.4.1 and 4.5.1, leaves open how such certificates look."""

MAX_CERTIFICATE_OCTETS: Final = 4096
"""A signer's certificate has about 600 octets; with long names and RSA roots twice that."""

E = TypeVar("E", bound=x509.ExtensionType)

_UNDERSTOOD: Final = frozenset(
    {ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE, ExtensionOID.BASIC_CONSTRAINTS}
)
"""A critical extension that is not understood makes a certificate unusable (RFC 5280, 4.2)."""

_CERTIFICATE_ERRORS: Final = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    UserWarning,
)
"""What `cryptography` raises on octets that are not a certificate; it warns of a serial number
below 1 and of a country of three letters, which is an error where warnings are."""

_CACHED: Final = 256
"""Certificates read last; a verifier meets a handful of signers and roots."""


@dataclass(frozen=True, slots=True)
class VouchedSigner:
    """A signer for whom a trusted root vouches, at any time from `valid_from` to `valid_until`."""

    key: PublicKey
    country: str | None
    valid_from: datetime
    valid_until: datetime
    """Both are of signer and root together."""
    names: frozenset[str] = frozenset()
    """Issuers that the signer may speak for: addresses that its certificate names as its own,
    and `https://` before each host."""

    def require_validity(self, now: datetime) -> None:
        """Raise `VerificationError` (SIGNER_OUTSIDE_VALIDITY) unless it holds at `now`."""
        if not self.valid_from <= now <= self.valid_until:
            raise VerificationError(ErrorCode.SIGNER_OUTSIDE_VALIDITY)


def verify_chain(
    chain: Sequence[bytes],
    *,
    anchors: Iterable[bytes],
    now: datetime,
    purpose: ObjectIdentifier,
    compromised: frozenset[bytes] = frozenset(),
) -> PublicKey:
    """Return the key of the signer, if a trusted root vouches for it at `now`.

    `chain` is DER, the signer's own first; `anchors` are roots in DER; `purpose` is the
    extended key usage that the signer must have; `compromised` are points of keys that prove
    nothing any more. Raises `VerificationError`: BAD_SIGNER_CERTIFICATE, UNKNOWN_ISSUER,
    SIGNATURE_MISMATCH (a trusted root is named and did not sign), SIGNER_OUTSIDE_VALIDITY,
    SIGNER_COMPROMISED.
    """
    signer = vouched_signer(tuple(chain), tuple(anchors), purpose)
    signer.require_validity(now)
    if signer.key.point in compromised:
        raise VerificationError(ErrorCode.SIGNER_COMPROMISED)
    return signer.key


@lru_cache(maxsize=_CACHED)
def vouched_signer(
    chain: tuple[bytes, ...], anchors: tuple[bytes, ...], purpose: ObjectIdentifier
) -> VouchedSigner:
    """Do what `verify_chain` does, except for time, and remember it by the octets.

    Only what was vouched for is remembered, so a stranger cannot push it out.
    """
    own = [certificate for certificate in chain if certificate not in anchors]
    if len(own) != 1:
        raise _unfit(f"{len(own)} certificates")
    signer = read_certificate(own[0])
    _check_profile(signer, purpose)
    root = _root_of(signer, [read_certificate(root) for root in anchors])
    if not _signed(signer, root):
        raise VerificationError(ErrorCode.SIGNATURE_MISMATCH)
    try:
        key = PublicKey.of(signer.public_key())
    except (UnreadableError, ValueError, UnsupportedAlgorithm) as error:
        raise _unfit("key is not on P-256") from error
    return VouchedSigner(
        key,
        next((str(country) for country in _countries(signer.subject)), None),
        max(signer.not_valid_before_utc, root.not_valid_before_utc),
        min(signer.not_valid_after_utc, root.not_valid_after_utc),
        _alternative_names(signer),
    )


@lru_cache(maxsize=_CACHED)
def read_certificate(der: bytes) -> x509.Certificate:
    """Read a certificate; raises `VerificationError` (BAD_SIGNER_CERTIFICATE)."""
    if len(der) > MAX_CERTIFICATE_OCTETS:
        raise _unfit(f"more than {MAX_CERTIFICATE_OCTETS} octets")
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Extensions and names are parsed late; whatever is wrong in them shows here.
        _ = (certificate.extensions, certificate.subject, certificate.issuer)
    except _CERTIFICATE_ERRORS as error:
        raise _unfit("not a certificate") from error
    if certificate.serial_number < 1:
        raise _unfit("serial number is not positive")
    # The count of unused bits before the signature is not signed; DER leaves no choice but 0.
    if der[-len(certificate.signature) - 1] != 0:
        raise _unfit("not in DER")
    return certificate


def _check_profile(signer: x509.Certificate, purpose: ObjectIdentifier) -> None:
    """Refuse a certificate that may not do what its key was used for (annex B.1.4)."""
    if any(e.critical and e.oid not in _UNDERSTOOD for e in signer.extensions):
        raise _unfit("unknown critical extension")
    usage = _extension(signer, x509.KeyUsage)
    if usage is None or not usage.digital_signature:
        raise _unfit("not for signatures")
    purposes = _extension(signer, x509.ExtendedKeyUsage)
    if purposes is None or purpose not in purposes:
        raise _unfit("not for this purpose")
    constraints = _extension(signer, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise _unfit("is an authority")
    if _countries(signer.subject) != _countries(signer.issuer):
        raise _unfit("country differs from its root's")


def _root_of(signer: x509.Certificate, roots: list[x509.Certificate]) -> x509.Certificate:
    """The root that the certificate names, by its name and, where given, its key."""
    named = [root for root in roots if root.subject == signer.issuer]
    authority = _extension(signer, x509.AuthorityKeyIdentifier)
    if authority is not None and authority.key_identifier is not None:
        named = [root for root in named if _key_identifier(root) == authority.key_identifier]
    if not named:
        raise VerificationError(ErrorCode.UNKNOWN_ISSUER)
    return named[0]


def _key_identifier(root: x509.Certificate) -> bytes | None:
    identifier = _extension(root, x509.SubjectKeyIdentifier)
    return identifier.digest if identifier else None


def _signed(signer: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        # A key is parsed late, too: a damaged root's cannot be read, or is of no known curve.
        if not isinstance(root.public_key(), ec.EllipticCurvePublicKey):
            return False
        signer.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _alternative_names(certificate: x509.Certificate) -> frozenset[str]:
    names = _extension(certificate, x509.SubjectAlternativeName)
    if names is None:
        return frozenset()
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    hosts = names.get_values_for_type(x509.DNSName)
    return frozenset(uris) | {f"https://{host}" for host in hosts}


def _countries(name: x509.Name) -> list[str | bytes]:
    return [a.value for a in name.get_attributes_for_oid(NameOID.COUNTRY_NAME)]


def _unfit(reason: str) -> VerificationError:
    return VerificationError(ErrorCode.BAD_SIGNER_CERTIFICATE, reason=reason)
