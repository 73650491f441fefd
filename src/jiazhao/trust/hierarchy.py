"""Who vouches for whom: the IACA root, the document signer and the signer of status lists."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.trust.certificates import (
    CertifiedKey,
    Subject,
    Validity,
    make_document_signer,
    make_iaca_root,
    make_status_signer,
)
from jiazhao.trust.software import SoftwareSigner

_ROOT_BEFORE, _ROOT_AFTER = timedelta(days=366), timedelta(days=10 * 365)
"""A root begins long before its first use, so that a demonstration can show a past day."""

_SIGNER_BEFORE, _SIGNER_AFTER = timedelta(days=30), timedelta(days=396)
"""A signer begins well before its first signature: times inside a copy are rounded down, and
verifiers refuse a copy signed before its certificate began. The sum stays below the 457 days
of ISO/IEC 18013-5, B.1.4."""


class Role(StrEnum):
    """What a key is for; the value names its files."""

    IACA_ROOT = "iaca-root"
    DOCUMENT_SIGNER = "document-signer"
    STATUS_SIGNER = "status-signer"


_COMMON_NAMES = {
    Role.IACA_ROOT: "IACA Root of China",
    Role.DOCUMENT_SIGNER: "Driving Licence Document Signer",
    Role.STATUS_SIGNER: "Driving Licence Status Signer",
}


@dataclass(frozen=True, slots=True)
class TrustPlan:
    """What certificates to make: whose, and where they say that the issuer is found."""

    issuer_uri: str
    organisation: str = "Traffic Management Bureau"
    specimen: bool = True
    """Whether every name says SPECIMEN; false only for real keys."""

    @property
    def crl_uri(self) -> str:
        """Where the root's list of withdrawn certificates belongs."""
        return f"{self.issuer_uri}/trust/iaca.crl"

    def subject(self, role: Role) -> Subject:
        """The names in the certificate of a role."""
        mark = "SPECIMEN " if self.specimen else ""
        return Subject(mark + self.organisation, mark + _COMMON_NAMES[role])


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that sign, and the roots that verifiers start from."""

    iaca_roots: tuple[x509.Certificate, ...]
    document_signer: SoftwareSigner
    status_signer: SoftwareSigner
    revocation_list: bytes | None = None
    """What the newest root has withdrawn, DER; None where the folder has no list."""

    def anchors(self) -> tuple[bytes, ...]:
        """The roots as DER, the newest first."""
        return tuple(root.public_bytes(Encoding.DER) for root in self.iaca_roots)


def make_root(plan: TrustPlan, *, now: datetime) -> CertifiedKey:
    """Make a root with a new key."""
    return make_iaca_root(
        _new_key(),
        subject=plan.subject(Role.IACA_ROOT),
        issuer_uri=plan.issuer_uri,
        crl_uri=plan.crl_uri,
        validity=_around(now, _ROOT_BEFORE, _ROOT_AFTER),
    )


def make_signer(role: Role, plan: TrustPlan, *, root: CertifiedKey, now: datetime) -> CertifiedKey:
    """Make a document signer or a status signer with a new key, under `root`."""
    make = make_document_signer if role is Role.DOCUMENT_SIGNER else make_status_signer
    key = _new_key()
    certificate = make(
        key.public_key(),
        root=root,
        subject=plan.subject(role),
        issuer_uri=plan.issuer_uri,
        validity=signer_validity(now),
    )
    return CertifiedKey(certificate, key)


def signer_validity(now: datetime) -> Validity:
    """How long a signer made at `now` is valid; its root must cover all of it."""
    return _around(now, _SIGNER_BEFORE, _SIGNER_AFTER)


def _around(now: datetime, before: timedelta, after: timedelta) -> Validity:
    # Whole days: the time of day at which a key was made is nobody's business.
    day = datetime.combine(now.date(), time(), now.tzinfo)
    return Validity(day - before, day + after)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
