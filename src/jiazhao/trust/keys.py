"""The folder of keys: private keys, their certificates, and an inventory of what is what.

    inventory.json                       role and file names, the newest of a role last
    <role>-<fingerprint>.pem             certificate
    <role>-<fingerprint>.key.pem         private key, PKCS#8, mode 0600
    iaca.crl                             what the root has withdrawn

The inventory is written last: files that it does not name were left by an interrupted start
and mean nothing. Who can read this folder can sign licences; who can change it can make every
verifier distrust them. Gap: the keys are not encrypted at rest.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.trust.certificates import CertifiedKey, Validity
from jiazhao.trust.crl import empty_revocation_list, is_due
from jiazhao.trust.durable import write_durably
from jiazhao.trust.hierarchy import (
    Role,
    Trust,
    TrustPlan,
    make_root,
    make_signer,
    signer_validity,
)
from jiazhao.trust.software import SoftwareSigner

_MAX_FILE = 256 * 1024
"""A key or certificate has a few kilobytes, an inventory grows by a line a year."""

_INVENTORY = "inventory.json"
_REVOCATION_LIST = "iaca.crl"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key of the inventory; a root that is kept elsewhere has no key here."""

    role: Role
    certificate: str
    key: str | None = None


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `inventory.json` holds."""

    keys: list[Entry]
    version: int = 1


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A certificate of the folder, with its key where the folder has it."""

    role: Role
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | None

    def holds(self, *instants: datetime) -> bool:
        """Whether the certificate is valid at all of `instants`."""
        validity = Validity.of(self.certificate)
        return all(instant in validity for instant in instants)


class KeyStore:
    """Loads the keys of a folder and, for the demonstration, makes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, *, now: datetime) -> Trust:
        """The newest keys that hold at `now`.

        Raises `ConfigurationError` where a file is absent, not what it should be, open to
        other users, or where no certificate of a role holds at `now`.
        """
        with _readable(self._folder):
            return self._trust(now)

    def open(
        self, plan: TrustPlan, *, now: datetime, at_least: timedelta = timedelta(days=90)
    ) -> Trust:
        """As `load`, but makes what is absent or holds for less than `at_least` from `now`.

        `at_least` must exceed the life of an issued copy: a copy is refused once the
        certificate of its signer has ended. Roots made here have their key beside them,
        which suits a demonstration only.
        """
        with _readable(self._folder):
            _make_private(self._folder)
            with _locked(self._folder):
                kept = self._read() if (self._folder / _INVENTORY).exists() else []
                _require_same_issuer(kept, plan)
                made = _missing(kept, plan, now=now, until=now + at_least)
                if made:
                    self._add(made)
                self._renew_revocation_list(now)
            return self._trust(now)

    def _trust(self, now: datetime) -> Trust:
        trust = _trust(self._read(), now=now)
        path = self._folder / _REVOCATION_LIST
        return replace(trust, revocation_list=path.read_bytes() if path.exists() else None)

    def _renew_revocation_list(self, now: datetime) -> None:
        root = _newest(self._read(), Role.IACA_ROOT, now)
        path = self._folder / _REVOCATION_LIST
        if root is None or root.key is None:
            return
        if not path.exists() or is_due(path.read_bytes(), now=now):
            certified = CertifiedKey(root.certificate, root.key)
            write_durably(path, empty_revocation_list(certified, now=now))

    def _read(self) -> list[StoredKey]:
        if self._folder.stat().st_mode & 0o077:
            raise _refusal(self._folder.name, "other users can enter the folder / 目录权限过宽")
        try:
            inventory = msgspec.json.decode(self._content(_INVENTORY), type=Inventory)
        except msgspec.DecodeError as error:
            raise _refusal(_INVENTORY, "not an inventory / 格式不正确") from error
        if inventory.version != 1:
            raise _refusal(_INVENTORY, "unknown version / 版本不支持")
        return [self._stored(entry) for entry in inventory.keys]

    def _stored(self, entry: Entry) -> StoredKey:
        certificate = _certificate(entry.certificate, self._content(entry.certificate))
        if entry.key is None:
            return StoredKey(entry.role, certificate, None)
        if (self._folder / entry.key).stat().st_mode & 0o077:
            raise _refusal(entry.key, "other users can read the key / 私钥权限过宽")
        key = _private_key(entry.key, self._content(entry.key))
        if key.public_key() != certificate.public_key():
            raise _refusal(entry.key, "not the key of its certificate / 私钥与证书不符")
        return StoredKey(entry.role, certificate, key)

    def _content(self, name: str) -> bytes:
        if Path(name).name != name:
            raise _refusal(name, "must lie in the folder itself / 须在本目录内")
        with (self._folder / name).open("rb") as file:
            content = file.read(_MAX_FILE + 1)
        if len(content) > _MAX_FILE:
            raise _refusal(name, "too large / 文件过大")
        return content

    def _add(self, made: list[tuple[Role, CertifiedKey]]) -> None:
        path = self._folder / _INVENTORY
        known = msgspec.json.decode(path.read_bytes(), type=Inventory).keys if path.exists() else []
        new = [self._write(role, certified) for role, certified in made]
        text = msgspec.json.format(msgspec.json.encode(Inventory(keys=[*known, *new])))
        write_durably(path, text + b"\n", mode=0o600)

    def _write(self, role: Role, certified: CertifiedKey) -> Entry:
        stem = f"{role}-{certified.certificate.fingerprint(SHA256()).hex()[:16]}"
        entry = Entry(role=role, certificate=f"{stem}.pem", key=f"{stem}.key.pem")
        pem = certified.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_durably(self._folder / f"{stem}.key.pem", pem, mode=0o600)
        write_durably(
            self._folder / entry.certificate, certified.certificate.public_bytes(Encoding.PEM)
        )
        return entry


def _trust(keys: list[StoredKey], *, now: datetime) -> Trust:
    roots = tuple(key.certificate for key in reversed(keys) if key.role is Role.IACA_ROOT)
    return Trust(
        iaca_roots=roots,
        document_signer=_signer(keys, Role.DOCUMENT_SIGNER, roots, now=now),
        status_signer=_signer(keys, Role.STATUS_SIGNER, roots, now=now),
    )


def _signer(
    keys: list[StoredKey], role: Role, roots: tuple[x509.Certificate, ...], *, now: datetime
) -> SoftwareSigner:
    stored = _newest(keys, role, now)
    if stored is None or stored.key is None:
        raise _refusal(role, f"no key holds at {now:%Y-%m-%d} / 该日没有可用的密钥")
    if not any(_issued(stored.certificate, root) for root in roots):
        raise _refusal(role, "not issued by a root of this folder / 不是由本目录的根证书签发")
    return SoftwareSigner(stored.key, [stored.certificate])


def _newest(keys: list[StoredKey], role: Role, *instants: datetime) -> StoredKey | None:
    holding = [key for key in keys if key.role is role and key.holds(*instants)]
    return holding[-1] if holding else None


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _missing(
    kept: list[StoredKey], plan: TrustPlan, *, now: datetime, until: datetime
) -> list[tuple[Role, CertifiedKey]]:
    """The keys to make so that each role holds from `now` until `until`."""
    signers = (Role.DOCUMENT_SIGNER, Role.STATUS_SIGNER)
    wanted = [role for role in signers if _newest(kept, role, now, until) is None]
    if not wanted:
        return []
    need = signer_validity(now)
    stored = _newest(kept, Role.IACA_ROOT, need.not_before, need.not_after)
    made: list[tuple[Role, CertifiedKey]] = []
    if stored is not None and stored.key is not None:
        root = CertifiedKey(stored.certificate, stored.key)
    else:
        root = make_root(plan, now=now)
        made.append((Role.IACA_ROOT, root))
    return made + [(role, make_signer(role, plan, root=root, now=now)) for role in wanted]


def _require_same_issuer(keys: list[StoredKey], plan: TrustPlan) -> None:
    for key in keys:
        if key.role is not Role.IACA_ROOT and (named := _issuer_uri(key)) != plan.issuer_uri:
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


def _certificate(name: str, content: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError as error:
        raise _refusal(name, "not a certificate / 不是证书") from error


def _private_key(name: str, content: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise _refusal(name, "not an unencrypted private key / 不是未加密的私钥") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _refusal(name, "not an elliptic-curve key / 不是椭圆曲线私钥")
    return key


def _make_private(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        # `mkdir` obeys the umask, which may have taken more or nothing.
        folder.chmod(0o700)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Two processes that start at once must not each make a root. The lock dies with us."""
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Turn a refusal of the file system into an error of configuration."""
    try:
        yield
    except OSError as error:
        named = Path(error.filename).name if isinstance(error.filename, str) else folder.name
        raise _refusal(named, error.strerror or type(error).__name__) from error


def _refusal(key: str, reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key=key, reason=reason)
