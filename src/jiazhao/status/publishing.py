"""The folder of published lists: static files that any web server can hand out.

    <list_id>.jwt, <list_id>.cwt    the tokens
    <list_id>.generation            the newest publication that began here

Who can change this folder can hide changes for as long as the tokens in it last, and can stop
service; a status of his own making he cannot publish, for tokens are signed.

Gap: a list is published when it changed, so whoever compares two publications learns which
places changed within the same half second, without learning whose they are.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jiazhao.credentials.status_token import MAX_TOKEN_OCTETS
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.status.messages import TokenForm
from jiazhao.trust.durable import write_durably

_LIST_ID = re.compile(r"[0-9a-f]{16}")
"""It becomes part of a path, so nothing else is looked up."""


def newest_generation(folder: Path, list_id: str) -> int:
    """The generation of the newest publication that began in the folder; 0 where none did."""
    try:
        return int((folder / f"{list_id}.generation").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def write_tokens(
    folder: Path,
    list_id: str,
    generation: int,
    tokens: Mapping[TokenForm, bytes],
    *,
    keep: Callable[[], None] = lambda: None,
) -> bool:
    """Put the tokens of a publication in place; False where a newer one has begun here.

    `keep` keeps them for later questions, before anybody can have read them.

    The generation is written first: should we stop half-way, what is left half-written is
    replaced by a newer publication and never by an older one, however late that one comes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if newest_generation(folder, list_id) > generation:
            return False
        write_durably(folder / f"{list_id}.generation", f"{generation}\n".encode())
        keep()
        for form, octets in tokens.items():
            write_durably(folder / f"{list_id}.{form}", octets)
    return True


def read_token(folder: Path, list_id: str, form: TokenForm) -> bytes:
    """Read a published token; raises `JiazhaoError` (NOT_FOUND) where there is none."""
    require_list_id(list_id)
    try:
        with (folder / f"{list_id}.{form}").open("rb") as file:
            return file.read(MAX_TOKEN_OCTETS)
    except FileNotFoundError as error:
        raise JiazhaoError(ErrorCode.NOT_FOUND) from error


def require_list_id(text: str) -> None:
    """Raise `JiazhaoError` (NOT_FOUND) where a text cannot name a list."""
    if not _LIST_ID.fullmatch(text):
        raise JiazhaoError(ErrorCode.NOT_FOUND)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer a folder; the lock ends with its holder, however that ends."""
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
