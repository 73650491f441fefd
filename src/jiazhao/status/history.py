"""Published lists of past moments (Token Status List, draft 20, section 8.4).

    history/<list_id>/<hour>/<iat>-<exp>-<generation>.<form>

A token is kept as it was published, for a verifier who has to know what could be known then;
nothing is signed anew. An hour is a folder, so that nobody's question reads through them all.
Who can change this folder can hide what was published, and cannot make up another list.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from jiazhao.credentials.status_token import MAX_TOKEN_OCTETS
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.status.messages import TokenForm
from jiazhao.trust.durable import make_folder_durably, write_durably

_HOUR: Final = 3600
_NAME: Final = re.compile(r"(\d{12})-(\d{12})-(\d{12})\.(\w+)")


@dataclass(frozen=True, slots=True)
class StatusHistory:
    """The tokens that were published, as long as they are kept."""

    folder: Path
    keep: timedelta
    longest_life: timedelta
    """How long before a moment a token can have been issued that held then."""

    def add(
        self,
        list_id: str,
        generation: int,
        tokens: Mapping[TokenForm, bytes],
        *,
        issued_at: datetime,
        expires_at: datetime,
    ) -> None:
        """Keep the tokens of a publication; raises `OSError`."""
        issued, expires = int(issued_at.timestamp()), int(expires_at.timestamp())
        hour = self.folder / list_id / f"{issued // _HOUR:09d}"
        make_folder_durably(hour)
        for form, octets in tokens.items():
            name = f"{issued:012d}-{expires:012d}-{generation:012d}.{form}"
            write_durably(hour / name, octets)

    def token(self, list_id: str, form: TokenForm, moment: datetime, *, now: datetime) -> bytes:
        """The newest token that held at `moment`.

        Raises `JiazhaoError` (STATUS_OF_THAT_TIME_NOT_KEPT): it lies ahead, or too far back, or
        nothing was published then.
        """
        at = int(moment.timestamp())
        if now - self.keep <= moment <= now:
            earliest = int((moment - self.longest_life).timestamp()) // _HOUR
            for hour in range(at // _HOUR, earliest - 1, -1):
                if found := _newest(self.folder / list_id / f"{hour:09d}", form, at):
                    return _read(found)
        raise JiazhaoError(ErrorCode.STATUS_OF_THAT_TIME_NOT_KEPT)

    def forget(self, now: datetime) -> int:
        """Delete what is older than it is kept; returns how many hours of a list went.

        Where nothing is kept all goes: what stood would answer for later moments, of whose lists
        nothing is known here, if keeping were switched on again.
        """
        oldest = int((now - self.keep - self.longest_life).timestamp()) // _HOUR
        gone = [
            hour
            for hour in self.folder.glob("*/*")
            if hour.name.isdecimal() and (not self.keep or int(hour.name) < oldest)
        ]
        for hour in gone:
            shutil.rmtree(hour, ignore_errors=True)  # another worker may be at it
        return len(gone)


def at_seconds(text: str) -> datetime:
    """Read the moment of a question: whole seconds; raises `JiazhaoError` (BAD_REQUEST)."""
    if not re.fullmatch(r"[0-9]{1,11}", text):
        raise JiazhaoError(ErrorCode.BAD_REQUEST, field="time")
    return datetime.fromtimestamp(int(text), UTC)


def _newest(hour: Path, form: TokenForm, at: int) -> Path | None:
    """The token of the highest time and generation that had been issued and had not expired."""
    try:
        names = [_NAME.fullmatch(path.name) for path in hour.iterdir()]
    except FileNotFoundError:
        return None
    held = [
        name.group()
        for name in names
        if name and name[4] == form and int(name[1]) <= at < int(name[2])
    ]
    return hour / max(held) if held else None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_TOKEN_OCTETS)
    except FileNotFoundError as error:  # forgotten meanwhile
        raise JiazhaoError(ErrorCode.STATUS_OF_THAT_TIME_NOT_KEPT) from error
