"""A key is made once, kept, and refused where others can read it."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from jiazhao.errors import ConfigurationError
from jiazhao.storage.kept_key import open_kept_key

NAME = "one.key"


def test_a_key_is_made_once(tmp_path: Path) -> None:
    key = open_kept_key(tmp_path / "keys", NAME)

    assert len(key) == 32
    assert open_kept_key(tmp_path / "keys", NAME) == key
    assert open_kept_key(tmp_path / "others", NAME) != key
    assert open_kept_key(tmp_path / "others", "another.key") != key
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [NAME]


def test_starts_at_once_have_one_key(tmp_path: Path) -> None:
    def open_one(folder: Path, start: Barrier) -> bytes:
        start.wait(10)
        return open_kept_key(folder, NAME)

    with ThreadPoolExecutor(4) as pool:
        for number in range(40):
            start = Barrier(4)
            folder = tmp_path / str(number)
            opened = [pool.submit(open_one, folder, start) for _ in range(4)]
            assert len({one.result() for one in opened}) == 1
            assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    open_kept_key(tmp_path, NAME)
    (tmp_path / NAME).chmod(mode)
    with pytest.raises(ConfigurationError):
        open_kept_key(tmp_path, NAME)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    open_kept_key(tmp_path, NAME)
    os.truncate(tmp_path / NAME, 31)
    with pytest.raises(ConfigurationError):
        open_kept_key(tmp_path, NAME)
