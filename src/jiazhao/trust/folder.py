"""The folder of keys: private keys, their certificates, and an inventory of what is what.

    inventory.json                       role and file names, the newest of a role last
    <role>-<fingerprint>.pem             certificate
    <role>-<fingerprint>.key.pem         private key, PKCS#8, mode 0600; none where a token has it
    iaca.crl, reader.crl, wallet.crl     what the newest root of each kind has withdrawn

The inventory is written last: files that it does not name were left by an interrupted act and
mean nothing. Who can read this folder and the passphrase, or use the token with its PIN, can sign
licences; who can change the folder can make every verifier distrust them.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.trust.certificates import CertifiedKey, Validity
from jiazhao.trust.durable import destroy_durably, write_durably
from jiazhao.trust.hierarchy import Role, new_key
from jiazhao.trust.keeping import Keeping, is_encrypted
from jiazhao.trust.pkcs11 import TokenKey

_MAX_FILE = 256 * 1024
"""A key or certificate has a few kilobytes, an inventory grows by a line a year."""

INVENTORY = "inventory.json"
REVOCATION_LISTS = {
    Role.IACA_ROOT: "iaca.crl",
    Role.READER_ROOT: "reader.crl",
    Role.WALLET_ROOT: "wallet.crl",
}


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One key of the inventory; one that is kept elsewhere, or was destroyed, has no key here."""

    role: Role
    certificate: str
    key: str | None = None
    """File of the private key."""
    token_key: str | None = None
    """Id of the private key on the token, in hexadecimal."""
    signs_from: datetime | None = None
    """Until then the one before it signs, so that verifiers can learn of this one."""
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `inventory.json` holds."""

    keys: list[Entry]
    version: int = 1


class Kept(StrEnum):
    """Where a private key is."""

    ENCRYPTED_FILE = "encrypted-file"
    PLAIN_FILE = "plain-file"
    TOKEN = "token"  # noqa: S105 - a place, not a secret
    ELSEWHERE = "elsewhere"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A certificate of the folder, and the way to its key where the folder has one."""

    entry: Entry
    certificate: x509.Certificate
    kept: Kept
    _open: Callable[[], ec.EllipticCurvePrivateKey] | None = field(repr=False)

    @property
    def role(self) -> Role:
        """What the key is for."""
        return self.entry.role

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def is_usable(self) -> bool:
        """Whether it was neither retired nor compromised."""
        return self.entry.retired_at is None and self.entry.compromised_at is None

    def holds(self, *instants: datetime) -> bool:
        """Whether the certificate is valid at all of `instants`."""
        validity = Validity.of(self.certificate)
        return all(instant in validity for instant in instants)

    def may_sign(self, now: datetime) -> bool:
        """Whether it may sign at `now`: usable, valid, and no longer waiting."""
        begins = self.entry.signs_from
        return self.is_usable and self.holds(now) and (begins is None or begins <= now)

    def open(self) -> ec.EllipticCurvePrivateKey | None:
        """The private key, None where it is not here; raises `ConfigurationError`."""
        return self._open() if self._open is not None else None

    def certified(self) -> CertifiedKey | None:
        """The certificate with its key, None where that is not here."""
        key = self.open()
        return CertifiedKey(self.certificate, key) if key is not None else None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made and is not in the inventory yet."""

    role: Role
    certified: CertifiedKey
    signs_from: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return self.certified.certificate.fingerprint(SHA256()).hex()


class KeyFolder:
    """Reads and writes the folder; `keeping` says how private keys are kept."""

    def __init__(self, path: Path, keeping: Keeping) -> None:
        self.path = path
        self._keeping = keeping

    def exists(self) -> bool:
        """Whether an inventory was written."""
        return (self.path / INVENTORY).exists()

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Changes whenever what the folder says has changed; raises `ConfigurationError`."""
        with self.readable():
            return tuple(
                (found.st_mtime_ns, found.st_ino, found.st_size)
                for name in (INVENTORY, *REVOCATION_LISTS.values())
                if (path := self.path / name).exists() and (found := path.stat())
            )

    def read(self) -> list[StoredKey]:
        """What the inventory names; private keys are opened later, one by one."""
        if self.path.stat().st_mode & 0o077:
            raise refusal(self.path.name, "other users can enter the folder / 目录权限过宽")
        return [self._stored(entry) for entry in self._inventory()]

    def new_key(self, role: Role) -> ec.EllipticCurvePrivateKey:
        """Make a private key where new ones belong; it counts when it stands in the inventory."""
        if self._keeping.token is not None:
            return self._keeping.token.make_key(f"jiazhao {role}")
        return new_key()

    def write(
        self,
        made: Iterable[NewKey] = (),
        *,
        change: Callable[[Entry, StoredKey], Entry] = lambda entry, _stored: entry,
    ) -> None:
        """Add keys and change entries, all in one step."""
        kept = self.read() if self.exists() else []
        entries = [change(stored.entry, stored) for stored in kept]
        entries += [self._write_key(one) for one in made]
        text = msgspec.json.format(msgspec.json.encode(Inventory(keys=entries)))
        write_durably(self.path / INVENTORY, text + b"\n", mode=0o600)

    def destroy(self, stored: StoredKey) -> None:
        """Destroy a private key, wherever it is; repeated without harm."""
        if stored.entry.key is not None:
            destroy_durably(self.path / stored.entry.key)
        if stored.entry.token_key is not None:
            if self._keeping.token is None:
                raise refusal(
                    "pkcs11_token", "is needed to destroy the key / 销毁密钥须设置密钥设备"
                )
            self._keeping.token.destroy(bytes.fromhex(stored.entry.token_key))

    def revocation_list(self, root: Role) -> bytes | None:
        """What the newest root of a kind has withdrawn, DER."""
        path = self.path / REVOCATION_LISTS[root]
        return self._content(path.name) if path.exists() else None

    def write_revocation_list(self, root: Role, der: bytes) -> None:
        """Replace the list in one step."""
        write_durably(self.path / REVOCATION_LISTS[root], der)

    def make_private(self) -> None:
        """Make the folder itself, for its owner alone."""
        if not self.path.exists():
            self.path.mkdir(mode=0o700, parents=True)
            # `mkdir` obeys the umask, which may have taken more or nothing.
            self.path.chmod(0o700)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time: two that start at once must not each make a root.

        The lock dies with its holder.
        """
        descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turn a refusal of the file system into an error of configuration."""
        try:
            yield
        except OSError as error:
            named = Path(error.filename).name if isinstance(error.filename, str) else self.path.name
            raise refusal(named, error.strerror or type(error).__name__) from error

    def _inventory(self) -> list[Entry]:
        try:
            inventory = msgspec.json.decode(self._content(INVENTORY), type=Inventory)
        except msgspec.DecodeError as error:
            raise refusal(INVENTORY, "not an inventory / 格式不正确") from error
        if inventory.version != 1:
            raise refusal(INVENTORY, "unknown version / 版本不支持")
        return inventory.keys

    def _stored(self, entry: Entry) -> StoredKey:
        certificate = _certificate(entry.certificate, self._content(entry.certificate))
        if entry.key is not None:
            return self._in_file(entry, certificate, entry.key)
        if entry.token_key is not None:
            return StoredKey(
                entry, certificate, Kept.TOKEN, lambda: self._on_token(entry, certificate)
            )
        kept = Kept.DESTROYED if entry.retired_at is not None else Kept.ELSEWHERE
        return StoredKey(entry, certificate, kept, None)

    def _in_file(self, entry: Entry, certificate: x509.Certificate, name: str) -> StoredKey:
        try:
            if (self.path / name).stat().st_mode & 0o077:
                raise refusal(name, "other users can read the key / 私钥权限过宽")
            content = self._content(name)
        except FileNotFoundError:
            if not (entry.role.is_root or entry.retired_at is not None):
                raise
            # A root's file was carried off to where it belongs; a retired one was being destroyed.
            return StoredKey(entry, certificate, Kept.ELSEWHERE, None)

        def unsealed() -> ec.EllipticCurvePrivateKey:
            key = self._keeping.unseal(name, content)
            if key.public_key() != certificate.public_key():
                raise refusal(name, "not the key of its certificate / 私钥与证书不符")
            return key

        kept = Kept.ENCRYPTED_FILE if is_encrypted(content) else Kept.PLAIN_FILE
        return StoredKey(entry, certificate, kept, unsealed)

    def _on_token(self, entry: Entry, certificate: x509.Certificate) -> TokenKey:
        public = certificate.public_key()
        if self._keeping.token is None:
            raise refusal("pkcs11_token", f"is needed for {entry.certificate} / 须设置密钥设备")
        try:
            key_id = bytes.fromhex(entry.token_key or "")
        except ValueError as error:
            raise refusal(INVENTORY, "not an inventory / 格式不正确") from error
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise refusal(entry.certificate, "not an elliptic-curve key / 不是椭圆曲线密钥")
        return self._keeping.token.key(key_id, public)

    def _content(self, name: str) -> bytes:
        if Path(name).name != name:
            raise refusal(name, "must lie in the folder itself / 须在本目录内")
        with (self.path / name).open("rb") as file:
            content = file.read(_MAX_FILE + 1)
        if len(content) > _MAX_FILE:
            raise refusal(name, "too large / 文件过大")
        return content

    def _write_key(self, made: NewKey) -> Entry:
        certificate, key = made.certified.certificate, made.certified.key
        stem = f"{made.role}-{made.fingerprint[:16]}"
        write_durably(self.path / f"{stem}.pem", certificate.public_bytes(Encoding.PEM))
        if isinstance(key, TokenKey):
            return Entry(
                role=made.role,
                certificate=f"{stem}.pem",
                token_key=key.key_id.hex(),
                signs_from=made.signs_from,
            )
        name = f"{stem}.key.pem"
        write_durably(self.path / name, self._keeping.seal(key), mode=0o600)
        return Entry(
            role=made.role, certificate=f"{stem}.pem", key=name, signs_from=made.signs_from
        )


def newest(keys: Iterable[StoredKey], role: Role) -> StoredKey | None:
    """The last of a role in the order of the inventory."""
    return next((key for key in reversed(list(keys)) if key.role is role), None)


def root_of(stored: StoredKey, keys: Iterable[StoredKey]) -> StoredKey | None:
    """The root of the folder that signed a certificate."""
    for root in keys:
        if root.role is stored.role.root and _issued(stored.certificate, root.certificate):
            return root
    return None


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _certificate(name: str, content: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError as error:
        raise refusal(name, "not a certificate / 不是证书") from error


def refusal(key: str, reason: str) -> ConfigurationError:
    """What is wrong with a file of the folder."""
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key=key, reason=reason)
