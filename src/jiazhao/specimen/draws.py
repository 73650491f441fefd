"""Chance that is the same for everybody: draws from a seed by BLAKE2b.

The `random` module is not used: its streams are promised for one version of Python only, and a
demonstration that someone reports a fault in must be rebuilt elsewhere to the last byte.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of draws. Streams of different names are independent of one another.

    So a new draw in one place (a tie, a street) leaves everything else as it was.
    """

    def __init__(self, *name: object) -> None:
        self._name = "/".join(map(str, name))
        self._count = 0

    def stream(self, *name: object) -> "Draws":
        """A stream under this one, beginning anew each time that it is asked for."""
        return Draws(self._name, *name)

    def below(self, bound: int) -> int:
        """0 to `bound` - 1; the bias of the modulus over 64 bits does not matter here."""
        self._count += 1
        digest = blake2b(f"{self._name}#{self._count}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % bound

    def between(self, lowest: int, highest: int) -> int:
        """From `lowest` to `highest`, both included."""
        return lowest + self.below(highest - lowest + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` of a hundred draws."""
        return self.below(100) < percent

    def one_of(self, choices: Sequence[T]) -> T:
        """One of `choices`, all alike likely."""
        return choices[self.below(len(choices))]

    def share(self, lowest: float, highest: float) -> float:
        """One of 1001 evenly spaced numbers, so that no platform's rounding matters."""
        return lowest + (highest - lowest) * self.between(0, 1000) / 1000
