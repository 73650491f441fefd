"""Doors of devices, of their holder, and of the clerk whom a holder asks."""

from datetime import datetime

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from jiazhao.config import Config
from jiazhao.devices.messages import (
    ContactAnswer,
    ContactRequest,
    CounterFreezeAnswer,
    CounterFreezeRequest,
    DeviceAnswer,
    Devices,
    FreezeRequest,
)
from jiazhao.devices.service import DeviceCare
from jiazhao.errors import Kind
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.openapi import REFUSES
from jiazhao.identity.permissions import require_provider
from jiazhao.registry.routes import holder_of

MAX_BODY = 4 * 1024

_MAY_REFUSE = {REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT)}


@post(
    "/wallet/contacts",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_MAY_REFUSE),
    request_max_body_size=MAX_BODY,
)
def contact(
    data: JSONBody[ContactRequest],
    devices: NamedDependency[DeviceCare],
    now: NamedDependency[datetime],
) -> ContactAnswer:
    """A device comes by itself, proven by its device key; it learns nothing of the person."""
    return devices.contact(data.proof, now)


@get(
    "/wallet/devices",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def own_devices(actor: NamedDependency[Actor], devices: NamedDependency[DeviceCare]) -> Devices:
    """The devices that hold, or held, the signed-in driver's electronic licence."""
    return devices.devices_of(holder_of(actor))


@post(
    "/wallet/devices/{device_key:str}/end",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **_MAY_REFUSE),
    request_max_body_size=1024,
)
def end_device(
    device_key: FromPath[str],
    actor: NamedDependency[Actor],
    devices: NamedDependency[DeviceCare],
    now: NamedDependency[datetime],
) -> DeviceAnswer:
    """End the electronic licence on one of the driver's devices for ever."""
    return devices.end(actor, holder_of(actor), device_key[:64], now)


@post(
    "/wallet/freeze",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **_MAY_REFUSE),
    request_max_body_size=1024,
)
def freeze(
    data: JSONBody[FreezeRequest],
    actor: NamedDependency[Actor],
    devices: NamedDependency[DeviceCare],
    now: NamedDependency[datetime],
) -> DeviceAnswer:
    """Freeze the electronic licence, from whatever device the driver has at hand."""
    del data  # there is nothing to say beside that it is wanted
    return devices.freeze(actor, holder_of(actor), now)


@post(
    "/wallet/unfreeze",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **_MAY_REFUSE),
    request_max_body_size=1024,
)
def unfreeze(
    data: JSONBody[FreezeRequest],
    actor: NamedDependency[Actor],
    devices: NamedDependency[DeviceCare],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> DeviceAnswer:
    """Release the electronic licence; the identity provider must just have proven who asks."""
    del data
    require_provider(actor, now, config)
    return devices.unfreeze(actor, holder_of(actor), now)


@post(
    "/console/freeze",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.FREEZE_AT_COUNTER, **_MAY_REFUSE),
    request_max_body_size=1024,
)
def freeze_at_counter(
    data: JSONBody[CounterFreezeRequest],
    actor: NamedDependency[Actor],
    devices: NamedDependency[DeviceCare],
    now: NamedDependency[datetime],
) -> CounterFreezeAnswer:
    """Freeze for a person whose only device is gone; the holder sees who did it and why."""
    return CounterFreezeAnswer(devices.freeze_at_counter(actor, data, now).state)


wallet_routes = Router(
    path="/", route_handlers=[contact, own_devices, end_device, freeze, unfreeze]
)
console_routes = Router(path="/", route_handlers=[freeze_at_counter])
