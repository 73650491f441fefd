"""The published rule tables, and licences made up for the tests."""

from collections.abc import Callable
from datetime import date
from importlib.resources import files

from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import load_tables

DATA = files("jiazhao.rules") / "data"


def read(name: str) -> bytes:
    """The bytes of a table, as the application reads them."""
    return (DATA / name).read_bytes()


def read_with(changed: str, old: bytes, new: bytes) -> Callable[[str], bytes]:
    """A reader whose file `changed` has `new` in place of the first `old`."""

    def read_changed(name: str) -> bytes:
        octets = read(name)
        if name != changed:
            return octets
        assert old in octets
        return octets.replace(old, new, 1)

    return read_changed


TABLES = load_tables(read)


def state(
    *,
    recorded: str = "A",
    points: int = 0,
    valid_until: date | None = date(2026, 3, 10),
    classes: tuple[str, ...] = ("C1",),
) -> LicenceState:
    """A licence in good standing on 2021-06-01, but for what is given."""
    return LicenceState(
        recorded=frozenset(LicenceStatus(letter) for letter in recorded),
        points=points,
        valid_from=date(2020, 3, 10),
        valid_until=valid_until,
        birth_date=date(1988, 2, 20),
        classes=tuple(
            ClassEntitlement(VehicleClass(code), date(2014, 3, 10), None) for code in classes
        ),
    )
