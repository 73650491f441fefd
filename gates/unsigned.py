"""What of a presented or stored object may be changed without anybody noticing, and why.

Everything else is signed, sealed, or looked up as a whole: a change of it never ends in VALID.
The gate `mutants` holds each object against this list, and each entry against its object: one
that nothing falls under any more is taken out.
"""

from collections.abc import Callable
from dataclasses import dataclass

Covers = Callable[[bytes, bytes], bool]
"""Whether the difference between an object and its mutant is of this entry alone."""


@dataclass(frozen=True, slots=True)
class Unsigned:
    """One kind of change of some objects, and why it does no harm or cannot be helped."""

    objects: tuple[str, ...]
    reason: str
    covers: Covers


DEVICE_RESPONSE_VERSION = b"gversionc1."
"""In CBOR: what precedes the digit of the minor version of a DeviceResponse."""


def _other_minor_version(octets: bytes, mutant: bytes) -> bool:
    at = octets.index(DEVICE_RESPONSE_VERSION) + len(DEVICE_RESPONSE_VERSION)
    rest_is_equal = octets[:at] == mutant[:at] and octets[at + 1 :] == mutant[at + 1 :]
    return rest_is_equal and mutant[at : at + 1].isdigit()


def _other_spelling(octets: bytes, mutant: bytes) -> bool:
    def letters(text: bytes) -> str:
        return "".join(text.decode("latin-1").split()).replace("-", "").upper()

    return letters(octets) == letters(mutant)


def _anything(_octets: bytes, _mutant: bytes) -> bool:
    return True


UNSIGNED = (
    Unsigned(
        ("device response",),
        "the minor version: nobody signs it, and ISO/IEC 18013-5 wants a reader to take any",
        _other_minor_version,
    ),
    Unsigned(
        ("short code",),
        "capitals, blanks and dashes: a person types it, and every spelling names one code",
        _other_spelling,
    ),
    Unsigned(
        ("trusted root",),
        "all but its key and its names: a root is trusted for being held (RFC 5280, 6.1), and "
        "comes with the configuration or in the answer that opens a shift",
        _anything,
    ),
    Unsigned(
        ("shift: settings and figures", "shift: rule tables"),
        "all of it: it comes from the service over TLS in the answer that opens a shift, and "
        "whoever can change a terminal's store can change its pages too",
        _anything,
    ),
)


def unsigned_of(name: str) -> Unsigned | None:
    """The entry of an object."""
    return next((entry for entry in UNSIGNED if name in entry.objects), None)
