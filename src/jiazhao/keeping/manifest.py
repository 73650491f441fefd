"""What a backup consists of, signed by the deployment's signer of status lists.

A backup is a folder. `manifest.jwt` (JWS, ES256, with the signer's certificate) names every other
file with its length and SHA-256, so a file that is cut short, changed, missing or added is seen
before anything is done with the backup.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from jiazhao.credentials import jose
from jiazhao.credentials.chain import STATUS_SIGNING, verify_chain
from jiazhao.credentials.signing import Signer
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.storage.personal_data import KEY_FILE
from jiazhao.trust.anchors import read_root
from jiazhao.trust.folder import INVENTORY, Inventory
from jiazhao.trust.hierarchy import Role

NAME: Final = "manifest.jwt"
TYPE: Final = "jiazhao-backup+jwt"
ROWS: Final = "database.rows"
SETTINGS: Final = "settings.toml"
KEYS: Final = "keys"
OPEN_KEYS: Final = "open-keys"

LOOKUP_KEY: Final = "lookup.key"
REGISTER_KEYS: Final = (LOOKUP_KEY, KEY_FILE)
"""Secrets of 32 octets without which a restored register finds and knows nobody."""

MAX_MANIFEST: Final = 1 << 20
_PIECE: Final = 1 << 20

Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a backup, by its path from the backup's folder on."""

    name: Annotated[str, Meta(pattern=r"\A([a-z-]+/)?[A-Za-z0-9_.-]+\Z", max_length=200)]
    octets: Annotated[int, Meta(ge=0, le=1 << 62)]
    sha256: Sha256


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the signer says of a backup."""

    version: Annotated[int, Meta(ge=1, le=1)]
    issuer: str
    taken_at: datetime
    """Before the snapshot began: what was acknowledged before is in it."""
    schema: str
    """The revision of the database's schema."""
    program: str
    rows: dict[str, Annotated[int, Meta(ge=0)]]
    """How many rows each table has."""
    key_marks: dict[str, Sha256]
    """By the name of a secret key, what only that key gives: see `mark`."""
    parts: Annotated[list[Part], Meta(max_length=10_000)]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose every octet was found to be as it was signed."""

    folder: Path
    manifest: Manifest
    digest: bytes
    """SHA-256 of the manifest as it lies there."""

    def path(self, part: str) -> Path:
        """Where a part lies."""
        return self.folder / part

    def parts_in(self, folder: str) -> list[str]:
        """The names of the parts in one folder of the backup, without the folder."""
        return [
            part.name.removeprefix(f"{folder}/")
            for part in self.manifest.parts
            if part.name.startswith(f"{folder}/")
        ]


def mark(key: bytes, name: str, taken_at: datetime) -> str:
    """What only a secret key gives for a backup: whether a key belongs to it can be told."""
    return keyed_hash(key, "backup", f"{name}\0{taken_at.isoformat()}").hex()


def sign(manifest: Manifest, signer: Signer) -> bytes:
    """The manifest as it lies in the backup."""
    claims = {
        "iat": int(manifest.taken_at.timestamp()),
        "iss": manifest.issuer,
        "backup": msgspec.to_builtins(manifest),
    }
    return jose.sign(claims, signer, typ=TYPE, with_chain=True).encode()


def open_backup(
    folder: Path,
    anchors: Iterable[bytes],
    *,
    compromised: frozenset[bytes] = frozenset(),
    advance: Callable[[int], None] = lambda _: None,
) -> Backup:
    """Read a backup through, from its manifest to its last octet.

    Raises `UnreadableError` (BACKUP_DAMAGED) where anything is not as it was signed, and
    `VerificationError` (BACKUP_NOT_TRUSTED) where no root of `anchors` vouches for the signer.
    """
    octets = _manifest_octets(folder)
    manifest = _verified(octets, tuple(anchors), compromised)
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    named = {part.name for part in manifest.parts} | {NAME}
    if len(named) != len(manifest.parts) + 1 or found != named:
        different = min(found ^ named, default=NAME)
        raise damaged(different, "missing or not of it / 缺失或多余")
    for part in manifest.parts:
        _compare(folder / part.name, part, advance)
    return Backup(folder, manifest, sha256(octets).digest())


def roots_in(folder: Path) -> tuple[bytes, ...]:
    """The IACA roots that a backup brings along, DER; raises `UnreadableError` (BACKUP_DAMAGED).

    They vouch for nothing until somebody has compared their fingerprints.
    """
    keys = folder / KEYS
    try:
        inventory = msgspec.json.decode(_small(keys / INVENTORY), type=Inventory)
        return tuple(
            read_root(_small(keys / Path(entry.certificate).name))
            for entry in inventory.keys
            if entry.role is Role.IACA_ROOT
        )
    except (OSError, msgspec.DecodeError, UnreadableError) as error:
        raise damaged(f"{KEYS}/{INVENTORY}", "no roots / 没有根证书") from error


def _small(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_MANIFEST)


def _manifest_octets(folder: Path) -> bytes:
    try:
        with (folder / NAME).open("rb") as file:
            octets = file.read(MAX_MANIFEST + 1)
    except OSError as error:
        raise damaged(NAME, error.strerror or type(error).__name__) from error
    if len(octets) > MAX_MANIFEST or not octets.isascii():
        raise damaged(NAME, "not a manifest / 不是备份清单")
    return octets


def _verified(octets: bytes, anchors: tuple[bytes, ...], compromised: frozenset[bytes]) -> Manifest:
    try:
        parsed = jose.parse(octets.decode(), expected_typ=TYPE, max_chars=MAX_MANIFEST)
        manifest = msgspec.convert(parsed.claims.get("backup"), Manifest)
        chain = parsed.chain()
    except (JiazhaoError, msgspec.ValidationError) as error:
        raise damaged(NAME, "not a manifest / 不是备份清单") from error
    try:
        key = verify_chain(
            chain,
            anchors=anchors,
            now=manifest.taken_at.astimezone(UTC),
            purpose=STATUS_SIGNING,
            compromised=compromised,
        )
    except JiazhaoError as error:
        raise VerificationError(ErrorCode.BACKUP_NOT_TRUSTED, reason=error.code.wire) from error
    try:
        parsed.verify(key)
    except VerificationError as error:
        raise damaged(NAME, "signature / 签名不符") from error
    return manifest


def _compare(path: Path, part: Part, advance: Callable[[int], None]) -> None:
    try:
        if path.is_symlink() or path.stat().st_size != part.octets:
            raise damaged(part.name, "another length / 长度不符")
        found = sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                found.update(piece)
                advance(len(piece))
    except OSError as error:
        raise damaged(part.name, error.strerror or type(error).__name__) from error
    if found.hexdigest() != part.sha256:
        raise damaged(part.name, "SHA-256")


def damaged(part: str, reason: str) -> UnreadableError:
    """A backup that is not as it was signed."""
    return UnreadableError(ErrorCode.BACKUP_DAMAGED, part=part, reason=reason)
