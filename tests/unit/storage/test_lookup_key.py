"""Keyed hashes stand for values of a kind."""

from jiazhao.storage.lookup_key import keyed_hash


def test_kinds_and_values_do_not_run_into_each_other() -> None:
    key = bytes(32)
    hashes = {
        keyed_hash(key, kind, value)
        for kind, value in [("archive", "1"), ("archive1", ""), ("identity", "1"), ("archive", "2")]
    }
    assert len(hashes) == 4
    assert keyed_hash(bytes(31) + b"\1", "archive", "1") not in hashes
