"""A deployment under test: state, keys, made-up people and every origin, on either engine."""

import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import tomli_w

from gates.ports import free_ports
from jiazhao import app, demo, specimen
from jiazhao.config import load
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.driving import check_driving
from jiazhao.rules.state import LicenceState
from jiazhao.storage.migrate import migrate

HOLDERS = 50
"""Enough for twenty drivers in good standing and some who are not."""

SPECIMEN_SEED = 1

SETTINGS = {
    "claim_sign_in_seconds": 12 * 3600,  # people sign in once; what is tried is what follows
    "lookups_per_day": 10_000,  # one officer asks all day what a revocation has reached
}


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where it is, and who is in its register."""

    state: Path
    port: int
    database_url: str
    drivers: tuple[str, ...]
    """Holders who may claim and drive."""
    others: tuple[str, ...]

    @property
    def config(self) -> Path:
        """Its configuration file."""
        return self.state / demo.CONFIG_NAME

    def origin(self, name: str) -> str:
        """The address of an origin: wallet, terminal, console or identity."""
        return demo.origins(self.port)[name]

    @property
    def folder_url(self) -> str:
        """The address of published status lists, without the list's name."""
        return f"{self.origin('wallet')}/status-lists/"


def prepare(state: Path, *, database_url: str | None = None, holders: int = HOLDERS) -> Deployment:
    """Make a deployment that is not served yet; on SQLite unless another database is named."""
    port = free_ports()
    path = demo.write_config(state, port, on=None, public_url=None)
    settings = tomllib.loads(path.read_text("utf-8")) | SETTINGS
    if database_url is not None:
        settings["database_url"] = database_url
    path.write_text(tomli_w.dumps(settings), "utf-8")
    config = load(path, {})
    migrate(config.database_url)
    with closing(app.build(config, demo.clock_of(config))) as house:
        _admit(house, holders)
        drivers, others = _sorted_by_standing(house, holders)
    return Deployment(state, port, config.database_url, drivers, others)


def holder_ids(holders: int) -> Iterator[HolderId]:
    """The ids of the made-up people."""
    return (HolderId(f"sp-{number:06d}") for number in range(1, holders + 1))


@cache
def _lines(holders: int, on: date) -> tuple[bytes, ...]:
    """Portraits take most of the time to draw, so one process draws them once."""
    return tuple(specimen.people(holders, SPECIMEN_SEED, on))


def _admit(house: app.House, holders: int) -> None:
    now = house.clock()
    day = date.fromisoformat(house.config.specimen_day or now.date().isoformat())
    lines = _lines(holders, day)
    *_, report = house.register.import_lines(house.database, lines, now)
    if report.refused or report.added != holders:
        raise AssertionError(f"not all of {holders} holders were admitted: {report}")
    while house.worker.drain():
        pass


def _sorted_by_standing(house: app.House, holders: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    good: list[str] = []
    others: list[str] = []
    now = house.clock()
    rules = house.tables.on(legal_day(now))
    for holder in holder_ids(holders):
        with house.database.reading() as db:
            licence = house.register.licence_of(db, holder, at=now, known_at=now)
        claims = check_claim(ClaimFacts.of(licence), rules).allowed
        drives = check_driving(LicenceState.of(licence), None, rules).allowed
        (good if claims and drives else others).append(holder)
    return tuple(good), tuple(others)
