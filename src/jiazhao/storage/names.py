"""Names for new rows: they rise with time and are never taken from a sequence."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_name(now: datetime, order: int = 0) -> str:
    """A fresh name of 32 characters; names of one `now` sort by `order`."""
    microseconds = (now - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds:014x}-{order:04x}-{secrets.token_hex(6)}"


def new_names(now: datetime) -> Iterator[str]:
    """Fresh names for the rows of one act, in their order; chance is asked once for all."""
    time, _, chance = new_name(now).split("-")
    return (f"{time}-{order:04x}-{chance}" for order in count(1))
