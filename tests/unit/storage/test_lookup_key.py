"""The key of keyed hashes: made once, kept, and refused where others can read it."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from jiazhao.errors import ConfigurationError
from jiazhao.storage.lookup_key import keyed_hash, open_lookup_key


def test_a_key_is_made_once(tmp_path: Path) -> None:
    key = open_lookup_key(tmp_path / "keys")

    assert len(key) == 32
    assert open_lookup_key(tmp_path / "keys") == key
    assert open_lookup_key(tmp_path / "others") != key
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["lookup.key"]


def test_starts_at_once_have_one_key(tmp_path: Path) -> None:
    def open_one(folder: Path, start: Barrier) -> bytes:
        start.wait(10)
        return open_lookup_key(folder)

    with ThreadPoolExecutor(4) as pool:
        for number in range(40):
            start = Barrier(4)
            folder = tmp_path / str(number)
            opened = [pool.submit(open_one, folder, start) for _ in range(4)]
            assert len({one.result() for one in opened}) == 1
            assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    open_lookup_key(tmp_path)
    (tmp_path / "lookup.key").chmod(mode)
    with pytest.raises(ConfigurationError):
        open_lookup_key(tmp_path)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    open_lookup_key(tmp_path)
    os.truncate(tmp_path / "lookup.key", 31)
    with pytest.raises(ConfigurationError):
        open_lookup_key(tmp_path)


def test_kinds_and_values_do_not_run_into_each_other() -> None:
    key = bytes(32)
    hashes = {
        keyed_hash(key, kind, value)
        for kind, value in [("archive", "1"), ("archive1", ""), ("identity", "1"), ("archive", "2")]
    }
    assert len(hashes) == 4
    assert keyed_hash(bytes(31) + b"\1", "archive", "1") not in hashes
