"""Races of two: both go at once, and exactly one may win."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from jiazhao.errors import JiazhaoError, Kind
from jiazhao.smoke.people import UnexpectedAnswerError

Act = Callable[[], bool]
"""One of the two; says whether it won."""

PATIENCE_SECONDS = 120
"""Two that wait for each other longer than this have locked each other out."""


@dataclass
class Score:
    """Races run and races that did not have exactly one winner, by kind."""

    races: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, winners: int) -> None:
        """Count one race."""
        self.races[kind] += 1
        if winners != 1:
            self.faults[f"{kind} with {winners} winners"] += 1


@contextmanager
def two_at_once() -> Iterator[Callable[[Act, Act], list[bool]]]:
    """Two threads that wait for each other and go at once; yields how to let them race."""
    barrier = threading.Barrier(3, timeout=PATIENCE_SECONDS)
    acts: list[Act | None] = [None, None]
    won: list[bool | Exception] = [False, False]

    def runner(lane: int) -> None:
        while True:
            barrier.wait()
            act = acts[lane]
            if act is None:
                return
            try:
                won[lane] = act()
            except Exception as error:  # noqa: BLE001 - told to the one who started the race
                won[lane] = error
            barrier.wait()

    threads = [threading.Thread(target=runner, args=(lane,), daemon=True) for lane in (0, 1)]
    for thread in threads:
        thread.start()

    def both(first: Act, second: Act) -> list[bool]:
        acts[:] = [first, second]
        barrier.wait()
        barrier.wait()
        failed = [outcome for outcome in won if isinstance(outcome, Exception)]
        if failed:
            raise failed[0]
        return [outcome is True for outcome in won]

    try:
        yield both
    finally:
        acts[:] = [None, None]
        barrier.wait()


def succeeds(act: Callable[[], object]) -> bool:
    """Whether it does; only a refusal that the product makes on purpose is a "no"."""
    try:
        act()
    except UnexpectedAnswerError as error:
        if error.status >= 500:
            raise
        return False
    except JiazhaoError as error:
        if error.kind in {Kind.UNAVAILABLE, Kind.INTERNAL}:
            raise
        return False
    return True
