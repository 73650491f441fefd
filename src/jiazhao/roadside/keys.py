"""Enforcement keys: what wallets seal licence codes for, and terminals open them with.

A key for each day in China, for shown codes, and one for each year, for printed ones. They are made
ahead, so that a wallet without a network has those of the weeks to come. The private half rests
wrapped under the key of keys, goes to a terminal at the start of a shift, and is deleted when
nothing of its time can still come in: a code that somebody filmed is opened by nobody after that.
Source: docs/specs/licence-code.md, "Keys of the day and of the year".
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiazhao.licence.legal_day import legal_day
from jiazhao.roadside import store
from jiazhao.roadside.store import KeyKind, StoredKey
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.personal_data import KeyWrapper

__all__ = ["EnforcementKeys", "KeyKind", "PrivateKey", "PublicKeyOfPeriod", "day_number"]

DAYS_AHEAD: Final = 30
"""A wallet that is out of reach for a month still shows codes."""
_MADE_AHEAD: Final = DAYS_AHEAD + 1
"""One more, so that the list of the next day stands before midnight."""

_SCALAR_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class PublicKeyOfPeriod:
    """What codes of one period are sealed for: a compressed point of 33 octets."""

    kind: KeyKind
    period: int
    point: bytes


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What opens the codes of one period."""

    kind: KeyKind
    period: int
    key: ec.EllipticCurvePrivateKey = field(repr=False)


class EnforcementKeys:
    """Makes, gives out and forgets keys; `keep` is how long after its day a private half stays."""

    __slots__ = ("_database", "_keep", "_known", "_lock", "_opened", "_wrapper")

    def __init__(self, database: Database, wrapper: KeyWrapper, keep: timedelta) -> None:
        self._database, self._wrapper, self._keep = database, wrapper, keep
        self._known: Sequence[PublicKeyOfPeriod] = ()
        self._opened: dict[tuple[KeyKind, int], PrivateKey] = {}
        self._lock = threading.Lock()

    # -- for wallets

    def public_keys(self, now: datetime) -> Sequence[PublicKeyOfPeriod]:
        """The keys of today and the thirty days to come, the earliest first."""
        today = day_number(legal_day(now))
        known = self._known
        if not known or known[0].period != today:
            known = self._public(KeyKind.DAY, range(today, today + DAYS_AHEAD + 1), now)
            self._known = known
        return known

    def year_key(self, now: datetime) -> PublicKeyOfPeriod:
        """What backup codes of this year are sealed for."""
        (key,) = self._public(KeyKind.YEAR, [legal_day(now).year], now)
        return key

    # -- for terminals, and for the server's own opening of codes

    def private_keys(self, now: datetime) -> Sequence[PrivateKey]:
        """What a shift needs: yesterday, today and tomorrow; last year and this."""
        today = legal_day(now)
        number = day_number(today)
        return [
            *self._private(KeyKind.DAY, [number - 1, number, number + 1], now),
            *self._private(KeyKind.YEAR, [today.year - 1, today.year], now),
        ]

    def opener(self, kind: int, period: int, now: datetime) -> ec.EllipticCurvePrivateKey | None:
        """What opens codes of a kind and period; None where there is no such key, or no more.

        No key is made for it: what a code says of its period is the word of who shows it.
        """
        if kind not in (KeyKind.DAY, KeyKind.YEAR):
            return None
        return self._opener(KeyKind(kind), period, now)

    # -- for what terminals record without a network

    def records_key(self, now: datetime) -> PublicKeyOfPeriod:
        """What the terminal of a shift that begins now seals its records for."""
        (key,) = self._public(KeyKind.RECORDS, [day_number(legal_day(now))], now)
        return key

    def records_opener(self, period: int, now: datetime) -> ec.EllipticCurvePrivateKey | None:
        """What opens the records of shifts that began on a day; None where it is gone."""
        return self._opener(KeyKind.RECORDS, period, now)

    # -- keeping

    def make_ahead(self, now: datetime) -> None:
        """Make what is missing of the keys of now and of the time to come."""
        today = day_number(legal_day(now))
        self._stored(KeyKind.DAY, range(today - 1, today + _MADE_AHEAD + 1), now)
        self.year_key(now)
        self.records_key(now)

    def forget(self, now: datetime) -> int:
        """Delete the private halves whose time is over; returns how many."""

        def act(db: Connection) -> int:
            return sum(
                store.forget_private_halves(db, kind, self._first_kept(kind, now))
                for kind in KeyKind
            )

        return self._database.write(act)

    def wrap_anew(self) -> int:
        """Wrap what a former key of keys has wrapped under the present one; returns how many."""
        if not self._wrapper.has_former:
            return 0

        def act(db: Connection) -> int:
            former = [
                (key, key.wrapped)
                for key in store.with_private_half(db)
                if key.wrapped is not None and self._wrapper.is_former(key.wrapped)
            ]
            for key, wrapped in former:
                context = _context(key.kind, key.period)
                scalar = self._wrapper.unwrap(wrapped, context)
                store.wrap_anew(db, key, self._wrapper.wrap(scalar, context))
            return len(former)

        return self._database.write(act)

    # -- the steps that they share

    def _opener(
        self, kind: KeyKind, period: int, now: datetime
    ) -> ec.EllipticCurvePrivateKey | None:
        if period < self._first_kept(kind, now):
            return None
        with self._database.reading() as db:
            found = self._open_all(store.find_keys(db, kind, [period]), now)
        return found[0].key if found else None

    def _first_kept(self, kind: KeyKind, now: datetime) -> int:
        """The first period whose private half is still needed.

        A backup code ends a year after it was made, so the key of a year is needed for the next. A
        shift ends on the day after it began.
        """
        oldest = legal_day(now - self._keep)
        match kind:
            case KeyKind.DAY:
                return day_number(oldest)
            case KeyKind.YEAR:
                return oldest.year - 1
            case KeyKind.RECORDS:
                return day_number(oldest) - 1

    def _public(
        self, kind: KeyKind, periods: Iterable[int], now: datetime
    ) -> list[PublicKeyOfPeriod]:
        return [
            PublicKeyOfPeriod(key.kind, key.period, key.point)
            for key in self._stored(kind, periods, now)
        ]

    def _private(self, kind: KeyKind, periods: Iterable[int], now: datetime) -> list[PrivateKey]:
        return self._open_all(self._stored(kind, periods, now), now)

    def _stored(self, kind: KeyKind, periods: Iterable[int], now: datetime) -> list[StoredKey]:
        """The keys of these periods; what is missing is made, by one process for all."""
        wanted = list(periods)
        with self._database.reading() as db:
            found = store.find_keys(db, kind, wanted)
        if len(found) == len(wanted):
            return found
        return self._database.write(partial(self._complete, kind=kind, periods=wanted, now=now))

    def _complete(
        self, db: Connection, *, kind: KeyKind, periods: list[int], now: datetime
    ) -> list[StoredKey]:
        found = {key.period for key in store.find_keys(db, kind, periods)}
        made = [self._new(kind, period) for period in periods if period not in found]
        store.add_keys(db, made, now)
        return store.find_keys(db, kind, periods)

    def _new(self, kind: KeyKind, period: int) -> StoredKey:
        key = ec.generate_private_key(ec.SECP256R1())
        scalar = key.private_numbers().private_value.to_bytes(_SCALAR_OCTETS)
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return StoredKey(kind, period, point, self._wrapper.wrap(scalar, _context(kind, period)))

    def _open_all(self, keys: Iterable[StoredKey], now: datetime) -> list[PrivateKey]:
        """Unwrap, but for those whose private half is gone."""
        return [self._open(key, key.wrapped, now) for key in keys if key.wrapped is not None]

    def _open(self, key: StoredKey, wrapped: bytes, now: datetime) -> PrivateKey:
        name = (key.kind, key.period)
        with self._lock:
            if (known := self._opened.get(name)) is not None:
                return known
        scalar = int.from_bytes(self._wrapper.unwrap(wrapped, _context(*name)))
        opened = PrivateKey(*name, ec.derive_private_key(scalar, ec.SECP256R1()))
        with self._lock:
            self._opened[name] = opened
            for kind, period in [one for one in self._opened if not self._is_kept(one, now)]:
                del self._opened[kind, period]
        return opened

    def _is_kept(self, name: tuple[KeyKind, int], now: datetime) -> bool:
        return name[1] >= self._first_kept(name[0], now)


def day_number(day: date) -> int:
    """Days since 1970-01-01, as codes name them."""
    return (day - date(1970, 1, 1)).days


def _context(kind: KeyKind, period: int) -> str:
    """What a private half is bound to while it rests, so that none stands in for another's."""
    return f"enforcement key {kind.name.lower()} {period}"
