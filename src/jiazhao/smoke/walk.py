"""Walks the journey and tells of each step as it ends."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from jiazhao.errors import JiazhaoError
from jiazhao.smoke.journey import Journey
from jiazhao.smoke.steps import NOTHING, Stage, Step, StepOutcome, StumbleError, Words
from jiazhao.smoke.wallet import Wallet

Report = Callable[[Step], None]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def run_smoke(
    url: str, *, report: Report, terminal: str | None = None, roots: tuple[bytes, ...] = ()
) -> bool:
    """Walk the journey at the wallet's origin `url`; True where every step walked has passed.

    `terminal` is the officer's origin; at loopback it is the next port unless given. `roots`
    (DER) are trusted instead of those that the system itself publishes.
    """
    origin = url.rstrip("/")
    journey = Journey(Wallet(origin), terminal or _next_port(origin), roots)
    for number, stage in enumerate(journey.stages(), start=1):
        step = _walked(number, stage)
        report(step)
        if step.outcome is StepOutcome.FAILED:
            return False
    return True


def _walked(number: int, stage: Stage) -> Step:
    start = time.monotonic()

    def step(outcome: StepOutcome, seen: Words, what_to_do: Words = NOTHING) -> Step:
        return Step(number, stage.name, outcome, time.monotonic() - start, seen, what_to_do)

    if stage.act is None:
        return step(StepOutcome.NOT_WALKED, NOTHING, stage.what_to_do)
    try:
        seen = stage.act()
    except StumbleError as stumble:
        return step(StepOutcome.FAILED, stumble.seen, stage.what_to_do)
    except JiazhaoError as error:
        return step(StepOutcome.FAILED, Words(error.zh, error.en), stage.what_to_do)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        said = type(error).__name__
        seen = Words(
            f"回答缺少应有的内容（{said}）。", f"The answer lacks what it must say ({said})."
        )
        return step(StepOutcome.FAILED, seen, stage.what_to_do)
    if seen is None:
        return step(StepOutcome.PASSED, NOTHING)
    return step(StepOutcome.PASSED, seen)


def _next_port(origin: str) -> str | None:
    parts = urlsplit(origin)
    if parts.hostname not in LOOPBACK or parts.port is None:
        return None
    return f"{parts.scheme}://{parts.hostname}:{parts.port + 1}"
