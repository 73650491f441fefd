"""Who vouches for whom.

The IACA root vouches for the signers of documents and of status lists, the reader root for the
signer of requests, the wallet root for who vouches for wallets.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.trust.certificates import (
    CertifiedKey,
    Subject,
    Validity,
    make_document_signer,
    make_iaca_root,
    make_request_signer,
    make_status_signer,
    make_wallet_provider,
)

_ROOT_BEFORE, _ROOT_AFTER = timedelta(days=366), timedelta(days=10 * 365)
"""A root begins long before its first use, so that a demonstration can show a past day."""

_SIGNER_BEFORE, SIGNER_LIFE = timedelta(days=30), timedelta(days=396)
"""A signer begins well before its first signature: times inside a copy are rounded down, and
verifiers refuse a copy signed before its certificate began. The sum stays below the 457 days
of ISO/IEC 18013-5, B.1.4."""


SPECIMEN = "SPECIMEN "


class Role(StrEnum):
    """What a key is for; the value names its files."""

    IACA_ROOT = "iaca-root"
    DOCUMENT_SIGNER = "document-signer"
    STATUS_SIGNER = "status-signer"
    READER_ROOT = "reader-root"
    REQUEST_SIGNER = "request-signer"
    WALLET_ROOT = "wallet-root"
    WALLET_PROVIDER = "wallet-provider"

    @property
    def is_root(self) -> bool:
        """Whether it signs certificates and lists only."""
        return self in {Role.IACA_ROOT, Role.READER_ROOT, Role.WALLET_ROOT}

    @property
    def root(self) -> "Role":
        """Which root vouches for it; a root for itself."""
        if self in {Role.READER_ROOT, Role.REQUEST_SIGNER}:
            return Role.READER_ROOT
        if self in {Role.WALLET_ROOT, Role.WALLET_PROVIDER}:
            return Role.WALLET_ROOT
        return Role.IACA_ROOT


_LISTS = {Role.IACA_ROOT: "iaca", Role.READER_ROOT: "reader", Role.WALLET_ROOT: "wallet"}


def crl_path(role: Role) -> str:
    """Where at the issuer's address the list of withdrawn certificates of a root is."""
    return f"/trust/{_LISTS[role]}.crl"


_COMMON_NAMES = {
    Role.IACA_ROOT: "IACA Root of China",
    Role.DOCUMENT_SIGNER: "Driving Licence Document Signer",
    Role.STATUS_SIGNER: "Driving Licence Status Signer",
    Role.READER_ROOT: "Driving Licence Reader Root of China",
    Role.REQUEST_SIGNER: "Driving Licence Request Signer",
    Role.WALLET_ROOT: "Driving Licence Wallet Root of China",
    Role.WALLET_PROVIDER: "Driving Licence Wallet Provider",
}

_PROFILES = {
    Role.DOCUMENT_SIGNER: make_document_signer,
    Role.STATUS_SIGNER: make_status_signer,
    Role.REQUEST_SIGNER: make_request_signer,
    Role.WALLET_PROVIDER: make_wallet_provider,
}


@dataclass(frozen=True, slots=True)
class TrustPlan:
    """What certificates to make: whose, and where they say that the issuer is found."""

    issuer_uri: str
    organisation: str = "Traffic Management Bureau"
    specimen: bool = True
    """Whether every name says SPECIMEN; false only for real keys."""

    def crl_uri(self, role: Role) -> str:
        """Where the list of withdrawn certificates of a root belongs."""
        return self.issuer_uri + crl_path(role)

    def subject(self, role: Role) -> Subject:
        """The names in the certificate of a role."""
        mark = SPECIMEN if self.specimen else ""
        return Subject(mark + self.organisation, mark + _COMMON_NAMES[role])


def make_root(
    plan: TrustPlan,
    *,
    now: datetime,
    role: Role = Role.IACA_ROOT,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> CertifiedKey:
    """Make a root with `key`, or with a new one."""
    return make_iaca_root(
        key or new_key(),
        subject=plan.subject(role),
        issuer_uri=plan.issuer_uri,
        crl_uri=plan.crl_uri(role),
        validity=root_validity(now),
    )


def make_signer(
    role: Role,
    plan: TrustPlan,
    *,
    root: CertifiedKey,
    now: datetime,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> CertifiedKey:
    """Make a signer under `root`, valid for a signer that is used from `now`."""
    key = key or new_key()
    certificate = _PROFILES[role](
        key.public_key(),
        root=root,
        subject=plan.subject(role),
        issuer_uri=plan.issuer_uri,
        validity=signer_validity(now),
    )
    return CertifiedKey(certificate, key)


def root_validity(now: datetime) -> Validity:
    """How long a root made at `now` is valid."""
    return _around(now, _ROOT_BEFORE, _ROOT_AFTER)


def signer_validity(now: datetime) -> Validity:
    """How long a signer made at `now` is valid; its root must cover all of it."""
    return _around(now, _SIGNER_BEFORE, SIGNER_LIFE)


def _around(now: datetime, before: timedelta, after: timedelta) -> Validity:
    # Whole days: the time of day at which a key was made is nobody's business.
    day = datetime.combine(now.date(), time(), now.tzinfo)
    return Validity(day - before, day + after)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key in memory."""
    return ec.generate_private_key(ec.SECP256R1())
