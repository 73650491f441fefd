"""What a terminal holds during a shift, read from the bundle that the server gave it.

For terminals that are not browsers. The bundle holds private keys: who has it opens the codes of
these days. It is deleted when the shift ends, and is of no use after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta, Struct

from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import Kind
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_code import Checker, CodeSettings, HandleCheck, LastCounter
from jiazhao.rules.tables import TABLE_NAMES, load_tables

MAX_SHIFT_OCTETS: Final = 4 * 1024 * 1024
"""Some hundred certificates and all rule tables take a tenth of it."""

_WHAT: Final = "shift"
_TABLE_OF_FILE: Final = {file: table for table, file in TABLE_NAMES.items()}
_P256: Final = ec.SECP256R1()
_Seconds = Annotated[int, Meta(ge=0, le=366 * 86_400)]


class _Trust(Struct):
    roots: list[str]
    signers: list[str]
    compromised: list[str]


class _Key(Struct):
    kind: int
    period: int
    jwk: dict[str, str]


class _Settings(Struct):
    code_seconds: _Seconds
    skew_seconds: _Seconds
    challenge_after_seconds: _Seconds
    snapshot_max_age_seconds: _Seconds


class _Bundle(Struct):
    """The members that a check needs; there are more."""

    opened_at: datetime
    ends_at: datetime
    trust: _Trust
    keys: list[_Key]
    beacon: str
    rules: dict[str, Any]
    settings: _Settings


@dataclass(frozen=True, slots=True)
class Shift:
    """An open shift on a terminal."""

    opened_at: datetime
    ends_at: datetime
    trust: TrustAnchors
    settings: CodeSettings
    _bundle: _Bundle = field(repr=False)

    def require_open(self, now: datetime) -> None:
        """Raise `VerificationError` outside of its time: then nothing may be judged by it."""
        if not self.opened_at - self.settings.skew <= now < self.ends_at:
            raise VerificationError(
                ErrorCode.SHIFT_NOT_OPEN,
                since=self.opened_at.isoformat(timespec="minutes"),
                until=self.ends_at.isoformat(timespec="minutes"),
            )

    def checker(
        self,
        *,
        now: datetime,
        last_counter: LastCounter,
        status: HandleCheck | None,
        release_table: Callable[[str], bytes],
    ) -> Checker:
        """Put together what a check needs; tables that the bundle leaves out are the release's.

        Raises `UnreadableError` where the bundle holds something that is none of it.
        """
        bundle = self._bundle

        def table(name: str) -> bytes:
            given = bundle.rules.get(_TABLE_OF_FILE[name])
            return release_table(name) if given is None else msgspec.json.encode(given)

        return Checker(
            trust=self.trust,
            signers=_octets(bundle.trust.signers),
            keys={_kind(key): _private_key(key.jwk) for key in bundle.keys},
            rules=load_tables(table).on(legal_day(now)),
            beacon=parse_beacon(read_base64url(bundle.beacon, _WHAT)),
            last_counter=last_counter,
            status=status,
            settings=self.settings,
        )


def read_shift(octets: bytes) -> Shift:
    """Read a bundle (JSON), or raise `UnreadableError`."""
    try:
        bundle = msgspec.json.decode(octets, type=_Bundle)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        # What did not fit is not repeated: it may be a key.
        raise UnreadableError(
            ErrorCode.UNREADABLE, what=_WHAT, reason=type(error).__name__
        ) from None
    if bundle.opened_at.tzinfo is None or bundle.ends_at.tzinfo is None:
        raise UnreadableError(ErrorCode.UNREADABLE, what=_WHAT, reason="time without an offset")
    settings = bundle.settings
    return Shift(
        opened_at=bundle.opened_at,
        ends_at=bundle.ends_at,
        trust=TrustAnchors(
            _octets(bundle.trust.roots), frozenset(_octets(bundle.trust.compromised))
        ),
        settings=CodeSettings(
            life=timedelta(seconds=settings.code_seconds),
            skew=timedelta(seconds=settings.skew_seconds),
            challenge_after=timedelta(seconds=settings.challenge_after_seconds),
            snapshot_max_age=timedelta(seconds=settings.snapshot_max_age_seconds),
        ),
        _bundle=bundle,
    )


def _octets(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(read_base64url(text, _WHAT) for text in texts)


def _kind(key: _Key) -> tuple[Kind, int]:
    try:
        return Kind(key.kind), key.period
    except ValueError:
        raise UnreadableError(ErrorCode.UNREADABLE, what=_WHAT, reason="kind of key") from None


def _private_key(jwk: Mapping[str, str]) -> ec.EllipticCurvePrivateKey:
    """Read a private JWK whose two halves belong together."""
    scalar = int.from_bytes(read_base64url(jwk.get("d"), _WHAT))
    try:
        key = ec.derive_private_key(scalar, _P256)
    except ValueError:
        raise UnreadableError(ErrorCode.UNREADABLE, what=_WHAT, reason="private key") from None
    public = {name: value for name, value in jwk.items() if name in {"kty", "crv", "x", "y"}}
    if PublicKey.of(key.public_key()).point != PublicKey.from_jwk(public).point:
        raise UnreadableError(ErrorCode.UNREADABLE, what=_WHAT, reason="halves of a key") from None
    return key
