"""A whole country in one folder: state, keys, made-up people, and every origin on loopback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import tomli_w

from jiazhao import app, specimen
from jiazhao.clock import Clock, shown_day_clock, system_clock
from jiazhao.config import Config, load
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.http.access import Role
from jiazhao.identity.unsafe_provider import (
    ACR,
    DemoPerson,
    UnsafeIdentityProvider,
    appoint_unsafe_staff,
    clients_of,
)
from jiazhao.identity.unsafe_routes import unsafe_provider_app
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.serving import ORIGINS, Served, address_of
from jiazhao.storage.migrate import migrate

CONFIG_NAME = "jiazhao.toml"
STAFF = (
    (
        "officer-li",
        Role.OFFICER,
        "李样本",
        "样本·成都市公安局交通警察支队一大队",
        "交通警察",
        "Officer",
    ),
    (
        "officer-zhao",
        Role.OFFICER,
        "赵样本",
        "样本·苏州市公安局交通警察支队二大队",
        "交通警察",
        "Officer",
    ),
    ("clerk-sun", Role.CLERK, "孙样本", "样本·成都市车辆管理所", "窗口人员", "Clerk"),
    ("registrar-qian", Role.REGISTRAR, "钱样本", "样本·成都市车辆管理所", "登记员", "Registrar"),
    (
        "security-zhou",
        Role.SECURITY_ADMINISTRATOR,
        "周样本",
        "样本·信息安全处",
        "安全管理员",
        "Security administrator",
    ),
    ("auditor-wu", Role.AUDITOR, "吴样本", "样本·审计处", "审计员", "Auditor"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration that is set up and can be served."""

    house: app.House
    people: tuple[DemoPerson, ...]
    served: dict[str, Served]


def origins(port: int) -> dict[str, str]:
    """Each origin on its own port of loopback."""
    return {name: f"http://localhost:{port + i}" for i, name in enumerate(ORIGINS)}


def write_config(state: Path, port: int, *, on: date | None, public_url: str | None) -> Path:
    """Write the configuration of a new demonstration, or check that an old one fits."""
    path = state / CONFIG_NAME
    urls = origins(port)
    wanted = public_url or urls["wallet"]
    if path.exists():
        known = load(path)
        if known.public_url != wanted or address_of(known.terminal_url)[1] != port + 1:
            raise ConfigurationError(
                ErrorCode.STATE_BELONGS_TO_ANOTHER_ADDRESS,
                expected=f"{known.public_url} (PORT={address_of(known.terminal_url)[1] - 1})",
                given=f"{wanted} (PORT={port})",
            )
        if on is not None and on.isoformat() != known.shown_day:
            raise ConfigurationError(
                ErrorCode.STATE_SHOWS_ANOTHER_DAY,
                expected=known.shown_day or str(known.specimen_day),
                given=on.isoformat(),
            )
        return path
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "environment": "demo",
        "state_dir": ".",
        "public_url": wanted,
        "terminal_url": urls["terminal"],
        "console_url": urls["console"],
        "database_url": "sqlite:///{state_dir}/register.sqlite",
        "identity_issuer": urls["identity"],
        "identity_client_id": "jiazhao-{app}",
        "identity_required_acr": [ACR],
        "status_ttl_seconds": 5,
        # Who tries out both sides of a review does not wait for minutes.
        "deferred_interval_seconds": 5,
        # Many people at one address: the browser, tests and measurements on this machine.
        "pages_per_minute": 1_000_000,
        "checks_per_minute": 1_000_000,
        "proofs_per_minute": 1_000_000,
    }
    if public_url is not None:
        settings["listen_port"] = port
    if on is not None:
        settings["shown_day"] = on.isoformat()
    settings["specimen_day"] = (on or legal_day(system_clock())).isoformat()
    partial = path.with_suffix(".partial")
    partial.write_text(tomli_w.dumps(settings), "utf-8")
    partial.rename(path)
    return path


def clock_of(config: Config, real: Clock = system_clock) -> Clock:
    """The clock that a configuration asks for."""
    if config.shown_day is None:
        return real
    return shown_day_clock(date.fromisoformat(config.shown_day), real)


def set_up(
    config: Config, clock: Clock, *, holders: int, seed: int, progress: Callable[[int, int], None]
) -> app.House:
    """Bring the folder to a state that can be served; goes on where an earlier start stopped."""
    if not config.is_demo:
        raise ConfigurationError(ErrorCode.UNSAFE_IN_PRODUCTION, what="jiazhao demo")
    migrate(config.database_url)
    house = app.build(config, clock)
    house.seal_plain()  # where an earlier version made the folder
    now = clock()
    lines: Iterator[bytes] = specimen.people(holders, seed, _specimen_day(config, now))
    with house.database.reading() as db:
        complete = house.register.count(db) >= holders
    if not complete:
        for report in house.register.import_lines(house.database, lines, now):
            if report.refused:
                raise report.refused[0][1]
            progress(report.added + report.unchanged, holders)
    house.worker.drain()
    return house


def _specimen_day(config: Config, now: datetime) -> date:
    return date.fromisoformat(config.specimen_day) if config.specimen_day else legal_day(now)


def people_of(house: app.House) -> tuple[DemoPerson, ...]:
    """Whom one can sign in as: the cast of made-up drivers, and staff."""
    now = house.clock()
    people = []
    with house.database.reading() as db:
        for role in specimen.cast():
            licence = house.register.licence_of(db, HolderId(role.holder_id), at=now, known_at=now)
            people.append(
                DemoPerson(
                    subject=role.holder_id,
                    name=licence.person.name,
                    role=Role.DRIVER,
                    role_zh="驾驶人",
                    role_en="Driver",
                    label_zh=role.zh,
                    label_en=role.en,
                    identity_number=licence.person.identity_number,
                )
            )
    people += [
        DemoPerson(
            subject=subject,
            name=name,
            unit=unit,
            role=role,
            role_zh=zh,
            role_en=en,
            label_zh=unit,
            label_en=en,
            identity_number=None,
        )
        for subject, role, name, unit, zh, en in STAFF
    ]
    return tuple(people)


def compose(house: app.House) -> Demo:
    """Every origin with its application, the demo's identity provider among them."""
    people = people_of(house)
    appoint_unsafe_staff(house.identity, people, house.clock())
    config = house.config
    unsafe = UnsafeIdentityProvider(
        config=config, people=people, clients=clients_of(house.identity)
    )
    first = address_of(config.terminal_url)[1] - 1
    applications = {name: make(house) for name, make in app.APPLICATIONS.items()}
    applications["identity"] = unsafe_provider_app(
        unsafe, clock=house.clock, static=app.assets("shared", "identity")
    )
    served = {
        name: Served(name, "localhost", first + ORIGINS.index(name), application)
        for name, application in applications.items()
    }
    return Demo(house, people, served)
