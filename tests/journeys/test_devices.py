"""A driver looks after devices and paper at the wallet's own doors, a clerk at the console's."""

from collections.abc import Iterator

import pytest

from jiazhao.credentials.signing import read_base64url
from jiazhao.smoke.wallet import Wallet
from tests.houses import Town, served_town
from tests.journeys.visitors import Guests, claim, refused, show

WANG = "sp-000001"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A system whose clock stands until it is moved."""
    with served_town(tmp_path_factory.mktemp("devices") / "state") as town:
        yield town


@pytest.fixture
def visitors(town: Town) -> Iterator[Guests]:
    """People who come and go."""
    visitors = Guests(town)
    yield visitors
    visitors.close()


@pytest.fixture
def wallet(visitors: Guests) -> Wallet:
    """A driver with the licence on her phone."""
    wallet = visitors.driver(WANG)
    claim(wallet)
    return wallet


def age(town: Town) -> None:
    """Let the sign-in grow older than a claim allows."""
    town.clock.later(seconds=town.house.config.claim_sign_in_seconds)


def test_freezing_is_for_everybody_signed_in_and_releasing_for_a_fresh_sign_in(
    town: Town, visitors: Guests, wallet: Wallet
) -> None:
    age(town)
    assert wallet.post("/wallet/freeze", {})["state"] == "frozen"
    assert refused(lambda: wallet.post("/wallet/unfreeze", {})) == (403, "sign_in_too_old")
    (device,) = [one for one in wallet.get("/wallet/devices")["devices"] if one["state"] != "ended"]
    assert (device["state"], device["frozen_by"]) == ("frozen", "holder")
    assert wallet.contact(town.clock())["state"] == "frozen"

    anew = visitors.driver(WANG)
    assert anew.post("/wallet/unfreeze", {})["state"] == "live"
    key = wallet.key.public.thumbprint()
    assert anew.post(f"/wallet/devices/{key}/end", {})["state"] == "ended"


def test_a_printed_code_asks_for_a_sign_in_of_the_last_minutes(
    town: Town, visitors: Guests, wallet: Wallet
) -> None:
    made = wallet.post("/wallet/backup-codes", {})
    assert len(read_base64url(made["code"], "code")) == 718
    age(town)
    assert refused(lambda: wallet.post("/wallet/backup-codes", {})) == (403, "sign_in_too_old")
    assert visitors.driver(WANG).post("/wallet/backup-codes", {})["code"] != made["code"]


def test_a_copied_wallet_is_frozen_at_the_door(town: Town, wallet: Wallet) -> None:
    copied = wallet.contacts
    wallet.contact(town.clock())
    show(wallet)
    wallet.contacts = copied
    assert refused(lambda: wallet.contact(town.clock())) == (409, "wallet_copied")
