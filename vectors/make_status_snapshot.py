"""Files of the country's status snapshot: what they tell, and why a reader refuses them.

The bodies are written here bit by bit, apart from the service's own writer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.chain import STATUS_SIGNING
from jiazhao.credentials.prefix_set import Form
from jiazhao.credentials.status_snapshot import (
    HOUR,
    MAGIC,
    SNAPSHOT_TYPE,
    SnapshotHead,
    sign_snapshot,
)
from vectors import make
from vectors.make import NOW, NamedKey, Vector

UNTIL: Final = int(NOW.timestamp()) // HOUR
AS_OF: Final = NOW - timedelta(minutes=57)
BEFORE: Final = NOW - timedelta(days=1)
"""When most handles were issued."""

_COSE_TYPE: Final = 16
Prefixes = Sequence[tuple[int, str]]
"""Cells of a form's depth, and the bits beyond it."""

EXAMPLE: Final = ["1f00000000000000", "5a11111111111111", "5a91111111111111", "e077777777777777"]
"""Four handles; the second and the last must not be driven on."""


def signer(**changes: Any) -> NamedKey:
    """Return a signer of status lists."""
    return make.signer(purpose=STATUS_SIGNING, **changes)


def body(form: Form, prefixes: Prefixes) -> bytes:
    """Write a set."""
    buckets = [""] * (1 << form.bucket_bits)
    last = [number << form.depth - form.bucket_bits for number in range(len(buckets))]
    for cell, beyond in prefixes:
        bucket = cell >> form.depth - form.bucket_bits
        ones, rest = divmod(cell - last[bucket], 1 << form.rice)
        last[bucket] = cell
        buckets[bucket] += "1" * ones + "0"
        buckets[bucket] += f"{rest:0{form.rice}b}" if form.rice else ""
        buckets[bucket] += "1" * len(beyond) + "0" + beyond
    return framed([padded(bits) for bits in buckets])


def padded(bits: str) -> bytes:
    """Fill the last octet with ones."""
    bits += "1" * (-len(bits) % 8)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))


def framed(buckets: Sequence[bytes]) -> bytes:
    """Put the directory before the buckets."""
    offsets, at = [0], 0
    for octets in buckets:
        at += len(octets)
        offsets.append(at)
    return b"".join([*(offset.to_bytes(4) for offset in offsets), *buckets])


SMALL: Final = Form(depth=3, rice=1, bucket_bits=0)
SMALL_BODY: Final = body(SMALL, [(0b010, "110100"), (0b111, "")])
"""The example's set: a prefix of nine bits, which the third handle does not share, and one of
three."""

BASE: Final = SnapshotHead(None, UNTIL, AS_OF, 4, (), SMALL)


def base(
    head: SnapshotHead = BASE, octets: bytes = SMALL_BODY, by: NamedKey | None = None
) -> bytes:
    """Sign a base."""
    return sign_snapshot(head, octets, by or signer())


def difference(before: bytes, prefixes: Prefixes, *, hours: int = 1, **changes: Any) -> bytes:
    """Sign a difference of a file."""
    head = SnapshotHead(
        follows=sha256(before).digest(),
        until_hour=UNTIL + hours,
        as_of=AS_OF + timedelta(hours=hours),
        handles=len(prefixes),
        gaps=(),
        form=SMALL,
    )
    return sign_snapshot(replace(head, **changes), body(SMALL, prefixes), signer())


def vector(files: Sequence[bytes], refused: str | None = None, **given: Any) -> Vector:
    """Return one case; what is not given is as it should be."""
    return {
        "source": "made by vectors/make_status_snapshot.py",
        "kind": "status-snapshot",
        "now": NOW.isoformat(),
        "roots": [make.root().hex()],
        "compromised": [],
        "newest_seen": None,
        "files": [octets.hex() for octets in files],
        "look_ups": [],
        **given,
        "refused": refused,
    }


def look_up(handle: str, says: str, *, hours: int = -24) -> dict[str, Any]:
    """Return what is said of a handle that was issued some hours from now."""
    issued_at = NOW + timedelta(hours=hours, minutes=17)
    return {"handle": handle, "issued_at": int(issued_at.timestamp()), "says": says}


def example_look_ups() -> list[dict[str, Any]]:
    """Return the four handles of the example."""
    says = ("clear", "must_not_drive", "clear", "must_not_drive")
    return [look_up(handle, each) for handle, each in zip(EXAMPLE, says, strict=True)]


def status_snapshots() -> Iterator[tuple[str, Vector]]:
    """Yield all cases."""
    yield from _good()
    for name, files, refused, given in _refused():
        yield f"bad-{name}", vector(files, refused, **given)
    for name, octets, form in _unreadable_bodies():
        says = [look_up(handle, "status_unreadable") for handle in EXAMPLE[3:]]
        yield f"bad-{name}", vector([base(replace(BASE, form=form), octets)], look_ups=says)


def _good() -> Iterator[tuple[str, Vector]]:
    yield "example", vector([base()], look_ups=example_look_ups())
    empty = Form(1, 0, 0)
    yield (
        "empty",
        vector(
            [base(replace(BASE, form=empty, handles=0), framed([b""]))],
            look_ups=[look_up(EXAMPLE[1], "clear")],
        ),
    )
    yield (
        "not-covered",
        vector(
            [base()],
            look_ups=[
                look_up(EXAMPLE[1], "must_not_drive", hours=-1),
                look_up(EXAMPLE[1], "status_not_covered", hours=0),
                look_up(EXAMPLE[1][:14], "status_not_covered"),
                look_up(EXAMPLE[1] + "00", "status_not_covered"),
            ],
        ),
    )
    first = BASE.until_hour - 30
    lost = replace(BASE, gaps=((first, first + 3), (first + 9, first + 10)))
    says = {-31: "", -30: "lost", -28: "lost", -27: "", -22: "", -21: "lost", -20: ""}
    yield (
        "gaps-of-a-restore",
        vector(
            [base(lost)],
            look_ups=[
                look_up(EXAMPLE[1], "status_not_covered" if what else "must_not_drive", hours=hours)
                for hours, what in says.items()
            ],
        ),
    )
    yield from _good_differences()
    yield from _good_forms()


def _good_differences() -> Iterator[tuple[str, Vector]]:
    """After the base one handle is clear again and another is not; a newer one is not, then is."""
    start = base()
    one = difference(start, [(0b010, "110100"), (0b000, "1")][::-1])
    two = difference(one, [(0b000, "1"), (0b100, "")], hours=2)
    now = (NOW + timedelta(hours=2)).isoformat()
    newer = "8123456789abcdef"
    yield (
        "differences",
        vector(
            [start, one, two],
            now=now,
            look_ups=[
                look_up(EXAMPLE[0], "clear"),
                look_up(EXAMPLE[1], "clear"),
                look_up(EXAMPLE[2], "clear"),
                look_up(EXAMPLE[3], "must_not_drive"),
                look_up(newer, "must_not_drive", hours=0),
                look_up(newer, "must_not_drive", hours=1),
                look_up(newer, "status_not_covered", hours=2),
                # a prefix that an older file has says nothing of what was issued after it
                look_up(EXAMPLE[3], "clear", hours=0),
                look_up(EXAMPLE[0], "must_not_drive", hours=1),
            ],
        ),
    )
    yield (
        "seen-before",
        vector([start, one], now=now, newest_seen=(AS_OF + timedelta(hours=1)).isoformat()),
    )


def _good_forms() -> Iterator[tuple[str, Vector]]:
    """The longest prefixes, and numbers of cells beyond 32 bits."""
    first, second = "80000000ffffffff", "80000000fffffffe"
    for depth, rice, bucket_bits in ((1, 0, 0), (1, 3, 1), (31, 31, 2), (32, 12, 5), (33, 20, 9)):
        yield from _whole_number(Form(depth, rice, bucket_bits), first, second)
    yield from _whole_number(Form(52, 31, 12), first, second)
    yield from _whole_number(Form(40, 31, 0), first, second)
    many = Form(12, 2, 4)
    cells = [(cell, "") for cell in range(0, 1 << 12, 3)]
    asked = [(cell << 52 | 0x123456789ABCD, cell % 3 == 0) for cell in range(0, 1 << 12, 97)]
    yield (
        "many",
        vector(
            [base(replace(BASE, form=many), body(many, cells))],
            look_ups=[
                look_up(f"{number:016x}", "must_not_drive" if has else "clear")
                for number, has in asked
            ],
        ),
    )


def _whole_number(form: Form, member: str, other: str) -> Iterator[tuple[str, Vector]]:
    bits = f"{int(member, 16):064b}"
    octets = body(form, [(int(bits[: form.depth], 2), bits[form.depth :])])
    yield (
        f"prefix-of-64-bits-at-depth-{form.depth}-{form.rice}-{form.bucket_bits}",
        vector(
            [base(replace(BASE, form=form), octets)],
            look_ups=[
                look_up(member, "must_not_drive"),
                look_up(other, "clear"),
                look_up("0" * 16, "clear"),
                look_up("f" * 16, "clear"),
            ],
        ),
    )


Refused = tuple[str, Sequence[bytes], str, dict[str, Any]]


def _refused() -> Iterator[Refused]:
    yield from _untrusted()
    yield from _broken_chains()
    for name, octets in _unreadable_files():
        yield name, [octets], "status_unreadable", {}


def _untrusted() -> Iterator[Refused]:
    reason = "status_not_trusted"
    yield "unknown-issuer", [base()], reason, {"roots": [make.root("other").hex()]}
    yield "signer-of-documents", [base(by=make.signer())], reason, {}
    foreign = signer(country="UT")
    given = {"roots": [make.root(country="UT").hex()]}
    yield "signer-of-another-country", [base(by=foreign)], reason, given
    yield "signer-lapsed", [base(by=signer(until=NOW - timedelta(hours=1)))], reason, {}
    point = make.signer().public.point.hex()
    yield "signer-compromised", [base()], reason, {"compromised": [point]}
    imitated = NamedKey("stranger", *signer().certificates)
    yield "signed-by-another-key", [base(by=imitated)], reason, {}
    by_other = signer(root_key="stranger")
    yield "certificate-not-signed-by-the-root-it-names", [base(by=by_other)], reason, {}
    forged = sign_snapshot(
        replace(BASE, follows=sha256(base()).digest(), until_hour=UNTIL + 1), SMALL_BODY, imitated
    )
    later = {"now": (NOW + timedelta(hours=2)).isoformat()}
    yield "difference-signed-by-another-key", [base(), forged], reason, later


def _broken_chains() -> Iterator[Refused]:
    start = base()
    one = difference(start, [(0, "")])
    two = difference(one, [], hours=2)
    later = {"now": (NOW + timedelta(hours=2)).isoformat()}
    unreadable = "status_unreadable"
    yield "no-file", [], unreadable, {}
    yield "begins-with-a-difference", [one], unreadable, later
    yield "two-bases", [start, start], unreadable, later
    yield "difference-left-out", [start, two], unreadable, later
    yield "difference-twice", [start, one, one], unreadable, later
    yield "differences-out-of-order", [start, two, one], unreadable, later
    other = base(replace(BASE, handles=5))
    yield "difference-of-another-base", [other, one], unreadable, later
    aged = difference(start, [], as_of=AS_OF - timedelta(seconds=1))
    yield "difference-older-than-its-base", [start, aged], unreadable, later
    narrower = difference(start, [], until_hour=UNTIL - 1)
    yield "difference-of-fewer-hours", [start, narrower], unreadable, later
    ahead = replace(BASE, as_of=NOW + timedelta(seconds=61))
    yield "of-a-later-time", [base(ahead)], "status_stale", {}
    seen = (AS_OF + timedelta(seconds=1)).isoformat()
    yield "older-than-seen", [start], "status_rolled_back", {"newest_seen": seen}
    newer = (AS_OF + timedelta(hours=1)).isoformat()
    yield "newest-difference-kept-back", [start], "status_rolled_back", {"newest_seen": newer}


def _unreadable_files() -> Iterator[tuple[str, bytes]]:
    good = base()
    yield "empty", b""
    yield "magic-of-another-version", MAGIC.replace(b"1", b"2") + good[len(MAGIC) :]
    yield "cut-in-the-head", good[:100]
    yield "cut-in-the-length", good[: len(MAGIC) + 3]
    yield "head-beyond-the-end", MAGIC + len(good).to_bytes(4) + good[len(MAGIC) + 4 :]
    yield "body-cut-short", good[:-1]
    yield "body-octet-more", good + b"\x00"
    yield "body-bit-flipped", good[:-1] + bytes([good[-1] ^ 1])
    yield "type-of-another", _signed({}, typ="application/statuslist+cwt")
    yield "type-missing", _signed({}, typ=None)
    fields: dict[str, dict[int, Any]] = {
        "kind-2": {0: 2},
        "kind-true": {0: True},
        "kind-missing": {0: None},
        "base-that-follows": {1: bytes(32)},
        "difference-that-follows-nothing": {0: 1},
        "follows-31-octets": {0: 1, 1: bytes(31)},
        "until-hour-negative": {2: -1},
        "until-hour-beyond-32-bits": {2: 1 << 32},
        "as-of-as-text": {3: "2026-06-01"},
        "as-of-a-fraction": {3: 1.5},
        "handles-missing": {4: None},
        "gaps-as-number": {5: 1},
        "gap-of-three": {5: [[1, 2, 3]]},
        "form-of-two": {6: [3, 1]},
        "depth-0": {6: [0, 0, 0]},
        "depth-53": {6: [53, 1, 0]},
        "rice-32": {6: [3, 32, 0]},
        "bucket-bits-above-depth": {6: [3, 1, 4]},
        "bucket-bits-25": {6: [30, 1, 25]},
        "directory-missing": {6: [8, 1, 8]},
        "hash-of-another-body": {7: bytes(32)},
        "field-more": {8: 0},
        "field-less": {7: ...},
    }
    for name, changes in fields.items():
        yield name, _signed(changes)
    for name, octets in {
        "directory-short": SMALL_BODY[:7],
        "directory-not-from-zero": (1).to_bytes(4) + SMALL_BODY[4:],
        "directory-beyond-the-end": SMALL_BODY[:4] + (99).to_bytes(4) + SMALL_BODY[8:],
        "directory-before-the-end": SMALL_BODY[:4] + (1).to_bytes(4) + SMALL_BODY[8:],
    }.items():
        yield name, base(octets=octets)
    falling = b"".join(offset.to_bytes(4) for offset in (0, 2, 1))
    yield "directory-falling", base(replace(BASE, form=Form(3, 1, 1)), falling + b"\xff")


def _signed(changes: dict[int, Any], *, typ: str | None = SNAPSHOT_TYPE) -> bytes:
    """Sign the example with fields changed, `...` for one that is left out."""
    form = [SMALL.depth, SMALL.rice, SMALL.bucket_bits]
    hashed = sha256(SMALL_BODY).digest()
    fields = [0, None, UNTIL, int(AS_OF.timestamp()), 4, [], form, hashed]
    for place, value in changes.items():
        fields[place : place + 1] = [] if value is ... else [value]
    extra = None if typ is None else {_COSE_TYPE: typ}
    head = cose.sign(cbor.encode(fields), signer(), with_chain=True, extra_protected=extra)
    return MAGIC + len(head).to_bytes(4) + head + SMALL_BODY


def _unreadable_bodies() -> Iterator[tuple[str, bytes, Form]]:
    """Buckets that end badly; what comes before is read as it stands."""
    first = "0" + "0" + "0"
    for name, bits in {
        "padding-of-eight-ones": first + "11111" + "11111111",
        "prefix-without-its-rest": "1110",
        "prefix-that-does-not-say-how-long": first + "01" + "111",
        "prefix-beyond-its-bucket": "11110" + "0" + "0",
        "prefix-cut-in-its-bits": first + "01" + "110",
        "prefix-longer-than-a-handle": first + "01" + "1" * 62 + "0" + "1" * 62,
    }.items():
        yield name, framed([padded(bits)]), SMALL
