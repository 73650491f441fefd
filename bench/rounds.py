"""Interleaved rounds: a machine that slows down slows everybody down alike.

Each subject works for a short while, then the next one, and so on for many rounds. A
ratio is the median of the ratios within a round, so that only neighbours in time are
compared.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

Work = Callable[[int], object]
"""Something to be done once; the argument counts up, so that inputs can be varied."""


class Subject(Protocol):
    """Something whose speed is measured."""

    @property
    def name(self) -> str:
        """The name by which goals refer to it."""
        ...

    def take(self, times: int) -> int:
        """Do the work `times` times; return the nanoseconds that it took."""
        ...


@dataclass(frozen=True, slots=True)
class Here:
    """Work of this process."""

    name: str
    work: Work

    def take(self, times: int) -> int:
        """Do the work `times` times; return the nanoseconds that it took."""
        work = self.work
        start = time.perf_counter_ns()
        for count in range(times):
            work(count)
        return time.perf_counter_ns() - start


@dataclass(frozen=True, slots=True)
class Measured:
    """The rates of all subjects, per second, round by round."""

    rates: Mapping[str, Sequence[float]]

    def rate(self, name: str) -> float:
        """Return the median rate of a subject, per second."""
        return median(self.rates[name])

    def ratio(self, name: str, limit: str, *, share: float = 1.0) -> float:
        """Return the median over the rounds of rate / (share of the limit's rate)."""
        pairs = zip(self.rates[name], self.rates[limit], strict=True)
        return median(rate / (share * bound) for rate, bound in pairs)


def measure(
    subjects: Sequence[Subject],
    *,
    rounds: int,
    seconds: float,
    tell: Callable[[str], object],
) -> Measured:
    """Let each subject work `seconds` in each of `rounds` rounds, after a warm-up.

    Every second round runs in the opposite order, so that nobody always follows the same.
    `tell` hears the name of each subject before it works in a round.
    """
    times = {subject.name: _calibrated(subject, seconds) for subject in subjects}
    rates: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        for subject in subjects if number % 2 == 0 else reversed(subjects):
            tell(subject.name)
            count = times[subject.name]
            rates[subject.name].append(count * 1e9 / subject.take(count))
    return Measured(rates)


def _calibrated(subject: Subject, seconds: float) -> int:
    """Warm the subject up, and return how often it works in `seconds`."""
    count = 1
    while (taken := subject.take(count)) < seconds * 1e9 / 2:
        count *= 2
    return max(1, round(count * seconds * 1e9 / taken))
