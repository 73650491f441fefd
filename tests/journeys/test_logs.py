"""Canaries walk the main journey and every wrong turn beside it; no log repeats any of them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from jiazhao import specimen
from jiazhao.http.logs import FIELDS
from jiazhao.smoke.people import Officer, UnexpectedAnswerError, Visitor, named
from jiazhao.smoke.wallet import PRE_AUTHORIZED, Wallet
from tests.live_server import LiveServer

HOLDER = "canary-0001"
NAME = ("卡", "纳丽样")
LATIN = ("KANARIA", "NALIYANG")
ADDRESS = "四川省成都市样本区金丝雀路77号"
NOTE = "金丝雀现场说明"
ARCHIVE_NUMBER = "510197999001"
SUBJECT = "sp-000002"


@dataclass
class Canaries:
    """What must not be found, by what it is."""

    found_by: dict[str, str] = field(default_factory=dict)

    def add(self, **values: str) -> None:
        for what, value in values.items():
            assert len(value) >= 2, what
            self.found_by[what] = value

    def in_text(self, text: str) -> list[str]:
        return [what for what, value in self.found_by.items() if value in text]


@pytest.fixture(scope="module")
def canaries(live_server: LiveServer) -> Canaries:
    """Walk the journey, and return what was carried through the system."""
    canaries = Canaries()
    canaries.add(name="".join(NAME), address=ADDRESS, note=NOTE, latin=LATIN[0])
    canaries.add(identity_number=import_canary(live_server))
    wallet = claim(live_server, canaries)
    be_checked(live_server, wallet, canaries)
    look_at_own_licence(live_server, canaries)
    take_wrong_turns(live_server, canaries)
    return canaries


def import_canary(live_server: LiveServer) -> str:
    line = json.loads(next(specimen.people(1, 4242, date(2026, 6, 1))))
    line["holder_id"] = HOLDER
    for person in line["persons"]:
        person |= {"family_name": NAME[0], "given_name": NAME[1], "address": ADDRESS}
        person |= {"family_name_latin": LATIN[0], "given_name_latin": LATIN[1]}
    for grant in line["grants"]:
        grant["archive_number"] = ARCHIVE_NUMBER
    done = live_server.cli("import", "-", stdin=json.dumps(line, ensure_ascii=False))
    assert done.returncode == 0, done.stderr
    again = live_server.cli("import", "-", stdin=json.dumps(line | {"points": "x"}))
    assert again.returncode == 1
    return str(line["persons"][-1]["identity_number"])


def claim(live_server: LiveServer, canaries: Canaries) -> Wallet:
    wallet = Wallet(live_server.wallet)
    offer = json.loads(live_server.cli("offer", HOLDER, "--json").stdout)
    grant = offer["credential_offer"]["grants"][PRE_AUTHORIZED]
    canaries.add(offer_code=grant["pre-authorized_code"], tx_code=offer["tx_code"])
    with pytest.raises(UnexpectedAnswerError):
        wallet.redeem({**offer, "tx_code": "0000"})
    token = wallet.redeem(offer)
    canaries.add(access_token=token, offer_uri=offer["credential_offer_uri"].rpartition("/")[2])
    proof = wallet.prove(wallet.server_clock()())
    with pytest.raises(UnexpectedAnswerError):
        wallet.receive(token + "x", proof)
    received = wallet.receive(token, proof)
    canaries.add(instance_number=str(received.instance_number), proof=proof)
    wallet.prepare_codes(token, wallet.server_clock()())
    return wallet


def be_checked(live_server: LiveServer, wallet: Wallet, canaries: Canaries) -> None:
    officer = Officer(live_server.terminal)
    officer.sign_in(named("officer-li"))
    code = wallet.new_code(wallet.server_clock()())
    answer = officer.check(code)
    licence = answer["licence"]
    assert licence["name"] == "".join(NAME)
    canaries.add(licence_code=code, archive_number=licence["archive_number"])
    canaries.add(portrait=answer["portrait"][:60], birth_date=licence["birth_date"])
    assert officer.check(code)["verdict"] == "CANNOT_CONFIRM"
    assert officer.look_up(canaries.found_by["identity_number"], note=NOTE)["licence"]
    assert officer.look_up("990101190001010000", note=NOTE)["licence"] is None
    canaries.add(**cookies_of(officer, "officer"))
    officer.browser.close()
    wallet.browser.close()


def look_at_own_licence(live_server: LiveServer, canaries: Canaries) -> None:
    driver = Wallet(live_server.wallet)
    driver.sign_in(named(SUBJECT))
    own = driver.licence()["licence"]
    canaries.add(own_number=own["licence_number"], own_address=own["address"])
    driver.get("/wallet/accesses")
    canaries.add(**cookies_of(driver, "driver"))
    driver.sign_out()
    driver.browser.close()


def cookies_of(visitor: Visitor, who: str) -> dict[str, str]:
    return {f"{who}_{name}": value for name, value in visitor.browser._client.cookies.items()}


def take_wrong_turns(live_server: LiveServer, canaries: Canaries) -> None:
    """Put canaries where they do not belong: into addresses, fields and headers."""
    visitor = Visitor(live_server.wallet)
    client = visitor.browser._client
    number = canaries.found_by["identity_number"]
    for path in (
        f"/{number}",
        f"/wallet/licence?name={NAME[1]}&number={number}",
        f"/issuance/offers/{number}",
        f"/status-lists/{number}",
        f"/sign-in?return=/{number}",
        f"/sign-in/callback?state={number}&code={number}&iss={number}",
    ):
        for origin in (live_server.wallet, live_server.console, live_server.identity):
            client.get(origin + path, headers={"user-agent": number, "referer": number})
    for origin, path in (
        (live_server.wallet, "/claims"),
        (live_server.wallet, "/issuance/token"),
        (live_server.wallet, "/issuance/credential"),
        (live_server.console, "/registry/changes"),
        (live_server.identity, "/token"),
        (live_server.identity, "/authorize"),
    ):
        for media_type in ("application/json", "application/x-www-form-urlencoded"):
            client.post(
                origin + path,
                content=json.dumps({"holder_id": number, number: number}),
                headers={"content-type": media_type, "origin": origin, "authorization": number},
            )
    visitor.browser.close()


# -- what is left of it


def written(live_server: LiveServer) -> Iterator[dict[str, Any]]:
    for line in (live_server.state / "jiazhao.log").read_text("utf-8").splitlines():
        yield json.loads(line)


def test_every_line_is_json_with_listed_fields(live_server: LiveServer, canaries: Canaries) -> None:
    lines = list(written(live_server))
    assert {line["event"] for line in lines} >= {"request", "signed_in", "sign_in_refused"}
    assert not {field for line in lines for field in line} - FIELDS
    assert all(
        re.fullmatch(r"/[\w/.{}-]*|unmatched", line["route"]) for line in lines if "route" in line
    )


def test_the_log_repeats_no_canary(live_server: LiveServer, canaries: Canaries) -> None:
    assert len(canaries.found_by) > 12
    # Six digits stand in every time of day.
    said = [
        " ".join(str(value) for name, value in line.items() if name != "timestamp")
        for line in written(live_server)
    ]
    assert len(said) > 40
    assert canaries.in_text("\n".join(said)) == []


def test_the_process_says_no_canary(live_server: LiveServer, canaries: Canaries) -> None:
    """Its standard output names the made-up people of the demonstration, and nobody else."""
    said = live_server.log.read_text("utf-8")
    assert SUBJECT in said
    assert canaries.in_text(said) == []


def test_metrics_count_and_name_nobody(live_server: LiveServer, canaries: Canaries) -> None:
    visitor = Visitor(live_server.wallet)
    metrics = visitor.browser.get(f"{live_server.wallet}/metrics").body.decode()
    visitor.browser.close()
    assert 'route="/issuance/token"' in metrics
    assert [what for what in canaries.in_text(metrics) if what != "tx_code"] == []


def test_a_canary_would_be_found(canaries: Canaries) -> None:
    assert canaries.in_text(f"... {NAME[0]}{NAME[1]} ...") == ["name"]
