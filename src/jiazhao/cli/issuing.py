"""An electronic licence handed over at the counter."""

from typing import Annotated

import typer

from jiazhao.cli.shell import ConfigOption, JsonOption, open_house, out, show
from jiazhao.issuance.routes import claim_answer
from jiazhao.licence.identifiers import holder_id

verbs = typer.Typer()


@verbs.command("offer")
def offer(
    holder: Annotated[str, typer.Argument(help="The holder's id in the register.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a counter offer: hand the link and the transaction code over by different ways."""
    house = open_house(config)
    made = house.offers.offer_at_counter(holder_id(holder), house.clock())
    answer = claim_answer(house.config, made)
    house.close()
    link = f"openid-credential-offer://?credential_offer_uri={answer.credential_offer_uri}"

    def plain() -> None:
        out.print(link, soft_wrap=True)
        out.print(f"交易码 · transaction code  {answer.tx_code}")
        out.print(f"有效至 · until  {answer.expires_at.isoformat()}")

    show(answer, as_json=as_json, plain=plain)
