"""What a device asks by itself, and what its holder and a clerk may do about it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jiazhao.devices.contact_proof import MAX_PROOF_CHARS

DeviceState = Literal["live", "frozen", "ended"]


class ContactRequest(Struct, forbid_unknown_fields=True):
    """A device comes by itself; the proof says all."""

    proof: Annotated[str, Meta(min_length=1, max_length=MAX_PROOF_CHARS)]


class DayKey(Struct):
    """What codes of one day are sealed for."""

    day: int
    """Days since 1970-01-01, by the date in China."""
    point: str
    """A compressed point of P-256, in base64url."""


class ContactAnswer(Struct):
    """What a device needs until it comes again.

    `n` is the number that it names next time, `renew` whether new copies or a new part of the
    licence code are due. A device that may not show codes gets neither keys nor beacon.
    """

    server_time: datetime
    n: int
    state: DeviceState
    renew: bool
    day_keys: list[DayKey]
    beacon: str | None
    last_used_counter: int | None


class DeviceView(Struct):
    """One device that holds, or held, the electronic licence.

    `label` is what the device calls itself. `last_used_at` is when its code was last checked.
    """

    instance_number: str
    device_key: str
    label: str | None
    state: DeviceState
    issued_at: datetime
    ended_at: datetime | None
    frozen_at: datetime | None
    frozen_by: str | None
    last_contact_at: datetime | None
    last_used_at: datetime | None


class Devices(Struct):
    """The newest first."""

    devices: list[DeviceView]


class DeviceAnswer(Struct):
    """What became of a device."""

    state: DeviceState
    last_used_counter: int | None


class FreezeRequest(Struct, forbid_unknown_fields=True):
    """Freeze whatever electronic licence is live; nothing is to be chosen."""


class CounterFreezeRequest(Struct, forbid_unknown_fields=True):
    """A person at a counter, or on the telephone, whose device is gone; the holder sees it."""

    identifier: Annotated[str, Meta(min_length=5, max_length=32)]
    note: Annotated[str, Meta(min_length=4, max_length=200, pattern=r"^[^\x00]*$")]


class CounterFreezeAnswer(Struct):
    """Nothing of the person."""

    state: DeviceState
