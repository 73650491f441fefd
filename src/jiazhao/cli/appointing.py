"""The first member of the staff."""

from typing import Annotated

import typer

from jiazhao.cli.shell import ConfigOption, JsonOption, open_house, out, show
from jiazhao.identity.roles import grant_first_administrator

verbs = typer.Typer()


@verbs.command("appoint")
def appoint(
    subject: Annotated[str, typer.Argument(help="The person's subject at the identity provider.")],
    name: Annotated[str, typer.Option(help="The person's name, as others will read it.")],
    unit: Annotated[str, typer.Option(help="The person's unit.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Appoint the first security administrator, who grants all other roles."""
    house = open_house(config)
    account = grant_first_administrator(
        house.identity, subject=subject, name=name, unit=unit, now=house.clock()
    )
    house.close()
    show(
        {"account_id": account},
        as_json=as_json,
        plain=lambda: out.print(f"已任命安全管理员 · security administrator  {account}"),
    )
