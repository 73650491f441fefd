"""Names for new rows: they rise with time and are never taken from a sequence."""

import secrets
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_name(now: datetime, order: int = 0) -> str:
    """A fresh name of 32 characters; names of one `now` sort by `order`."""
    microseconds = (now - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds:014x}-{order:04x}-{secrets.token_hex(6)}"
