"""The terminal is killed in the middle of its queue; every acknowledged record arrives, once.

A real Chromium writes records and hands them in at the same time, as fast as it can, and is killed
with all its processes (SIGKILL). What it acknowledged as written is counted here, outside; what
arrived is counted in the server's database, by the number that each record carries.

Its planted defect is a terminal that drops a record which nobody has taken.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from gates.protocol import Context, Result

NAME = "terminal-queue"

KILLS = 100
KILLS_OF_THE_BROKEN = 3
CHROMIUM = "chromium"
OFFICER = "officer-li"
HOLDERS = 12

WORK_SECONDS = (0.2, 1.2)
"""How long the terminal works between its start and the kill, by chance."""
START_SECONDS = 60
EMPTY_SECONDS = 120

_WORK = """async (forgets) => {
  const {enqueue, upload} = await import("/assets/terminal/queue.js");
  const {ownTerminal, resumedShift} = await import("/assets/terminal/shift.js");
  const {allKept, drop} = await import("/assets/terminal/disk.js");
  const shift = await resumedShift();
  const own = await ownTerminal();
  const now = () => shift.clock.now();
  const record = () => ({
    check_id: crypto.randomUUID(), at: new Date(now()).toISOString(), scanned: "x",
    verdict: "CANNOT_CONFIRM", reason: null, vehicle_class: null, challenge: null, face: null,
    snapshot_as_of: null,
  });
  (async () => { for (;;) written(await enqueue(shift, record())); })();
  (async () => {
    while (forgets) {
      const newest = (await allKept("queue")).slice(-1);
      await drop("queue", newest.map(({sequence}) => sequence));
    }
  })();
  (async () => {
    for (;;) {
      await upload(own, now).catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
}"""
_EMPTY = """async () => {
  const {unsent, upload} = await import("/assets/terminal/queue.js");
  const {ownTerminal, resumedShift} = await import("/assets/terminal/shift.js");
  const shift = await resumedShift();
  await upload(await ownTerminal(), () => shift.clock.now()).catch(() => null);
  return unsent();
}"""


@dataclass
class Tally:
    """What was acknowledged outside, and what arrived."""

    acknowledged: set[int] = field(default_factory=set)
    arrived: Counter[int] = field(default_factory=Counter)
    kills: int = 0
    waiting: int = 0

    def acknowledge(self, number: int) -> None:
        """Take the terminal's word that a record is written."""
        self.acknowledged.add(number)

    @property
    def lost(self) -> set[int]:
        """Acknowledged, and not there."""
        return self.acknowledged - set(self.arrived)

    @property
    def doubled(self) -> set[int]:
        """There more than once."""
        return {number for number, times in self.arrived.items() if times > 1}

    def judge(self) -> Result:
        """One result."""
        return Result.judge(
            bool(self.acknowledged) and not self.lost and not self.doubled and not self.waiting,
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, waiting {self.waiting}",
            kills=self.kills,
            acked=len(self.acknowledged),
            arrived=len(self.arrived),
            lost=len(self.lost),
            doubled=len(self.doubled),
        )


def run(context: Context) -> Result:
    """Kill a hundred times."""
    return _run(context, kills=KILLS)


def run_broken(context: Context) -> Result:
    """Kill a terminal that forgets."""
    return _run(context, kills=KILLS_OF_THE_BROKEN, forgets=True)


def _run(context: Context, *, kills: int, forgets: bool = False) -> Result:
    if shutil.which(CHROMIUM) is None:
        return Result.not_run("chromium is not installed")
    deployment = prepare(context.folder / "state", holders=HOLDERS)
    with Launcher() as launcher:
        server = launcher.start(deployment)
        server.wait_ready()
        tally = kill_rounds(deployment, context.folder, context.chance, kills, forgets=forgets)
        server.stop()
    return tally.judge()


def kill_rounds(
    deployment: Deployment, folder: Path, chance: Random, kills: int, *, forgets: bool = False
) -> Tally:
    """Kill and start again, then let the queue empty itself and count."""
    tally, profile = Tally(), folder / "profile"
    with sync_playwright() as playwright:
        with browser_on(playwright, profile) as context:
            cookies = begin(context.new_page(), deployment)
        for _ in range(kills):
            with browser_on(playwright, profile) as context:
                page = opened(context, deployment, cookies)
                page.expose_function("written", tally.acknowledge)
                page.evaluate(_WORK, forgets)
                page.wait_for_timeout(chance.uniform(*WORK_SECONDS) * 1000)
            tally.kills += 1
        with browser_on(playwright, profile) as context:
            page = opened(context, deployment, cookies)
            deadline = time.monotonic() + EMPTY_SECONDS
            tally.waiting = page.evaluate(_EMPTY)
            while tally.waiting and time.monotonic() < deadline:
                page.wait_for_timeout(100)
                tally.waiting = page.evaluate(_EMPTY)
    with sqlite3.connect(deployment.state / "register.sqlite") as database:
        rows = database.execute("SELECT sequence FROM offline_record").fetchall()
    tally.arrived.update(number for (number,) in rows)
    return tally


@contextmanager
def browser_on(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """Start Chromium on a profile; at the end it is killed with all its processes."""
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    process = subprocess.Popen(
        [
            CHROMIUM,
            *("--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0"),
            *(f"--user-data-dir={profile}", "about:blank"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (told.exists() and told.read_text().strip()):
            if time.monotonic() > deadline:
                raise AssertionError("chromium did not start")
            time.sleep(0.02)
        port = told.read_text().split()[0]
        yield playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def begin(page: Page, deployment: Deployment) -> Any:
    """Sign an officer in, register the terminal, open a shift; returns the session."""
    page.goto(deployment.origin("terminal"))
    page.locator("main a.button-primary").click()
    page.locator(f"button[value='{OFFICER}']").click()
    page.locator(".shift-screen form button").click()
    page.locator(".shift-screen form").wait_for(state="detached")
    page.locator(".shift-screen button").click()
    page.locator("#code").wait_for()
    return page.context.cookies()


def opened(context: BrowserContext, deployment: Deployment, cookies: Any) -> Page:
    """Open the terminal again in the session of `begin`; a shift is open."""
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(deployment.origin("terminal"))
    # A start after a crash may find the screen's lock: it forgets when it was last touched.
    page.locator("#code, .lock").first.wait_for()
    return page
