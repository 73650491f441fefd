"""What the keys of a folder amount to at a moment: who signs, and whom verifiers trust."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.errors import ConfigurationError, ErrorCode, SignerError
from jiazhao.trust.certificates import CertifiedKey
from jiazhao.trust.crl import Withdrawn, is_due, revocation_list
from jiazhao.trust.folder import (
    REVOCATION_LISTS,
    KeyFolder,
    NewKey,
    StoredKey,
    newest,
    refusal,
    root_of,
)
from jiazhao.trust.hierarchy import (
    Role,
    TrustPlan,
    make_root,
    make_signer,
    signer_validity,
)
from jiazhao.trust.keeping import Keeping
from jiazhao.trust.pkcs11 import TokenKey, TokenSigner
from jiazhao.trust.software import SoftwareSigner


class CertifiedSigner(Signer, Protocol):
    """A signer of this folder, wherever its key is."""

    @property
    def certificate(self) -> x509.Certificate:
        """The first of its certificates: its own."""


ISSUERS = (Role.DOCUMENT_SIGNER, Role.STATUS_SIGNER)
"""Without these nothing can be issued."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that sign at a moment, and what verifiers start from."""

    iaca_roots: tuple[x509.Certificate, ...]
    signers: dict[Role, CertifiedSigner]
    compromised: frozenset[bytes] = frozenset()
    """Public keys, as uncompressed points, whose signatures prove nothing any more."""
    document_signers: tuple[x509.Certificate, ...] = ()
    """The certificates of every key that signs or signed copies, the newest first, compromised ones
    too: whoever reads a copy that names its signer alone finds it here."""
    revocation_lists: Mapping[Role, bytes] = field(default_factory=dict)
    """What the newest root of a kind has withdrawn, DER; none where the folder has no list."""
    wallet_roots: tuple[x509.Certificate, ...] = ()
    """Below which this system vouches for its own wallet."""
    wallet_providers: frozenset[bytes] = frozenset()
    """Public keys, as uncompressed points, that vouch or vouched for it; no compromised ones."""

    @property
    def document_signer(self) -> CertifiedSigner:
        """Signs copies of the licence; raises `SignerError` where no key may sign now."""
        return self._signer(Role.DOCUMENT_SIGNER)

    @property
    def status_signer(self) -> CertifiedSigner:
        """Signs status lists; raises `SignerError` where no key may sign now."""
        return self._signer(Role.STATUS_SIGNER)

    @property
    def request_signer(self) -> CertifiedSigner:
        """Signs requests to wallets; raises `SignerError` where no key may sign now."""
        return self._signer(Role.REQUEST_SIGNER)

    @property
    def wallet_provider(self) -> CertifiedSigner:
        """Vouches for our own wallet; raises `SignerError` where no key may sign now."""
        return self._signer(Role.WALLET_PROVIDER)

    def anchors(self) -> tuple[bytes, ...]:
        """The roots as DER, the newest first."""
        return tuple(root.public_bytes(Encoding.DER) for root in self.iaca_roots)

    def _signer(self, role: Role) -> CertifiedSigner:
        try:
            return self.signers[role]
        except KeyError:
            raise SignerError(
                ErrorCode.SIGNER_UNAVAILABLE, reason=f"{role}: no key may sign now / 无可用密钥"
            ) from None


class KeyStore:
    """Loads the keys of a folder and, for the demonstration, makes them."""

    def __init__(
        self, folder: Path, keeping: Keeping, *, roles: tuple[Role, ...] = ISSUERS
    ) -> None:
        """`roles` are those without which this deployment cannot serve."""
        self.folder = KeyFolder(folder, keeping)
        self.roles = roles

    def load(self, *, now: datetime) -> Trust:
        """The newest keys that may sign at `now`.

        Raises `ConfigurationError` where a file is absent, not what it should be, open to
        other users, or where no certificate of an issuing role holds at `now`.
        """
        with self.folder.readable():
            keys = self.folder.read()
            for role in self.roles:
                require_signer(keys, role, now=now)
            return trust_at(keys, self.folder, now=now)

    def open(
        self, plan: TrustPlan, *, now: datetime, at_least: timedelta = timedelta(days=90)
    ) -> Trust:
        """As `load`, but makes what is absent or holds for less than `at_least` from `now`.

        `at_least` must exceed the life of an issued copy: a copy is refused once the
        certificate of its signer has ended. Roots made here have their key beside them,
        which suits a demonstration only.
        """
        with self.folder.readable():
            self.folder.make_private()
            with self.folder.locked():
                kept = self.folder.read() if self.folder.exists() else []
                require_same_issuer(kept, plan)
                made = missing(self.folder, kept, plan, self.roles, now=now, until=now + at_least)
                if made:
                    self.folder.write(made)
                renew_revocation_lists(self.folder, now=now)
        return self.load(now=now)


def trust_at(keys: list[StoredKey], folder: KeyFolder, *, now: datetime) -> Trust:
    """What the keys of a folder amount to at `now`; a role that nobody may sign for is absent."""
    signers = dict[Role, CertifiedSigner]()
    for role in Role:
        stored = newest([key for key in keys if key.may_sign(now)], role)
        if stored is not None and not role.is_root:
            signers[role] = _signer(stored, keys)
    return Trust(
        iaca_roots=_roots(keys, Role.IACA_ROOT),
        signers=signers,
        compromised=frozenset(
            PublicKey.of(key.certificate.public_key()).point
            for key in keys
            if key.entry.compromised_at is not None
        ),
        document_signers=tuple(
            key.certificate for key in reversed(keys) if key.role is Role.DOCUMENT_SIGNER
        ),
        revocation_lists={
            role: der for role in REVOCATION_LISTS if (der := folder.revocation_list(role))
        },
        wallet_roots=_roots(keys, Role.WALLET_ROOT),
        wallet_providers=frozenset(
            PublicKey.of(key.certificate.public_key()).point
            for key in keys
            if key.role is Role.WALLET_PROVIDER and key.entry.compromised_at is None
        ),
    )


def _roots(keys: list[StoredKey], role: Role) -> tuple[x509.Certificate, ...]:
    """Roots that are still trusted, the newest first."""
    return tuple(
        key.certificate
        for key in reversed(keys)
        if key.role is role and key.entry.compromised_at is None
    )


def require_signer(keys: list[StoredKey], role: Role, *, now: datetime) -> None:
    """Raise `ConfigurationError` unless a key of the role is here and may sign at `now`."""
    stored = newest([key for key in keys if key.may_sign(now)], role)
    if stored is None or stored.open() is None:
        raise refusal(role, f"no key holds at {now:%Y-%m-%d} / 该日没有可用的密钥")


def _signer(stored: StoredKey, keys: list[StoredKey]) -> CertifiedSigner:
    key = stored.open()
    if key is None:
        raise refusal(stored.role, "its key is not here / 私钥不在本目录")
    root = root_of(stored, keys)
    if root is None or root.entry.compromised_at is not None:
        raise refusal(stored.role, "not issued by a root of this folder / 不是由本目录的根证书签发")
    if isinstance(key, TokenKey):
        return TokenSigner(key, [stored.certificate])
    return SoftwareSigner(key, [stored.certificate])


# -- making what is missing


def missing(
    folder: KeyFolder,
    kept: list[StoredKey],
    plan: TrustPlan,
    roles: Iterable[Role],
    *,
    now: datetime,
    until: datetime,
) -> list[NewKey]:
    """Make the keys that are missing so that each role can sign from `now` until `until`.

    A root is made where no usable one covers a new signer; raises `ConfigurationError` where it
    would have to sign and its key is not here.
    """
    made: list[NewKey] = []
    roots = dict[Role, CertifiedKey]()
    for role in roles:
        ready = [key for key in kept if key.role is role and key.is_usable]
        if any(key.may_sign(now) for key in ready) and any(key.holds(until) for key in ready):
            continue
        root = roots.get(role.root) or usable_root(kept, role.root, now=now)
        if root is None:
            root = make_root(plan, now=now, role=role.root, key=folder.new_key(role.root))
            made.append(NewKey(role.root, root))
        roots[role.root] = root
        key = folder.new_key(role)
        made.append(NewKey(role, make_signer(role, plan, root=root, now=now, key=key)))
    return made


def usable_root(kept: list[StoredKey], role: Role, *, now: datetime) -> CertifiedKey | None:
    """The newest root that covers a signer made now, with its key; None where none does.

    Raises `ConfigurationError` where there is one whose key is not here.
    """
    need = signer_validity(now)
    covering = [
        key for key in kept if key.may_sign(now) and key.holds(need.not_before, need.not_after)
    ]
    stored = newest(covering, role)
    if stored is None:
        return None
    certified = stored.certified()
    if certified is None:
        raise ConfigurationError(ErrorCode.ROOT_KEY_ELSEWHERE, role=role)
    return certified


def require_same_issuer(keys: Iterable[StoredKey], plan: TrustPlan) -> None:
    """Raise `ConfigurationError` where signers name another issuer than the plan."""
    for key in keys:
        if not key.role.is_root and (named := _issuer_uri(key)) != plan.issuer_uri:
            raise ConfigurationError(
                ErrorCode.STATE_BELONGS_TO_ANOTHER_ADDRESS, expected=named, given=plan.issuer_uri
            )


def _issuer_uri(key: StoredKey) -> str:
    try:
        names = key.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ""
    uris = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if uris else ""


# -- what the roots have withdrawn


def renew_revocation_lists(folder: KeyFolder, *, now: datetime) -> list[Role]:
    """Sign the lists that are due; returns the roots whose list is due and whose key is not here.

    What stands in a list follows from the inventory alone, so an act that was cut short before
    the list is finished by the next one.
    """
    keys, unsigned = folder.read(), list[Role]()
    for role in REVOCATION_LISTS:
        root = newest([key for key in keys if key.may_sign(now)], role)
        if root is None:
            continue
        withdrawn, former = withdrawn_by(root, keys), folder.revocation_list(role)
        if former is not None and not is_due(former, root.certificate, withdrawn, now=now):
            continue
        certified = root.certified()
        if certified is None:
            unsigned.append(role)
            continue
        folder.write_revocation_list(
            role, revocation_list(certified, withdrawn, now=now, former=former)
        )
    return unsigned


def withdrawn_by(root: StoredKey, keys: list[StoredKey]) -> Withdrawn:
    """The certificates of a root whose keys are compromised."""
    return {
        key.certificate.serial_number: key.entry.compromised_at
        for key in keys
        if key.entry.compromised_at is not None
        and not key.role.is_root
        and root_of(key, [root]) is not None
    }
