"""`jiazhao demo`: a country in a folder, which goes on where it was and shows any day."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import tomli_w

from jiazhao import demo
from jiazhao.config import load
from jiazhao.errors import JiazhaoError
from jiazhao.http.browser import Browser
from jiazhao.licence.legal_day import CHINA, legal_day
from tests.clocks import MORNING, SetClock
from tests.houses import Town, served_town
from tests.journeys.conftest import Command
from tests.journeys.visitors import Guests, claim, eventually, posted, show
from tests.live_server import JIAZHAO, cli, start, stop

CHENGDU, BEIJING = "sp-000001", "sp-000007"
PORT = 8100


# -- a folder is for one address, one day


@pytest.fixture
def unserved(jiazhao: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, which must refuse: it fails where it would begin to serve."""

    def serve(*_arguments: object, **_more: object) -> None:
        raise AssertionError("it began to serve")

    monkeypatch.setattr("jiazhao.cli.running.serve", serve)
    return jiazhao


def made(state: Path, *, on: date | None = None) -> Path:
    demo.write_config(state, PORT, on=on, public_url=None)
    return state


def test_another_port_is_refused_with_the_port_that_the_folder_has(
    unserved: Command, tmp_path: Path
) -> None:
    """Issued copies name the address, so it cannot change."""
    done = unserved("demo", "--state", made(tmp_path / "state"), "--port", 8200)
    assert (done.code, done.out) == (1, "")
    assert "8100" in done.sentence
    assert "8200" in done.sentence
    assert not (tmp_path / "state" / "register.sqlite").exists()


def test_another_address_before_a_proxy_is_refused(unserved: Command, tmp_path: Path) -> None:
    state = made(tmp_path / "state")
    done = unserved(
        "demo", "--state", state, "--port", PORT, "--public-url", "https://licence.example"
    )
    assert done.code == 1
    assert "https://licence.example" in done.sentence


def test_another_day_is_refused_with_the_day_that_the_folder_shows(
    unserved: Command, tmp_path: Path
) -> None:
    state = made(tmp_path / "state", on=date(2021, 6, 1))
    done = unserved("demo", "--state", state, "--port", PORT, "--on", "2021-05-31")
    assert (done.code, done.out) == (1, "")
    assert "2021-06-01" in done.sentence
    assert "2021-05-31" in done.sentence


def test_a_shown_day_is_refused_by_a_folder_that_shows_today(
    unserved: Command, tmp_path: Path
) -> None:
    done = unserved(
        "demo", "--state", made(tmp_path / "state"), "--port", PORT, "--on", "2021-05-31"
    )
    assert done.code == 1
    assert "2021-05-31" in done.sentence


def test_production_has_no_demonstration(unserved: Command, tmp_path: Path) -> None:
    state = made(tmp_path / "state")
    path = state / demo.CONFIG_NAME
    settings = {
        "environment": "production",
        "state_dir": ".",
        "public_url": f"http://localhost:{PORT}",
        "terminal_url": f"http://localhost:{PORT + 1}",
        "console_url": f"http://localhost:{PORT + 3}",
        "database_url": "sqlite:///{state_dir}/register.sqlite",
        "identity_issuer": "https://identity.example",
        "identity_client_id": "jiazhao",
        "identity_required_acr": ["high"],
    }
    path.write_text(tomli_w.dumps(settings))
    done = unserved("demo", "--state", state, "--port", PORT)
    assert (done.code, done.out) == (1, "")
    assert "。" in done.err
    assert not (state / "register.sqlite").exists()


# -- it goes on where it was


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "state"


def test_a_second_start_goes_on_where_the_first_was_stopped(state: Path) -> None:
    process, server = start(state, "--holders", "12", "--json")
    guests = Guests(server)
    said = server.log.read_text("utf-8")
    announced = json.loads(said[said.index("{\n") :])
    assert announced["pages"]["wallet"] == f"{server.wallet}/"
    assert CHENGDU in {person["subject"] for person in announced["people"]}
    wallet = guests.driver(CHENGDU)
    claimed = claim(wallet).instance_number

    crowded = cli("demo", "--state", str(state), "--port", str(server.port), "--holders", "12")
    assert crowded.returncode == 1
    assert str(server.port) in crowded.stderr
    assert "Traceback" not in crowded.stderr

    stop(process)
    assert process.returncode == 0
    process, again = start(state, "--holders", "12", port=server.port)
    try:
        assert wallet.licence()["instance"]["instance_number"] == claimed  # still signed in
        officer = guests.officer()
        assert officer.check(show(wallet))["verdict"] == "VALID"
        assert again.wallet == server.wallet
    finally:
        guests.close()
        stop(process)


def test_the_same_folder_is_served_without_the_demonstration(state: Path, tmp_path: Path) -> None:
    config = state / demo.CONFIG_NAME
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [str(JIAZHAO), "serve", "--with-worker", "--json", "--config", str(config)], stdout=out
        )
    browser = Browser()
    try:
        wallet = load(config, {}).public_url
        eventually(lambda: is_ready(browser, wallet), bool)
        origins = json.loads(said.read_text())["serving"]
        assert set(origins) == {"wallet", "terminal", "console"}
        assert origins["wallet"] == wallet
        assert all(is_ready(browser, origin) for origin in origins.values())
    finally:
        browser.close()
        stop(process)
    assert process.returncode == 0


def is_ready(browser: Browser, origin: str) -> bool:
    try:
        return browser.get(f"{origin}/readyz").status == 200
    except JiazhaoError:
        return False


# -- another day


@pytest.fixture(scope="module")
def last_day_of_may(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A system on the day before the electronic licence began; its clock can be moved."""
    state = tmp_path_factory.mktemp("may") / "state"
    with served_town(state, on=date(2021, 5, 31)) as town:
        yield town


def attempt(town: Town, guests: Guests, subject: str, day: date) -> list[str]:
    """The codes for which a claim is refused at noon of a day; none where it is not."""
    town.clock.now = datetime.combine(day, datetime.min.time(), CHINA).astimezone(UTC)
    town.clock.later(hours=12)
    wallet = guests.driver(subject)
    assert day.isoformat() in wallet.get("/session")["banner"]["zh"]
    reply = posted(wallet, "/claims", {"replace": True})
    if reply.status == 201:
        assert wallet.licence()["claim"]["allowed"] is True
        return []
    refusals = reply.json()["refusals"]
    assert all(refusal["source"] and refusal["todo_zh"] for refusal in refusals)
    return [refusal["code"] for refusal in refusals]


def test_the_electronic_licence_begins_city_by_city(last_day_of_may: Town) -> None:
    guests = Guests(last_day_of_may)

    def told(subject: str, day: date) -> list[str]:
        return attempt(last_day_of_may, guests, subject, day)

    assert told(CHENGDU, date(2021, 5, 31)) == ["region_not_open"]
    assert told(BEIJING, date(2021, 5, 31)) == ["region_not_open"]
    assert told(CHENGDU, date(2021, 6, 1)) == []
    assert told(BEIJING, date(2021, 6, 1)) == ["region_not_open"]
    assert told(BEIJING, date(2021, 8, 31)) == ["region_not_open"]
    assert told(BEIJING, date(2021, 9, 1)) == []
    guests.close()


def test_a_shown_day_runs_on_from_the_time_of_day(tmp_path: Path) -> None:
    config = load(
        demo.write_config(tmp_path / "state", PORT, on=date(2021, 5, 31), public_url=None), {}
    )
    real = SetClock(MORNING)
    shown = demo.clock_of(config, real)
    assert legal_day(shown()) == date(2021, 5, 31)
    assert shown().timetz() == MORNING.timetz()
    real.later(hours=24)
    assert legal_day(shown()) == date(2021, 6, 1)
    assert demo.clock_of(replace(config, shown_day=None), real)() == real()
