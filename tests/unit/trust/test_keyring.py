"""The keys of a running service: what it notices without a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ConfigurationError, ErrorCode, SignerError
from jiazhao.trust import UNSAFE_PLAIN, Keyring, KeyStore, TrustPlan
from jiazhao.trust.folder import Entry, KeyFolder, NewKey, StoredKey
from jiazhao.trust.hierarchy import Role, make_signer
from jiazhao.trust.keys import usable_root
from tests.clocks import SetClock

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan(issuer_uri="http://localhost:8000")
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    store = KeyStore(tmp_path / "keys", UNSAFE_PLAIN)
    store.open(PLAN, now=NOW)
    return store.folder


def _add(folder: KeyFolder, *, signs_from: datetime | None = None) -> bytes:
    """Add a document signer; return its certificate."""
    root = usable_root(folder.read(), Role.IACA_ROOT, now=NOW)
    assert root is not None
    made = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=root, now=NOW)
    folder.write([NewKey(Role.DOCUMENT_SIGNER, made, signs_from)])
    return (
        KeyStore(folder.path, UNSAFE_PLAIN).folder.read()[-1].certificate.public_bytes(Encoding.DER)
    )


def _compromise(folder: KeyFolder, role: Role) -> None:
    def change(entry: Entry, stored: StoredKey) -> Entry:
        if stored.role is not role:
            return entry
        return Entry(entry.role, entry.certificate, key=entry.key, compromised_at=NOW)

    folder.write(change=change)


def test_nothing_is_read_again_while_nothing_changes(folder: KeyFolder, clock: SetClock) -> None:
    ring = Keyring(folder, clock)
    first = ring.current()
    clock.later(hours=1)
    assert ring.current() is first


def test_a_new_signer_is_taken_up_without_a_restart(folder: KeyFolder, clock: SetClock) -> None:
    ring = Keyring(folder, clock)
    former = ring.current().document_signer

    added = _add(folder)

    assert ring.current().document_signer.certificates == (added,)
    assert ring.current().document_signer.certificates != former.certificates


def test_a_signer_waits_for_its_time(folder: KeyFolder, clock: SetClock) -> None:
    ring = Keyring(folder, clock)
    former = ring.current().document_signer.certificates

    added = _add(folder, signs_from=NOW + HOUR)

    assert ring.current().document_signer.certificates == former
    clock.later(minutes=59)
    assert ring.current().document_signer.certificates == former
    clock.later(minutes=1)
    assert ring.current().document_signer.certificates == (added,)


def test_a_set_that_was_taken_stays_whole(folder: KeyFolder, clock: SetClock) -> None:
    ring = Keyring(folder, clock)
    taken = ring.current().document_signer

    _add(folder)
    ring.current()

    PublicKey.of(taken.certificate.public_key()).verify(taken.sign(b"message"), b"message")


def test_a_compromised_signer_signs_no_more_and_is_named(
    folder: KeyFolder, clock: SetClock
) -> None:
    ring = Keyring(folder, clock)
    key = PublicKey.of(ring.current().document_signer.certificate.public_key())

    _compromise(folder, Role.DOCUMENT_SIGNER)

    assert ring.current().compromised == {key.point}
    with pytest.raises(SignerError) as refused:
        _ = ring.current().document_signer
    assert refused.value.code is ErrorCode.SIGNER_UNAVAILABLE
    assert ring.current().status_signer.sign(b"message")


def test_a_compromised_root_is_no_anchor(folder: KeyFolder, clock: SetClock) -> None:
    ring = Keyring(folder, clock)
    added = _add(folder)
    assert ring.current().document_signer.certificates == (added,)

    def change(entry: Entry, stored: StoredKey) -> Entry:
        return Entry(entry.role, entry.certificate, key=entry.key, compromised_at=NOW)

    folder.write(change=change)
    assert ring.current().anchors() == ()


def test_a_folder_that_cannot_be_read_leaves_what_was_known(
    folder: KeyFolder, clock: SetClock
) -> None:
    ring = Keyring(folder, clock)
    known = ring.current()
    inventory = folder.path / "inventory.json"
    content = inventory.read_bytes()

    inventory.write_bytes(b"damaged")
    assert ring.current() is known
    inventory.unlink()
    assert ring.current() is known
    inventory.write_bytes(content)
    assert ring.current().anchors() == known.anchors()

    added = _add(folder)
    assert ring.current().document_signer.certificates == (added,)


def test_a_service_does_not_start_without_its_keys(tmp_path: Path, clock: SetClock) -> None:
    with pytest.raises(ConfigurationError):
        Keyring(KeyFolder(tmp_path / "absent", UNSAFE_PLAIN), clock)
