"""A key ceremony: one file says all that is done, and a signed transcript says that it was.

The file (TOML) names who takes part, what is done, and what people have to look at. The machine
does the acts one after another, tries every key against its certificate, and writes a transcript:
the inventory before and after, the fingerprints, the checks, and the digest of the file. The
root signs it (JWS, ES256), so it can be checked years later by whoever has the root.
"""

import tomllib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta

from jiazhao.credentials import jose
from jiazhao.credentials.signing import ES256_HASH, PublicKey, Signer
from jiazhao.errors import (
    ConfigurationError,
    ErrorCode,
    UnreadableError,
    VerificationError,
)
from jiazhao.trust.folder import Kept, StoredKey, newest, root_of
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.lifecycle import Done, KeyState, Lifecycle
from jiazhao.trust.pkcs11 import TokenKey, TokenSigner
from jiazhao.trust.software import SoftwareSigner

TYPE: Final = "key-ceremony+jwt"

MAX_TRANSCRIPT: Final = 1 << 20
"""A ceremony makes a handful of keys; an inventory grows by some lines a year."""

MAX_FILE: Final = 64 * 1024

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class Participant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who took part, and as what: operator, witness, keeper of a passphrase."""

    name: Text
    role: Text


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One act, as the verb of that name does it."""

    act: Literal["make", "rotate", "retire", "compromised"]
    roles: list[Role] = []
    """Of `make` and `rotate`."""
    fingerprint: str = ""
    """Of `retire` and `compromised`."""
    lead_hours: Annotated[int, Meta(ge=0, le=24 * 366)] | None = None
    """Of `rotate`."""


class Ceremony(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says."""

    title: Text
    place: Text
    participants: Annotated[list[Participant], Meta(min_length=2, max_length=50)]
    """Two at least: nobody handles the keys of an issuer alone."""
    steps: Annotated[list[Step], Meta(min_length=1, max_length=50)]
    looked_at: Annotated[list[Text], Meta(max_length=50)] = []
    """What people have looked at with their own eyes, in their words."""


class Tried(msgspec.Struct, frozen=True):
    """What the machine tried of one key."""

    fingerprint: str
    what: Literal["signs-for-its-certificate", "issued-by-its-root", "not-in-a-plain-file"]
    passed: bool


class Transcript(msgspec.Struct, frozen=True):
    """What was done, as the root signed it."""

    title: str
    place: str
    held_at: datetime
    file_sha256: str
    participants: list[Participant]
    steps: list[Step]
    looked_at: list[str]
    before: list[KeyState]
    changed: list[KeyState]
    after: list[KeyState]
    tried: list[Tried]

    @property
    def is_clean(self) -> bool:
        """Whether all that was tried has passed."""
        return all(one.passed for one in self.tried)


@dataclass(frozen=True, slots=True)
class Checked:
    """A transcript that a trusted root signed, held against a folder."""

    transcript: Transcript
    not_in_transcript: list[str]
    """Fingerprints of keys that the folder has and the ceremony did not see."""


def read_ceremony(octets: bytes) -> Ceremony:
    """Read the file; raises `UnreadableError`."""
    if len(octets) > MAX_FILE:
        raise UnreadableError(ErrorCode.LIMIT_EXCEEDED, what="ceremony", limit=f"{MAX_FILE} bytes")
    try:
        ceremony = msgspec.convert(tomllib.loads(octets.decode("utf-8")), Ceremony)
    except (ValueError, msgspec.ValidationError) as error:
        reason = str(error).split("\n", 1)[0][:200]
        raise UnreadableError(ErrorCode.UNREADABLE, what="ceremony", reason=reason) from error
    for number, step in enumerate(ceremony.steps, 1):
        names_key = step.act in {"retire", "compromised"}
        if names_key is not bool(step.fingerprint) or names_key is bool(step.roles):
            reason = f"step {number}: {step.act} takes {'a fingerprint' if names_key else 'roles'}"
            raise UnreadableError(ErrorCode.UNREADABLE, what="ceremony", reason=reason)
    return ceremony


def hold(lifecycle: Lifecycle, octets: bytes, now: datetime) -> str:
    """Do what the file says and return the signed transcript.

    An act that was done by a ceremony that was cut short is not done twice: `make` makes what is
    missing. Raises what the acts raise, and `ConfigurationError` where no root's key is here.
    """
    ceremony = read_ceremony(octets)
    before = lifecycle.show(now) if lifecycle.folder.exists() else []
    changed: dict[str, KeyState] = {}
    for step in ceremony.steps:
        for done in _acts(lifecycle, step, now):
            changed |= {one.fingerprint: one for one in done.keys}
    with lifecycle.folder.readable():
        keys = lifecycle.folder.read()
    after = lifecycle.show(now)
    transcript = Transcript(
        title=ceremony.title,
        place=ceremony.place,
        held_at=now,
        file_sha256=sha256(octets).hexdigest(),
        participants=ceremony.participants,
        steps=ceremony.steps,
        looked_at=ceremony.looked_at,
        before=before,
        changed=[one for one in after if one.fingerprint in changed],
        after=after,
        tried=[tried for key in keys if key.is_usable for tried in _try(key, keys)],
    )
    claims = {"iat": int(now.timestamp()), "ceremony": msgspec.to_builtins(transcript)}
    return jose.sign(claims, _root_signer(keys, now), typ=TYPE, with_chain=True)


def check(token: str, *, anchors: Sequence[bytes], present: Sequence[KeyState] = ()) -> Checked:
    """Return what a root among `anchors` signed, held against the keys that are `present`.

    Raises `VerificationError` or `UnreadableError`.
    """
    parsed = jose.parse(token, expected_typ=TYPE, max_chars=MAX_TRANSCRIPT)
    claims = parsed.verify(_key_of(parsed.header, anchors))
    try:
        transcript = msgspec.convert(claims.get("ceremony"), Transcript)
    except msgspec.ValidationError as error:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason="not a transcript") from error
    seen = {one.fingerprint for one in transcript.after}
    return Checked(transcript, [one.fingerprint for one in present if one.fingerprint not in seen])


def _acts(lifecycle: Lifecycle, step: Step, now: datetime) -> list[Done]:
    match step.act:
        case "make":
            return [lifecycle.make(step.roles, now)]
        case "rotate":
            lead = None if step.lead_hours is None else timedelta(hours=step.lead_hours)
            return [lifecycle.rotate(role, now, lead=lead) for role in step.roles]
        case "retire":
            return [lifecycle.retire(step.fingerprint, now)]
        case "compromised":
            return [lifecycle.compromised(step.fingerprint, now)]


def _try(stored: StoredKey, keys: list[StoredKey]) -> list[Tried]:
    """Try a key that is here against its certificate."""
    tried = [
        Tried(stored.fingerprint, "issued-by-its-root", root_of(stored, keys) is not None),
        Tried(stored.fingerprint, "not-in-a-plain-file", stored.kept is not Kept.PLAIN_FILE),
    ]
    key, public = stored.open(), stored.certificate.public_key()
    if key is not None and isinstance(public, ec.EllipticCurvePublicKey):
        probe = b"jiazhao key ceremony"
        try:
            public.verify(key.sign(probe, ES256_HASH), probe, ES256_HASH)
        except InvalidSignature:
            tried.append(Tried(stored.fingerprint, "signs-for-its-certificate", passed=False))
        else:
            tried.append(Tried(stored.fingerprint, "signs-for-its-certificate", passed=True))
    return tried


def _root_signer(keys: list[StoredKey], now: datetime) -> Signer:
    root = newest([key for key in keys if key.may_sign(now)], Role.IACA_ROOT)
    key = root.open() if root is not None else None
    if root is None or key is None:
        raise ConfigurationError(ErrorCode.ROOT_KEY_ELSEWHERE, role=Role.IACA_ROOT)
    if isinstance(key, TokenKey):
        return TokenSigner(key, [root.certificate])
    return SoftwareSigner(key, [root.certificate])


def _key_of(header: Mapping[str, Any], anchors: Sequence[bytes]) -> PublicKey:
    """The key of the root that the header names, if it is one of those that we trust."""
    chain = header.get("x5c")
    for anchor in anchors:
        if chain == [b64encode(anchor).decode()]:
            return PublicKey.of(x509.load_der_x509_certificate(anchor).public_key())
    raise VerificationError(ErrorCode.UNKNOWN_ISSUER)
