"""The two encodings in which registers hand over text, and how one tells them apart.

Sources: RFC 3629 (UTF-8) and GB 18030-2022. The codec of Python is that of GB 18030-2000: what
the editions of 2005 and 2022 moved out of the private use area is moved here, so that a name
read from either encoding is the same name.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.registry.import_reasons import Reason, UnfitError


class Encoding(StrEnum):
    """How the text of a file is written as octets."""

    UTF_8 = "utf-8"
    GB_18030 = "gb18030"


_MOVED = {
    # two octets that GB 18030-2005 gave a character of its own
    "\ue7c7": "\u1e3f",
    # the eighteen that GB 18030-2022 gave theirs: vertical forms and parts of ideographs
    **dict(zip("\ue78d\ue78e\ue78f\ue790\ue791", "\ufe10\ufe12\ufe11\ufe13\ufe14", strict=True)),
    **dict(zip("\ue792\ue793\ue794\ue795\ue796", "\ufe15\ufe16\ufe17\ufe18\ufe19", strict=True)),
    **dict(zip("\ue81e\ue826\ue82b\ue82c", "\u9fb4\u9fb5\u9fb6\u9fb7", strict=True)),
    **dict(zip("\ue832\ue843\ue854\ue864", "\u9fb8\u9fb9\u9fba\u9fbb", strict=True)),
    # six whose characters stand beyond the Basic Multilingual Plane
    **dict(zip("\ue816\ue817\ue818", "\U00020087\U00020089\U000200cc", strict=True)),
    **dict(zip("\ue831\ue83b\ue855", "\U000215d7\U0002298f\U000241fe", strict=True)),
}
_MOVED_PATTERN = re.compile(f"[{''.join(_MOVED)}]")

_BEYOND_TWO_OCTETS = 0xE0
"""The first octet of a character that UTF-8 writes in three or four, as it does all Chinese."""


def decoded(octets: bytes, encoding: Encoding) -> str:
    """Read text, or raise `UnfitError`; every character of GB 18030-2022 is kept."""
    try:
        text = octets.decode(encoding.value)
    except UnicodeDecodeError:
        reason = Reason.NOT_UTF8 if encoding is Encoding.UTF_8 else Reason.NOT_GB18030
        raise UnfitError("", reason) from None
    if encoding is Encoding.GB_18030:
        return _MOVED_PATTERN.sub(lambda found: _MOVED[found[0]], text)
    return text


@dataclass(frozen=True, slots=True)
class Survey:
    """A file read once from end to end: which it is, and how its text is written."""

    digest: bytes
    octets: int
    encoding: Encoding
    detected: bool
    """Whether the encoding was found out here; else it was named."""


def survey(
    pieces: Iterable[bytes], named: Encoding | None, advance: Callable[[int], None]
) -> Survey:
    """Read all lines once; raises `UnreadableError` (ENCODING_UNCLEAR) where both may be meant.

    Only an encoding that all lines agree on is detected. Chinese text of GB 18030 is hardly ever
    UTF-8 by chance, and a line that could be both, for lack of any character of three octets,
    says nothing. One line that fits only the other encoding makes the file unclear.
    """
    digest, octets = sha256(), 0
    only_utf8, only_gb18030, either = 0, 0, 0
    for number, piece in enumerate(pieces, start=1):
        digest.update(piece)
        octets += len(piece)
        advance(len(piece))
        if named is not None or piece.isascii():
            continue
        if _is(piece, Encoding.UTF_8):
            if any(octet >= _BEYOND_TWO_OCTETS for octet in piece[:_LOOKED_AT]):
                only_utf8 = only_utf8 or number
            elif _is(piece, Encoding.GB_18030):
                either = either or number
        elif _is(piece, Encoding.GB_18030):
            only_gb18030 = only_gb18030 or number
    if named is not None:
        return Survey(digest.digest(), octets, named, detected=False)
    if (only_utf8 and only_gb18030) or (either and not only_utf8 and not only_gb18030):
        line = max(only_utf8, only_gb18030, either)
        raise UnreadableError(ErrorCode.ENCODING_UNCLEAR, line=str(line))
    found = Encoding.GB_18030 if only_gb18030 else Encoding.UTF_8
    return Survey(digest.digest(), octets, found, detected=True)


_LOOKED_AT = 1 << 16


def _is(octets: bytes, encoding: Encoding) -> bool:
    try:
        octets.decode(encoding.value)
    except UnicodeDecodeError:
        return False
    return True
