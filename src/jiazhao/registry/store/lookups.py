"""Finding a holder by the keyed hash of a number."""

from collections.abc import Iterable

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


def point_to_holder(db: sa.Connection, digest: bytes, holder: HolderId) -> bool:
    """Let `digest` find `holder`; False where it finds another holder already."""
    known = find_holder(db, digest)
    if known is None:
        db.execute(sa.insert(schema.identifier_lookup).values(digest=digest, holder_id=holder))
    return known in (None, holder)


def find_holder(db: sa.Connection, digest: bytes) -> HolderId | None:
    """The holder that an identifier's keyed hash belongs to."""
    found = db.execute(
        sa.select(schema.identifier_lookup.c.holder_id).where(
            schema.identifier_lookup.c.digest == digest
        )
    ).scalar_one_or_none()
    return HolderId(found) if found is not None else None


def find_holders(db: sa.Connection, digests: Iterable[bytes]) -> dict[bytes, HolderId]:
    """The holders that identifiers' keyed hashes belong to, of those that belong to any."""
    table, wanted = schema.identifier_lookup, sorted(set(digests))
    found: dict[bytes, HolderId] = {}
    for begin in range(0, len(wanted), _MOST_PARAMETERS):
        part = wanted[begin : begin + _MOST_PARAMETERS]
        rows = db.execute(
            sa.select(table.c.digest, table.c.holder_id).where(table.c.digest.in_(part))
        )
        found |= {row.digest: HolderId(row.holder_id) for row in rows}
    return found


_MOST_PARAMETERS = 10_000
"""In one statement; SQLite takes 32 766."""
