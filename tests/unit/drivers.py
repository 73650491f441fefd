"""Made-up drivers as a register would hand them over, and a house on either engine to hold them."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa
from PIL import Image

from jiazhao import app, demo
from jiazhao.config import Config, load
from jiazhao.licence.history import Interval
from jiazhao.licence.identifiers import ArchiveNumber, HolderId, citizen_check_digit
from jiazhao.licence.legal_day import legal_day, start_of_day
from jiazhao.licence.licence import (
    ClassEntitlement,
    Grant,
    IdentityKind,
    IssuingOffice,
    LatinNameSource,
    Person,
    Photo,
    Sex,
)
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.importing import ImportedHolder, write_line
from jiazhao.registry.service import ImportReport, Register
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.schema import metadata
from tests.databases import begin_with, new_folder
from tests.houses import UNSERVED_PORT, SetClock

CHENGDU = IssuingOffice("510100000000", "样本·成都市车辆管理所", "Chengdu (specimen)", "川A")
FIRST_ISSUE = date(2015, 3, 2)
SINCE = Interval(start_of_day(FIRST_ISSUE))


@lru_cache
def portrait() -> bytes:
    out = BytesIO()
    Image.new("RGB", (260, 378), "white").save(out, "JPEG")
    return out.getvalue()


def citizen_number(number: int, birth_date: date) -> str:
    """A number of the area 99, which was never given out."""
    first17 = f"990101{birth_date:%Y%m%d}{number:03d}"
    return first17 + citizen_check_digit(first17)


def driver(
    number: int = 1,
    *,
    birth_date: date = date(1990, 1, 5),
    classes: tuple[VehicleClass, ...] = (VehicleClass.C1,),
    valid_until: date | None = date(2031, 3, 2),
) -> ImportedHolder:
    """One driver of Chengdu in good standing; another number is another person."""
    return ImportedHolder(
        holder_id=HolderId(f"cd-{number:06d}"),
        persons=((SINCE, _person(number, birth_date)),),
        grants=((SINCE, _grant(number, valid_until)),),
        classes=tuple((SINCE, ClassEntitlement(each, FIRST_ISSUE)) for each in classes),
        statuses=(),
        points=(),
        photos=((SINCE, Photo(portrait(), date(2021, 2, 11))),),
    )


def _person(number: int, birth_date: date) -> Person:
    return Person(
        family_name="样",
        given_name=f"本{number}",
        family_name_latin="Yang",
        given_name_latin="Ben",
        latin_source=LatinNameSource.REGISTER,
        sex=Sex.FEMALE,
        nationality="CN",
        birth_date=birth_date,
        address="样本·成都市样本路1号",
        identity_kind=IdentityKind.CITIZEN,
        identity_number=citizen_number(number, birth_date),
    )


def _grant(number: int, valid_until: date | None) -> Grant:
    return Grant(
        archive_number=ArchiveNumber(f"5101{number:08d}"),
        issuing_office=CHENGDU,
        first_issue_date=FIRST_ISSUE,
        valid_from=FIRST_ISSUE,
        valid_until=valid_until,
    )


def admit(
    register: Register, database: Database, now: datetime, *drivers: ImportedHolder
) -> ImportReport:
    """Import drivers, each as one line."""
    report = ImportReport()
    for progress in register.import_lines(database, map(write_line, drivers), now):
        report = progress
    return report


@contextmanager
def house_on(url: str, state: Path, clock: SetClock) -> Iterator[app.House]:
    """Open a house on an empty database, with one driver: a copy of one that was set up once."""
    settled = _settled(sa.make_url(url).get_backend_name(), clock())
    begin_with(url, settled.fill)
    shutil.copytree(settled.state, state)
    with opened(state, url, clock) as house:
        yield house


@contextmanager
def opened(state: Path, url: str, clock: SetClock) -> Iterator[app.House]:
    """Open a house that was set up before."""
    house = app.build(_config(state, url), clock)
    yield house
    house.close()


@dataclass(frozen=True)
class Settled:
    """How a house is set up at a moment; its keys lie in `state`, the rest in the database."""

    state: Path
    now: datetime

    def fill(self, url: str) -> None:
        """Bring a database to the schema, draw up settings and keys, and admit one driver."""
        migrate(url)
        day = legal_day(self.now)
        demo.write_config(self.state, UNSERVED_PORT, on=day, public_url=None)
        house = app.build(_config(self.state, url), SetClock(self.now))
        assert admit(house.register, house.database, self.now, driver()).added == 1
        house.close()


@cache
def _settled(_engine: str, now: datetime) -> Settled:
    return Settled(new_folder() / "state", now)


def _config(state: Path, url: str) -> Config:
    config = load(state / demo.CONFIG_NAME, {})
    return replace(config, database_url=url, status_list_size=256)


NEVER_CHANGED = {
    *(name for name in metadata.tables if name.endswith("_fact")),
    "access_record",
    "copy",
    "identifier_lookup",
    "offline_record",
    "photo",
}
"""Rows of these are inserted and read; a correction is another row."""

_CHANGES = re.compile(r'\s*(?:UPDATE|DELETE\s+FROM|TRUNCATE\s+TABLE)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def facts_only_added() -> Iterator[None]:
    """Fail where a statement of anyone would change or delete what is only ever added."""

    def look(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        changed = _CHANGES.match(statement)
        assert changed is None or changed[1] not in NEVER_CHANGED, statement

    sa.event.listen(sa.Engine, "before_cursor_execute", look)
    yield
    sa.event.remove(sa.Engine, "before_cursor_execute", look)
