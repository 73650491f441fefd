"""What a registrar records reaches the published lists, the wallet and the next check by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.status import LicenceStatus
from jiazhao.smoke.people import Officer, Registrar, new_check_id
from jiazhao.smoke.wallet import Received, Wallet
from tests.journeys.visitors import (
    Guests,
    claim,
    eventually,
    posted,
    published_status,
    reasons,
    server_time,
    show,
)
from tests.live_server import LiveServer

SMITH = HolderId("sp-000012")
"""A foreigner of the cast, with class C1 and in good standing."""
VALID, MUST_NOT_DRIVE = 0, 2


@pytest.fixture
def registrar(guests: Guests) -> Iterator[Registrar]:
    """A registrar, who leaves the licence in good standing when the story is over."""
    registrar = guests.staff()
    yield registrar
    today = server_time(registrar).date().isoformat()
    registrar.change(
        SMITH,
        points=0,
        end_statuses=[status.value for status in LicenceStatus],
        withdraw_classes=["D"],
        grant_classes=[{"vehicle_class": "C1", "issue_date": today}],
    )


@pytest.fixture
def wallet(guests: Guests) -> Wallet:
    wallet = guests.driver(SMITH)
    claim(wallet)
    return wallet


@pytest.fixture
def officer(guests: Guests) -> Officer:
    return guests.officer()


def status_becomes(live_server: LiveServer, wallet: Wallet, wanted: int) -> None:
    """Wait until verifiers read that status, in both forms of the list."""
    copy = wallet.copy
    assert isinstance(copy, Received)
    eventually(
        lambda: published_status(live_server, wallet.browser, copy, server_time(wallet)),
        lambda status: status == wanted,
    )


NO_CLASS = {"withdraw_classes": ["C1"]}
C1_AGAIN = {"grant_classes": [{"vehicle_class": "C1", "issue_date": "2026-01-05"}]}


@pytest.mark.parametrize(
    ("change", "undo", "reason", "colour"),
    [
        pytest.param(
            {"points": 12}, {"points": 0}, "status_points_exceeded", "red", id="full score"
        ),
        pytest.param(
            {"add_statuses": ["U"]},
            {"end_statuses": ["U"]},
            "status_detained",
            "red",
            id="detained",
        ),
        pytest.param(
            {"add_statuses": ["F"]}, {"end_statuses": ["F"]}, "status_revoked", None, id="revoked"
        ),
        pytest.param(NO_CLASS, C1_AGAIN, "no_class_in_force", None, id="no class left"),
    ],
)
def test_a_change_reaches_everybody_and_so_does_its_end(
    live_server: LiveServer,
    wallet: Wallet,
    officer: Officer,
    registrar: Registrar,
    change: dict[str, Any],
    undo: dict[str, Any],
    reason: str,
    colour: str | None,
) -> None:
    status_becomes(live_server, wallet, VALID)
    assert officer.check(show(wallet))["verdict"] == "VALID"

    registrar.change(SMITH, **change)

    told = officer.check(show(wallet), vehicle_class="C1")
    assert (told["verdict"], reasons(told)) == ("NOT_VALID", reason)
    assert told["may_drive"]["answer"] is False
    seen = wallet.licence()["licence"]
    assert seen["may_drive"] is False
    assert colour in (None, seen["qr_colour"])
    assert wallet.licence()["claim"]["refusals"][0]["code"] == reason
    status_becomes(live_server, wallet, MUST_NOT_DRIVE)

    registrar.change(SMITH, **undo)

    assert officer.check(show(wallet), vehicle_class="C1")["verdict"] == "VALID"
    assert wallet.licence()["licence"]["may_drive"] is True
    status_becomes(live_server, wallet, VALID)


def test_a_new_class_may_be_driven_at_once(
    wallet: Wallet, officer: Officer, registrar: Registrar
) -> None:
    assert officer.check(show(wallet), vehicle_class="D")["may_drive"]["answer"] is False
    today = server_time(registrar).date().isoformat()
    said = registrar.change(SMITH, grant_classes=[{"vehicle_class": "D", "issue_date": today}])
    assert said["classes"] == ["C1", "D"]
    assert officer.check(show(wallet), vehicle_class="D")["may_drive"]["answer"] is True
    assert {one["code"] for one in wallet.licence()["licence"]["classes"]} == {"C1", "D"}


def test_a_pending_violation_shows_and_takes_nothing_away(
    live_server: LiveServer, wallet: Wallet, officer: Officer, registrar: Registrar
) -> None:
    registrar.change(SMITH, add_statuses=["H"])
    assert wallet.licence()["licence"]["display_status"]["code"] == "H"
    assert officer.check(show(wallet))["verdict"] == "VALID"
    status_becomes(live_server, wallet, VALID)


def test_a_suspension_with_an_end_ends_without_anybody(
    live_server: LiveServer, wallet: Wallet, officer: Officer, registrar: Registrar
) -> None:
    until = server_time(registrar) + timedelta(seconds=3)
    registrar.change(SMITH, add_statuses=["D"], held_until=until.isoformat())
    assert reasons(officer.check(show(wallet))) == "status_suspended"
    status_becomes(live_server, wallet, MUST_NOT_DRIVE)

    eventually(lambda: wallet.licence()["licence"]["may_drive"], lambda may: bool(may))

    assert server_time(wallet) >= until
    assert officer.check(show(wallet))["verdict"] == "VALID"
    status_becomes(live_server, wallet, VALID)


def test_the_registrar_is_told_what_holds_and_nothing_of_the_person(
    wallet: Wallet, registrar: Registrar
) -> None:
    said = registrar.change(SMITH, points=6)
    assert said["points"] == 6
    assert said["may_drive"] is True
    own = wallet.licence()["licence"]
    assert own["points"] == 6
    for name in ("name", "licence_number", "address", "birth_date", "archive_number"):
        assert own[name] not in str(said)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"holder_id": "sp-999999"}, 404, "no_licence"),
        ({"holder_id": "../../etc"}, 400, "invalid_identifier"),
        ({"points": -1}, 400, "bad_request"),
        ({"points": 100}, 400, "bad_request"),
        ({"points": 1.5}, 400, "bad_request"),
        ({"add_statuses": ["?"]}, 400, "bad_request"),
        ({"grant_classes": [{"vehicle_class": "C1"}]}, 400, "bad_request"),
        ({"held_from": "2026-01-05T10:00:00"}, 400, "bad_request"),
        ({"held_from": "0001-01-01T00:00:00Z"}, 400, "bad_request"),
        (
            {"held_from": "2026-01-05T10:00:00Z", "held_until": "2026-01-05T10:00:00Z"},
            400,
            "bad_request",
        ),
        ({"unheard_of": 1}, 400, "bad_request"),
    ],
    ids=str,
)
def test_a_change_that_makes_no_sense_is_refused_and_records_nothing(
    wallet: Wallet, registrar: Registrar, changes: dict[str, Any], status: int, code: str
) -> None:
    before = wallet.licence()["licence"]
    reply = posted(registrar, "/registry/changes", {"holder_id": SMITH, "points": 9, **changes})
    assert (reply.status, reply.json()["code"]) == (status, code)
    after = wallet.licence()["licence"]
    assert {**after, "confirmed_at": ""} == {**before, "confirmed_at": ""}


@pytest.mark.parametrize("subject", ["clerk-sun", "auditor-wu", "officer-li", SMITH])
def test_nobody_but_a_registrar_changes_the_register(guests: Guests, subject: str) -> None:
    reply = posted(guests.staff(subject), "/registry/changes", {"holder_id": SMITH, "points": 9})
    assert (reply.status, reply.json()["code"]) == (403, "not_allowed")


def test_what_was_recorded_late_holds_from_when_it_was_said_to(
    wallet: Wallet, guests: Guests, registrar: Registrar
) -> None:
    began = server_time(registrar) - timedelta(days=3)
    registrar.change(SMITH, add_statuses=["U"], held_from=began.isoformat())

    def held(at: datetime) -> set[str]:
        asked = {
            "check_id": new_check_id(),
            "holder_id": SMITH,
            "note": "核对扣留起始时间",
            "at": at.isoformat(),
        }
        seen = guests.staff("auditor-wu").post("/presentation/past-states", asked)
        return {status["code"] for status in seen["licence"]["statuses"]}

    assert "U" not in held(began - timedelta(seconds=1))
    assert "U" in held(began)
