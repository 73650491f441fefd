"""The key of keyed hashes: look-ups by personal values, without the values standing in an index.

Who reads this key and the database can test guesses of identifiers and of PINs; who can change
it makes every look-up and every PIN fail. It never changes, so it is made once
and kept with the register.
"""

import hashlib
import hmac
from pathlib import Path

from jiazhao.storage.kept_key import open_kept_key


def open_lookup_key(folder: Path) -> bytes:
    """Read the key, or make it on the first start; see `open_kept_key`."""
    return open_kept_key(folder, "lookup.key")


def keyed_hash(key: bytes, kind: str, value: str) -> bytes:
    """32 bytes that stand for `value` among values of `kind`."""
    return hmac.digest(key, f"{kind}\0{value}".encode(), hashlib.sha256)
