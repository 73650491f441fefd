"""Open pages hear within seconds that something changed, and nothing of anybody."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from jiazhao.roadside import events
from jiazhao.smoke.people import Visitor, new_check_id
from tests.houses import Town, served_town
from tests.journeys.visitors import Guests, claim, eventually, posted, show
from tests.live_server import start, stop
from tests.roadside_terminal import OutOfReach

DRIVER, OTHER, LATER_DETAINED = "sp-000001", "sp-000007", "sp-000011"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("events") / "state") as town:
        yield town


@pytest.fixture
def guests(town: Town) -> Iterator[Guests]:
    guests = Guests(town)
    yield guests
    guests.close()


@dataclass
class Ear:
    """A page that listens, in a thread of its own."""

    connection: http.client.HTTPConnection
    cookies: str
    heard: list[tuple[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    headers: Mapping[str, str] = field(default_factory=dict)

    def listen(self) -> None:
        event = ""
        try:
            self.connection.request("GET", "/events", headers={"cookie": self.cookies})
            answer = self.connection.getresponse()
            self.headers = dict(answer.getheaders())
            self.opened.set()
            for octets in answer:
                line = octets.decode().rstrip("\n")
                self.lines.append(line)
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    self.heard.append((event, json.loads(value)))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            self.opened.set()
            self.ended.set()

    def leave(self) -> None:
        """Close the page."""
        with suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        assert self.ended.wait(10)
        self.connection.close()


def begin_listening(visitor: Visitor) -> Ear:
    """Let a visitor's page listen; it has begun when this returns."""
    cookies = dict(visitor.browser._client.cookies)
    ear = Ear(
        http.client.HTTPConnection(urlsplit(visitor.origin).netloc, timeout=30),
        "; ".join(f"{name}={value}" for name, value in cookies.items()),
    )
    threading.Thread(target=ear.listen, daemon=True).start()
    assert ear.opened.wait(10)
    return ear


@contextmanager
def listening(visitor: Visitor) -> Iterator[Ear]:
    """The same for a while."""
    ear = begin_listening(visitor)
    yield ear
    ear.leave()


def test_a_detention_reaches_an_open_wallet_within_five_seconds(guests: Guests, town: Town) -> None:
    wallet, registrar = guests.driver(DRIVER), guests.staff()
    with listening(wallet) as ear, listening(guests.driver(OTHER)) as stranger:
        began = time.monotonic()
        registrar.change(town.people[0].subject, add_statuses=["U"])
        eventually(lambda: [name for name, _ in ear.heard], lambda names: "changed" in names)
        assert time.monotonic() - began < 5

        assert ear.heard[0] == ("changed", {})
        assert stranger.heard == []
    assert ear.headers["content-type"].startswith("text/event-stream")
    assert ear.headers["cache-control"] == "no-store"


def test_a_used_code_reaches_the_wallet_that_showed_it(guests: Guests) -> None:
    wallet = guests.driver(OTHER)
    claim(wallet)
    stranger = guests.driver(DRIVER)
    with listening(wallet) as ear, listening(stranger) as spared:
        assert guests.officer().check(show(wallet))["verdict"] == "VALID"
        used = eventually(
            lambda: [said for name, said in ear.heard if name == "used"], lambda said: bool(said)
        )
        assert [list(said) for said in used] == [["counter"]]
        guests.staff().change(DRIVER, points=1)
        eventually(lambda: spared.heard, lambda heard: heard == [("changed", {})])


def test_a_kill_reaches_the_terminal(guests: Guests) -> None:
    officer, other = guests.officer(), guests.officer("officer-zhao")
    with listening(officer) as ear, listening(other) as spared:
        chief = guests.staff("security-zhou")
        path = f"/console/terminals/{officer.terminal_id}/kill"
        assert posted(chief, path, {"reason": "设备遗失"}).status == 204
        eventually(lambda: ear.heard, lambda heard: ("killed", {}) in heard)
        assert spared.heard == []


def test_what_became_known_reaches_its_officer_and_a_newer_list_every_terminal(
    guests: Guests, town: Town
) -> None:
    town.clock.later(minutes=(58 - town.clock().minute) % 60)
    town.house.worker.publish_snapshot()
    detained, registrar = guests.driver(LATER_DETAINED), guests.staff()
    claim(detained)
    officer, other = guests.officer(), guests.officer("officer-zhao")
    terminal, wallet = OutOfReach.of(officer), guests.driver(DRIVER)
    record = terminal.record(new_check_id(), show(detained), town.clock())
    registrar.change(LATER_DETAINED, add_statuses=["U"])
    with listening(officer) as ear, listening(other) as colleague, listening(wallet) as driver:
        assert [one["follow_up"] for one in terminal.hand_in(record)] == ["revoked_since"]
        eventually(lambda: ear.heard, lambda heard: heard == [("follow_up", {})])
        town.clock.later(minutes=5)
        assert town.house.worker.publish_snapshot() is not None
        eventually(lambda: ear.heard[1:], lambda heard: heard == [("snapshot", {})])
        eventually(lambda: colleague.heard, lambda heard: heard == [("snapshot", {})])
        registrar.change(DRIVER, points=2)
        eventually(lambda: driver.heard, lambda heard: heard == [("changed", {})])
    [known, *_] = officer.get("/presentation/follow-ups")["follow_ups"]
    assert known["kind"] == "revoked_since"
    assert other.get("/presentation/follow-ups")["follow_ups"] == []


def test_events_name_nobody(guests: Guests, town: Town) -> None:
    wallet = guests.driver(DRIVER)
    with listening(wallet) as ear:
        guests.staff().change(town.people[0].subject, points=3)
        eventually(lambda: ear.heard, lambda heard: bool(heard))
    assert set(ear.lines) <= {"", ":", "retry: 3000", "event: changed", "data: {}"}


def test_a_stream_ends_with_its_session(guests: Guests) -> None:
    wallet = guests.driver(DRIVER)
    with listening(wallet) as ear:
        wallet.sign_out()
        assert ear.ended.wait(10)


def test_a_stream_keeps_no_session_alive(guests: Guests, town: Town) -> None:
    wallet = guests.driver(DRIVER)
    with listening(wallet) as ear:
        town.clock.later(minutes=29)
        time.sleep(1.5)
        assert not ear.ended.is_set()
        town.clock.later(minutes=2)
        assert ear.ended.wait(10)
    assert wallet.get("/session")["signed_in"] is False


def test_nobody_listens_without_a_session(town: Town, guests: Guests) -> None:
    for origin in (town.wallet, town.terminal):
        reply = guests.browser().get(f"{origin}/events")
        assert (reply.status, reply.json()["code"]) == (401, "sign_in_needed")


def test_a_page_too_many_ends_the_oldest(guests: Guests) -> None:
    wallet = guests.driver(DRIVER)
    first = begin_listening(wallet)
    later = [begin_listening(wallet) for _ in range(events.MAX_STREAMS_OF_ACCOUNT)]
    assert first.ended.wait(10)
    assert not any(ear.ended.is_set() for ear in later)
    for ear in (first, *later):
        ear.leave()


def test_pages_in_all_have_a_bound(
    guests: Guests, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventually(lambda: len(town.house.streams), lambda open_: open_ == 0)
    monkeypatch.setattr(events, "MAX_STREAMS", 1)
    with listening(guests.driver(DRIVER)) as ear:
        reply = guests.driver(OTHER).browser.get(f"{town.wallet}/events")
        assert (reply.status, reply.json()["code"]) == (503, "service_unavailable")
        assert not ear.ended.is_set()


def test_one_thread_looks_for_all_and_rests_when_nobody_listens(guests: Guests, town: Town) -> None:
    def looking() -> int:
        return sum(thread.name == "events" for thread in threading.enumerate())

    with listening(guests.driver(DRIVER)), listening(guests.officer()):
        assert looking() == 1
    eventually(looking, lambda count: count == 0)


def test_a_stop_does_not_wait_for_open_pages(tmp_path: Path) -> None:
    process, server = start(tmp_path / "state", "--holders", "12", "--seed", "1")
    visitors = Guests(server)
    try:
        with listening(visitors.driver(DRIVER)) as ear:
            began = time.monotonic()
            stop(process)
            assert time.monotonic() - began < 4
            assert ear.ended.wait(5)
    finally:
        visitors.close()
