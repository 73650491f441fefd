"""What clients saw acknowledged, written down outside of the server, and how it is audited.

An acknowledgement is an answer 2xx that a client has read. The audit reads the database by its
own SQL, opens sealed copies by itself, and goes through none of the product's code.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jiazhao.smoke.wallet import Received


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that a wallet received."""

    holder: str
    instance: str
    thumbprint: str
    status: tuple[str, int]
    digest: bytes

    @classmethod
    def of(cls, holder: str, thumbprint: str, received: Received) -> "Copied":
        """From the copy itself."""
        if received.status is None:
            raise AssertionError("a copy without a status")
        return cls(
            holder,
            received.instance_number,
            thumbprint,
            (received.status.uri, received.status.index),
            sha256(received.octets).digest(),
        )


@dataclass(frozen=True, slots=True)
class Used:
    """A licence code that an officer was told is valid."""

    holder: str
    instance: str
    counter: int
    check_id: str


@dataclass
class Ledger:
    """All acknowledgements of one run; every method may be called by any thread."""

    offers: set[tuple[str, str]] = field(default_factory=set)
    redeemed: set[tuple[str, str]] = field(default_factory=set)
    copies: list[Copied] = field(default_factory=list)
    uses: list[Used] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Thumbprints that a holder's wallet asked a copy for, in that order."""
    points: dict[str, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))
    """Counts of points that were sent for a holder, in that order, and whether acknowledged."""
    strange: Counter[str] = field(default_factory=Counter)
    """Answers that nothing explains: an acknowledged thing unknown, a fault, a second use."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> int:
        """How many writes were acknowledged."""
        with self.lock:
            changes = sum(acked for sent in self.points.values() for _, acked in sent)
            return (
                len(self.offers) + len(self.redeemed) + len(self.copies) + len(self.uses) + changes
            )


@dataclass(frozen=True, slots=True)
class Audit:
    """What the database lacks, and what it has twice."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]


class Auditor:
    """Compares a database with a ledger; made before the first write that the ledger sees."""

    def __init__(self, database_url: str, key_file: Path | None = None) -> None:
        self._key_file = key_file
        self._engine = sa.create_engine(database_url, poolclass=sa.NullPool)
        with self._engine.connect() as db:
            self._points_before = Counter(holder for holder, _ in _points(db))

    def audit(self, ledger: Ledger) -> Audit:
        """Look for every acknowledged write; no client may be writing meanwhile."""
        with self._engine.connect() as db, ledger.lock:
            lost = [*_lost_claims(db, ledger, self._key_file), *_lost_uses(db, ledger)]
            doubled = list(_doubled(db))
            for holder, sent in ledger.points.items():
                stored = [p for h, p in _points(db) if h == holder][self._points_before[holder] :]
                missing, foreign = _compare(stored, sent)
                lost += [f"points of {holder}: {missing}"] * bool(missing)
                doubled += [f"points of {holder}: {foreign}"] * bool(foreign)
        return Audit(tuple(lost), tuple(doubled))


def _lost_claims(db: sa.Connection, ledger: Ledger, key_file: Path | None) -> Iterable[str]:
    states = {(row[0], row[1]): row[2] for row in _rows(db, _OFFERS)}
    yield from (f"offer of {holder}" for holder, _ in ledger.offers - states.keys())
    yield from (
        f"redemption of {offer[0]}"
        for offer in ledger.redeemed
        if states.get(offer, "open") == "open"
    )
    instances = {(row[0], row[1], row[2]): row[3] for row in _rows(db, _INSTANCES)}
    copies = {(row[0], row[1]): row[2:] for row in _rows(db, _COPIES)}
    cipher = AESGCM(key_file.read_bytes()) if key_file else None
    for copy in ledger.copies:
        if (copy.holder, copy.instance, copy.thumbprint) not in instances:
            yield f"instance of {copy.holder}"
        uri, index, copy_id, sealed, wrapped = copies.get(
            (copy.holder, copy.instance), ("", -1, "", b"", b"")
        )
        content = _opened(cipher, copy.holder, copy_id, sealed, wrapped)
        if ((uri, index), sha256(content).digest()) != (copy.status, copy.digest):
            yield f"copy of {copy.holder}"
    live = {holder: key for (holder, _, key), ended in instances.items() if ended is None}
    newest = {copy.holder: copy.thumbprint for copy in ledger.copies}
    for holder, thumbprint in newest.items():
        # A later key may have won although its wallet was never told.
        since = ledger.keys[holder][ledger.keys[holder].index(thumbprint) :]
        if live.get(holder) not in since:
            yield f"live instance of {holder}"


def _opened(
    cipher: AESGCM | None, holder: str, copy_id: str, sealed: bytes, wrapped: bytes
) -> bytes:
    """The copy as it was handed over; nothing where it does not open."""
    if cipher is None:
        return b""
    try:
        key = _decrypted(cipher, wrapped, f"data key\0{holder}")
        return _decrypted(AESGCM(key), sealed, f"copy {copy_id}\0{holder}")
    except (InvalidTag, ValueError):
        return b""


def _decrypted(cipher: AESGCM, octets: bytes, context: str) -> bytes:
    """Open the form of sealed values: a version, a nonce of 12 octets, AES-GCM."""
    return cipher.decrypt(octets[1:13], octets[13:], context.encode())


def _lost_uses(db: sa.Connection, ledger: Ledger) -> Iterable[str]:
    counters = {(row[0], row[1]): row[2] or 0 for row in _rows(db, _COUNTERS)}
    records = {(row[0], row[1], row[2]) for row in _rows(db, _RECORDS)}
    for use in ledger.uses:
        if counters.get((use.holder, use.instance), 0) < use.counter:
            yield f"used counter of {use.holder}"
        if (use.holder, use.check_id, "VALID") not in records:
            yield f"access record of {use.holder}"


def _doubled(db: sa.Connection) -> Iterable[str]:
    for what, query in _TWICE.items():
        yield from (f"{what} ({row[-1]} times)" for row in _rows(db, query))


def _compare(stored: list[int], sent: list[tuple[int, bool]]) -> tuple[list[int], list[int]]:
    """What was acknowledged and is missing, and what was stored out of turn or twice."""
    found, place = set(), 0
    foreign = []
    for value in stored:
        at = next((n for n in range(place, len(sent)) if sent[n][0] == value), None)
        if at is None:
            foreign.append(value)
        else:
            found.add(at)
            place = at + 1
    return [v for n, (v, acked) in enumerate(sent) if acked and n not in found], foreign


def _points(db: sa.Connection) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in _rows(db, _POINTS)]


def _rows(db: sa.Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute(sa.text(query))]


_OFFERS = "SELECT holder_id, offer_id, state FROM offer"
_INSTANCES = """
    SELECT holder_id, instance_number, key_thumbprint, ended_at FROM electronic_licence"""
_COPIES = """
    SELECT c.holder_id, c.instance_number, c.status_uri, c.status_index, c.copy_id, c.content,
           k.wrapped
    FROM copy AS c JOIN holder_key AS k ON k.holder_id = c.holder_id"""
_COUNTERS = "SELECT holder_id, instance_number, last_counter FROM electronic_licence"
_RECORDS = "SELECT holder_id, check_id, verdict FROM access_record"
_POINTS = "SELECT holder_id, points FROM points_fact ORDER BY holder_id, fact_id"

_TWICE = {
    "a status index given to two copies": """
        SELECT status_uri, status_index, count(*) FROM copy
        GROUP BY status_uri, status_index HAVING count(*) > 1""",
    "a copy at a place that was reserved for another": """
        SELECT copy.copy_id, count(*) FROM copy
        LEFT JOIN status_index ON status_index.copy_id = copy.copy_id
         AND status_index.holder_id = copy.holder_id
         AND status_index.place = copy.status_index
        WHERE status_index.place IS NULL GROUP BY copy.copy_id""",
    "two copies of one intention": """
        SELECT intention_id, count(*) FROM copy GROUP BY intention_id HAVING count(*) > 1""",
    "two intentions of one offer": """
        SELECT offer_id, count(*) FROM intention GROUP BY offer_id HAVING count(*) > 1""",
    "two live instances of one holder": """
        SELECT holder_id, count(*) FROM electronic_licence WHERE ended_at IS NULL
        GROUP BY holder_id HAVING count(*) > 1""",
    "two access records of one check": """
        SELECT check_id, count(*) FROM access_record GROUP BY check_id HAVING count(*) > 1""",
    "an instance without its copy": """
        SELECT e.instance_number, count(*) FROM electronic_licence AS e
        LEFT JOIN copy ON copy.holder_id = e.holder_id
         AND copy.instance_number = e.instance_number
        WHERE copy.copy_id IS NULL GROUP BY e.instance_number""",
}
