"""The portrait of a licence code (docs/specs/licence-code.md, "Portrait")."""

from dataclasses import dataclass
from typing import Final

TEMPLATE: Final = 1
"""The one template: grey AVIF, 60 wide and 80 high, by the encoder that photo/code_portrait.py
pins."""
MIN_ROOM: Final = 300
"""Octets. In less a codec invents smooth features: a plausible face that is no evidence."""
MAX_OCTETS: Final = 500


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture without the octets that all pictures of its template share."""

    template: int
    octets: bytes

    def __repr__(self) -> str:
        return f"Portrait({len(self.octets)} octets)"
