"""A signer is rotated while drivers claim, and a server that would not notice is found out."""

from pathlib import Path

from gates import defects
from gates.protocol import Context, Outcome
from gates.signer_rotation import rotate_under_load


def test_a_rotation_under_load_fails_no_request(tmp_path: Path) -> None:
    result = rotate_under_load(Context(1, tmp_path), rotations=2)
    assert result.outcome is Outcome.PASS, result.reason
    assert result.figures["failed_requests"] == 0


def test_a_server_that_keeps_its_first_keys_is_found_out(tmp_path: Path) -> None:
    result = rotate_under_load(Context(1, tmp_path), rotations=1, defect=defects.FROZEN_KEYS)
    assert result.outcome is Outcome.FAIL
    assert "signed by a key that had been replaced" in result.reason
