"""The list of withdrawn certificates that the root signs (ISO/IEC 18013-5 annex B.1.8, RFC 5280).

Document signers name its address, so it must be there even while it is empty.
"""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.trust.certificates import CertifiedKey

NEXT_UPDATE = timedelta(days=90)
"""ISO/IEC 18013-5 allows at most 90 days between lists."""


def empty_revocation_list(root: CertifiedKey, *, now: datetime) -> bytes:
    """A signed list, DER, that withdraws nothing; numbered by its time."""
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now)
        .next_update(now + NEXT_UPDATE)
        .add_extension(identifier, critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .sign(root.key, SHA256())
        .public_bytes(Encoding.DER)
    )


def is_due(der: bytes, *, now: datetime) -> bool:
    """Whether a list should be replaced: it has come half-way to its end, or lies ahead."""
    known = x509.load_der_x509_crl(der)
    return not known.last_update_utc <= now < known.last_update_utc + NEXT_UPDATE / 2
