"""The list of withdrawn certificates that a root signs (ISO/IEC 18013-5 annex B.1.8, RFC 5280).

Document signers name its address, so it must be there even while it is empty.

Gap: one address holds the list of the newest root alone. A signer under an older root that is
compromised is refused by verifiers who have our own list of compromised keys, not by this one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.trust.certificates import CertifiedKey

NEXT_UPDATE = timedelta(days=90)
"""ISO/IEC 18013-5 allows at most 90 days between lists."""

Withdrawn = Mapping[int, datetime]
"""Serial numbers of certificates whose key is compromised, and when that was said."""


def revocation_list(
    root: CertifiedKey, withdrawn: Withdrawn, *, now: datetime, former: bytes | None = None
) -> bytes:
    """A signed list, DER; numbered by its time, and always above `former`."""
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now)
        .next_update(now + NEXT_UPDATE)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.CRLNumber(max(int(now.timestamp()), _number(former) + 1)), critical=False
        )
    )
    for serial, since in sorted(withdrawn.items()):
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(since)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            .build()
        )
    return builder.sign(root.key, SHA256()).public_bytes(Encoding.DER)


def is_due(der: bytes, root: x509.Certificate, withdrawn: Withdrawn, *, now: datetime) -> bool:
    """Whether a list should be replaced.

    So it is where it has come half-way to its end or lies ahead, was signed by another root, or
    names other certificates than those withdrawn.
    """
    known = x509.load_der_x509_crl(der)
    return (
        not known.last_update_utc <= now < known.last_update_utc + NEXT_UPDATE / 2
        or not known.is_signature_valid(root.public_key())  # type: ignore[arg-type]
        or {one.serial_number for one in known} != withdrawn.keys()
    )


def issued_at(der: bytes) -> datetime:
    """When a list was signed."""
    return x509.load_der_x509_crl(der).last_update_utc


def _number(der: bytes | None) -> int:
    if der is None:
        return 0
    extensions = x509.load_der_x509_crl(der).extensions
    return extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
