"""What the register says of one holder: changed, and asked."""

import getpass
from datetime import datetime
from typing import Annotated
from uuid import uuid4

import msgspec
import typer

from jiazhao.cli.shell import ConfigOption, JsonOption, instant, open_house, out, show
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.messages import Note, PastStateRequest
from jiazhao.registry.messages import ChangeRequest, ClassGrant
from jiazhao.registry.routes import record_change

verbs = typer.Typer()


@verbs.command("change")
def change(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    points: Annotated[int | None, typer.Option(min=0, max=99, help="Points now.")] = None,
    add_status: Annotated[
        list[LicenceStatus] | None, typer.Option(help="A status that begins; may be repeated.")
    ] = None,
    end_status: Annotated[
        list[LicenceStatus] | None, typer.Option(help="A status that ends; may be repeated.")
    ] = None,
    grant_class: Annotated[
        list[VehicleClass] | None, typer.Option(help="A class granted from today.")
    ] = None,
    withdraw_class: Annotated[
        list[VehicleClass] | None, typer.Option(help="A class withdrawn.")
    ] = None,
    held_from: Annotated[
        str | None, typer.Option("--from", help="When it took effect (ISO 8601 with offset).")
    ] = None,
    held_until: Annotated[
        str | None, typer.Option("--until", help="When an added status ends by itself.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a change in the register; it reaches lists, wallet and checks by itself."""
    house = open_house(config)
    now = house.clock()
    answer = record_change(
        ChangeRequest(
            holder_id=holder,
            held_from=instant(held_from),
            held_until=instant(held_until),
            points=points,
            add_statuses=add_status or [],
            end_statuses=end_status or [],
            grant_classes=[ClassGrant(one, legal_day(now)) for one in grant_class or []],
            withdraw_classes=withdraw_class or [],
        ),
        house.database,
        house.register,
        house.tables,
        now,
    )
    house.close()

    def plain() -> None:
        out.print(f"{answer.display_status.zh} · {answer.display_status.en}")
        out.print(f"记分 · points  {answer.points}")
        out.print(f"准驾车型 · classes  {' '.join(answer.classes) or '—'}")

    show(answer, as_json=as_json, plain=plain)


@verbs.command("state")
def state(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    note: Annotated[str, typer.Option(help="Why you look; the holder will read it.")],
    at: Annotated[str | None, typer.Option(help="The moment (ISO 8601 with offset).")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="As the register knew it then; as known now by default.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the licence as it held at a moment, as known now or then; the look is recorded."""
    try:
        msgspec.convert(note, Note)
    except msgspec.ValidationError as error:
        raise JiazhaoError(ErrorCode.BAD_REQUEST, field="note") from error
    house = open_house(config)
    now = house.clock()
    view = house.past_states.look(
        PastStateRequest(str(uuid4()), holder, note, instant(at), instant(known_at)),
        actor=_operator(now),
        now=now,
    )
    house.close()

    def plain() -> None:
        licence = view.licence
        out.print(
            f"{view.at.isoformat()}  {licence.display_status.zh} · {licence.display_status.en}"
        )
        out.print(f"记分 · points  {licence.points}/{licence.full_score}")
        allowed = [one.vehicle_class for one in view.driving if one.allowed]
        out.print(f"准许驾驶 · may drive  {' '.join(allowed) or '—'}")

    show(view, as_json=as_json, plain=plain)


def _operator(now: datetime) -> Actor:
    """Who runs the command: the account of the machine, for the access record."""
    return Actor(
        account_id=f"operator:{getpass.getuser()}",
        name=getpass.getuser(),
        unit="系统运维 · operations",
        roles=frozenset({Role.REGISTRAR}),
        holder_id=None,
        authenticated_at=now,
        acr="",
    )
