"""Comparing the register with a whole export of another one, holder by holder and field by field.

Nothing is written. Memory: a batch, and eight octets for each holder of the file.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import TypeVar

from jiazhao.licence.history import Held, Interval, pieces, value_in
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import Photo
from jiazhao.registry.admission import Record, batches, records_of
from jiazhao.registry.importing import Told
from jiazhao.registry.service import Register
from jiazhao.registry.store import roll
from jiazhao.storage.engine import Database

T = TypeVar("T")
K = TypeVar("K")

_PAGE = 1000


class Where(StrEnum):
    """Which of the two says something that the other does not."""

    BOTH = "both"
    """Both, differently."""
    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"
    UNREADABLE = "unreadable"
    """A row of the file cannot be read, so nothing is known of its holder; or the holder's record
    here does not open, because he was erased or the key is another."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one holder over one interval; the values are personal and not in `repr`."""

    holder: HolderId | None
    where: Where
    kind: str
    """`holder`, or a list of the import format; a class or status stands after it: classes.C1."""
    field: str
    held: Interval | None = None
    here: object = None
    there: object = None
    line: int | None = None

    def __repr__(self) -> str:
        return f"Difference({self.holder}, {self.where}, {self.kind}.{self.field})"


def reconcile(
    database: Database, register: Register, told: Iterable[Told]
) -> Iterator[tuple[int, list[Difference]]]:
    """Yield how many holders were compared so far, with the differences of each batch."""
    compared, seen = 0, array("Q")
    for batch in batches(told):
        ids = [one.holder.holder_id for one in batch if one.holder]
        with database.reading() as db:
            kept, unread = records_of(db, ids, register.personal)
        found: list[Difference] = []
        for one in batch:
            if one.holder is None:
                found.append(Difference(None, Where.UNREADABLE, "holder", "-", line=one.number))
                continue
            holder = one.holder.holder_id
            seen.append(_mark(holder))
            if holder in unread:
                found.append(Difference(holder, Where.UNREADABLE, "holder", "-", line=one.number))
                continue
            if holder not in kept:
                found.append(Difference(holder, Where.ONLY_THERE, "holder", "-"))
                continue
            found += _differences(holder, kept[holder][0], Record.told(one.holder))
        compared += len(batch)
        yield compared, found
    yield from ((compared, found) for found in _only_here(database, array("Q", sorted(seen))))


def _mark(holder: str) -> int:
    return int.from_bytes(blake2b(holder.encode(), digest_size=8).digest(), "big")


def _only_here(database: Database, seen: Sequence[int]) -> Iterator[list[Difference]]:
    after = ""
    while True:
        with database.reading() as db:
            page = roll.holders(db, after=after, limit=_PAGE)
        if not page:
            return
        after = page[-1]
        yield [
            Difference(holder, Where.ONLY_HERE, "holder", "-")
            for holder in page
            if not _holds(seen, _mark(holder))
        ]


def _holds(seen: Sequence[int], mark: int) -> bool:
    place = bisect_left(seen, mark)
    return place < len(seen) and seen[place] == mark


def _differences(holder: HolderId, ours: Record, theirs: Record) -> Iterator[Difference]:
    if ours == theirs:
        return
    yield from _of(holder, "persons", ours.persons, theirs.persons)
    yield from _of(holder, "grants", ours.grants, theirs.grants)
    yield from _of_each(holder, "classes", ours.classes, theirs.classes)
    yield from _of_each(holder, "statuses", ours.statuses, theirs.statuses)
    yield from _of(holder, "points", ours.points, theirs.points)
    yield from _of(holder, "photos", ours.photos, theirs.photos)


def _of_each(
    holder: HolderId,
    kind: str,
    ours: Mapping[K, Sequence[Held[T]]],
    theirs: Mapping[K, Sequence[Held[T]]],
) -> Iterator[Difference]:
    for one in sorted({*ours, *theirs}, key=str):
        yield from _of(holder, f"{kind}.{one}", ours.get(one, ()), theirs.get(one, ()))


def _of(
    holder: HolderId, kind: str, ours: Sequence[Held[T]], theirs: Sequence[Held[T]]
) -> Iterator[Difference]:
    for held in pieces(held for held, _ in (*ours, *theirs)):
        here, there = value_in(ours, held.start), value_in(theirs, held.start)
        if here == there:
            continue
        if here is None or there is None:
            where = Where.ONLY_THERE if here is None else Where.ONLY_HERE
            yield Difference(holder, where, kind, "-", held, here, there)
            continue
        for name, one, other in _unlike(here, there):
            yield Difference(holder, Where.BOTH, kind, name, held, one, other)


def _unlike(here: object, there: object) -> Iterator[tuple[str, object, object]]:
    """The members in which two values differ."""
    if not is_dataclass(here) or isinstance(here, type):
        yield "value", here, there
        return
    for member in fields(here):
        one, other = getattr(here, member.name), getattr(there, member.name)
        if one == other:
            continue
        if is_dataclass(one):
            yield from ((f"{member.name}.{name}", a, b) for name, a, b in _unlike(one, other))
        else:
            yield member.name, one, other


def value_text(value: object) -> str | None:
    """A value for whoever asked to see it; a portrait stays a count of octets."""
    if value is None or isinstance(value, Photo):
        return None if value is None else repr(value)
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(str(getattr(value, member.name)) for member in fields(value))
    return str(value)
