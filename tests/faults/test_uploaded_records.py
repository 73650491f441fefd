"""The server is killed in the middle of a batch of offline records; each is stored once."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from threading import Thread
from uuid import uuid4

from gates.deployment import prepare
from gates.launcher import Launcher
from gates.writers import claim_copy
from jiazhao.http.browser import Browser, NoAnswerError
from jiazhao.presentation.record_messages import MAX_RECORDS, SealedRecord
from jiazhao.smoke.people import Officer, named
from jiazhao.smoke.wallet import Wallet
from tests.roadside_terminal import OutOfReach

HOLDERS = 12
KILLS = 2
ROUNDS = 12
"""A kill may come when the whole batch is stored; then another round is made."""
UNTIL_STORED = 30.0


class Stored:
    """What is in the register's database, seen from outside of the server."""

    def __init__(self, state: Path) -> None:
        self._path = state / "register.sqlite"

    def records(self) -> dict[str, int]:
        """How often each record is there."""
        return self._counted("SELECT record_id, count(*) FROM offline_record GROUP BY 1")

    def looks(self) -> dict[str, int]:
        """How often each check is among the looks at the driver."""
        kind = "kind = 'offline_check'"
        return self._counted(
            f"SELECT check_id, count(*) FROM access_record WHERE {kind} GROUP BY 1"
        )

    def follow_ups(self) -> int:
        """How often an officer was told something."""
        return sum(self._counted("SELECT kind, count(*) FROM follow_up GROUP BY 1").values())

    def _counted(self, query: str) -> dict[str, int]:
        with closing(sqlite3.connect(self._path)) as database:
            return dict(database.execute(query).fetchall())


def states(terminal: OutOfReach, batch: list[SealedRecord]) -> list[str]:
    """Hand a batch in; the state of each record, none where no answer came."""
    try:
        return [one["state"] for one in terminal.hand_in(*batch)]
    except NoAnswerError:
        return []


@contextmanager
def beside(act: Thread) -> Iterator[None]:
    act.start()
    yield
    act.join(60)
    assert not act.is_alive()


def test_a_kill_in_the_middle_of_a_batch_loses_no_record_and_doubles_none(
    tmp_path: Path, launcher: Launcher
) -> None:
    deployment = prepare(tmp_path / "state", holders=HOLDERS)
    stored, chance = Stored(deployment.state), Random(1)
    server = launcher.start(deployment)
    server.wait_ready()
    browsers = Browser(), Browser()
    wallet = Wallet(deployment.origin("wallet"), browsers[0])
    wallet.sign_in(named(deployment.drivers[0]))
    claim_copy(wallet)
    officer = Officer(deployment.origin("terminal"), browsers[1])
    officer.sign_in(named("officer-li"))
    terminal, clock = OutOfReach.of(officer), officer.server_clock()

    sent: dict[str, SealedRecord] = {}
    kills_in_the_middle = 0
    for _ in range(ROUNDS):
        made = {}
        for _ in range(MAX_RECORDS):
            check_id, now = str(uuid4()), clock()
            made[check_id] = terminal.record(check_id, wallet.new_code(now), now)
        batch, before = list(made.values()), len(stored.records())
        enough = before + chance.randint(1, MAX_RECORDS // 3)
        with beside(Thread(target=states, args=(terminal, batch))):
            deadline = time.monotonic() + UNTIL_STORED
            while len(stored.records()) < enough:
                assert time.monotonic() < deadline, "nothing was stored"
            server.kill()
        landed = len(stored.records()) - before
        kills_in_the_middle += 0 < landed < MAX_RECORDS

        server = launcher.start(deployment)
        server.wait_ready()
        again = states(terminal, batch)

        assert again == ["known"] * landed + ["stored"] * (MAX_RECORDS - landed)
        sent |= made
        assert stored.records() == {one.record_id: 1 for one in sent.values()}
        assert stored.looks() == dict.fromkeys(sent, 1)
        if kills_in_the_middle == KILLS:
            break

    server.stop()
    for browser in browsers:
        browser.close()
    assert kills_in_the_middle == KILLS
    assert stored.follow_ups() == 0  # a record that came again is no second use of its code
