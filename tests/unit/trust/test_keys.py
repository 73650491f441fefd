"""The folder of keys: what is made, what is kept, and what is refused."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from jiazhao.credentials.chain import DOCUMENT_SIGNING, STATUS_SIGNING
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.trust import UNSAFE_PLAIN, KeyStore, Trust, TrustPlan, durable
from jiazhao.trust.certificates import Validity

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan(issuer_uri="http://localhost:8000")
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys"


def _open(folder: Path, now: datetime = NOW) -> Trust:
    return KeyStore(folder, UNSAFE_PLAIN).open(PLAN, now=now)


def _purpose(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def _inventory(folder: Path) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = json.loads((folder / "inventory.json").read_text())["keys"]
    return keys


def _file_of(folder: Path, role: str, kind: str) -> Path:
    return next(folder / entry[kind] for entry in _inventory(folder) if entry["role"] == role)


def test_the_first_start_makes_a_root_and_two_signers_under_it(folder: Path) -> None:
    trust = _open(folder)

    (root,) = trust.iaca_roots
    for signer in (trust.document_signer, trust.status_signer):
        signer.certificate.verify_directly_issued_by(root)
    assert _purpose(trust.document_signer.certificate) == [DOCUMENT_SIGNING]
    assert _purpose(trust.status_signer.certificate) == [STATUS_SIGNING]
    assert x509.load_der_x509_certificate(trust.anchors()[0]) == root


def test_every_name_of_the_demonstration_says_specimen(folder: Path) -> None:
    trust = _open(folder)

    certificates = [
        *trust.iaca_roots,
        trust.document_signer.certificate,
        trust.status_signer.certificate,
    ]
    for certificate in certificates:
        assert "CN=SPECIMEN " in certificate.subject.rfc4514_string()
        assert "O=SPECIMEN " in certificate.subject.rfc4514_string()


def test_real_keys_do_not_say_specimen(folder: Path) -> None:
    plan = TrustPlan("https://licence.example.cn", specimen=False)
    trust = KeyStore(folder, UNSAFE_PLAIN).open(plan, now=NOW)
    assert "SPECIMEN" not in trust.document_signer.certificate.subject.rfc4514_string()


def test_certificates_begin_well_before_the_first_signature(folder: Path) -> None:
    trust = _open(folder)

    assert NOW - 29 * DAY in Validity.of(trust.document_signer.certificate)
    assert NOW - 365 * DAY in Validity.of(trust.iaca_roots[0])


def test_the_second_start_loads_the_same_keys(folder: Path) -> None:
    first, second = _open(folder), _open(folder, NOW + DAY)
    loaded = KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)

    for trust in (second, loaded):
        assert trust.anchors() == first.anchors()
        for role in ("document_signer", "status_signer"):
            kept, made = getattr(trust, role), getattr(first, role)
            assert kept.certificates == made.certificates


def test_a_signer_that_ends_soon_is_followed_by_a_new_one_under_the_same_root(
    folder: Path,
) -> None:
    first = _open(folder)
    later = _open(folder, NOW + 330 * DAY)

    assert later.anchors() == first.anchors()
    assert later.document_signer.certificate != first.document_signer.certificate
    assert NOW + 420 * DAY in Validity.of(later.document_signer.certificate)
    # The inventory forgets nothing: what was signed before stays explicable.
    assert [entry["role"] for entry in _inventory(folder)].count("document-signer") == 2


def test_a_root_that_ends_soon_is_followed_by_a_new_one_and_stays_an_anchor(folder: Path) -> None:
    first = _open(folder)
    later = _open(folder, NOW + 9 * 365 * DAY + 30 * DAY)

    assert later.anchors()[1:] == first.anchors()
    later.document_signer.certificate.verify_directly_issued_by(later.iaca_roots[0])


@pytest.mark.parametrize("days", [-40, -400, -4000])
def test_a_clock_set_to_a_past_day_works(folder: Path, days: int) -> None:
    _open(folder)
    past = NOW + days * DAY

    trust = _open(folder, past)

    assert past in Validity.of(trust.document_signer.certificate)
    assert any(past in Validity.of(root) for root in trust.iaca_roots)


def test_only_the_owner_can_read_keys_and_enter_the_folder(folder: Path) -> None:
    umask = os.umask(0)
    try:
        _open(folder)
    finally:
        os.umask(umask)

    assert folder.stat().st_mode & 0o777 == 0o700
    keys = list(folder.glob("*.key.pem"))
    assert len(keys) == 3
    for key in keys:
        assert key.stat().st_mode & 0o777 == 0o600
        assert b"BEGIN PRIVATE KEY" in key.read_bytes()


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    _open(folder)
    _file_of(folder, "document-signer", "key").chmod(0o640)

    for call in (KeyStore(folder, UNSAFE_PLAIN).load, lambda *, now: _open(folder, now)):
        with pytest.raises(ConfigurationError, match="other users can read the key"):
            call(now=NOW)


def test_a_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    _open(folder)
    folder.chmod(0o750)
    with pytest.raises(ConfigurationError, match="other users can enter the folder"):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)


def test_loading_never_makes_keys(folder: Path) -> None:
    with pytest.raises(ConfigurationError):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)
    assert not folder.exists()


def test_loading_where_no_signer_holds_is_refused(folder: Path) -> None:
    _open(folder)
    with pytest.raises(ConfigurationError, match="no key holds at 2027-09-06"):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW + 490 * DAY)


def test_state_made_under_another_address_is_refused(folder: Path) -> None:
    _open(folder)
    with pytest.raises(ConfigurationError) as refused:
        KeyStore(folder, UNSAFE_PLAIN).open(TrustPlan(issuer_uri="http://localhost:9000"), now=NOW)
    assert refused.value.code is ErrorCode.STATE_BELONGS_TO_ANOTHER_ADDRESS


@pytest.mark.parametrize(
    ("role", "kind", "content"),
    [
        ("document-signer", "certificate", b"not PEM"),
        ("document-signer", "certificate", b""),
        ("document-signer", "key", b"not PEM"),
        ("iaca-root", "key", b"x" * 300_000),
    ],
)
def test_a_damaged_file_is_named(folder: Path, role: str, kind: str, content: bytes) -> None:
    _open(folder)
    path = _file_of(folder, role, kind)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)
    assert path.name in refused.value.en


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"version": 2, "keys": []}',
        b'{"version": 1, "keys": []}',
        b'{"version": 1, "keys": [{"role": "iaca-root", "certificate": "../x.pem"}]}',
        b'{"version": 1, "keys": [{"role": "iaca-root", "certificate": "absent.pem"}]}',
    ],
)
def test_a_damaged_inventory_is_refused(folder: Path, content: bytes) -> None:
    _open(folder)
    (folder / "inventory.json").write_bytes(content)
    with pytest.raises(ConfigurationError):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)


def test_keys_of_two_roles_swapped_are_refused(folder: Path) -> None:
    _open(folder)
    one = _file_of(folder, "document-signer", "key")
    other = _file_of(folder, "status-signer", "key")
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)
    with pytest.raises(ConfigurationError, match="not the key of its certificate"):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)


def test_a_signer_of_another_hierarchy_is_refused(folder: Path, tmp_path: Path) -> None:
    _open(folder)
    _open(tmp_path / "other")
    for kind in ("certificate", "key"):
        foreign = _file_of(tmp_path / "other", "document-signer", kind).read_bytes()
        _file_of(folder, "document-signer", kind).write_bytes(foreign)
    with pytest.raises(ConfigurationError, match="not issued by a root"):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)


def test_a_start_cut_short_before_the_inventory_leaves_nothing_that_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path, content: bytes, *, mode: int = 0o644) -> None:
        if path.name == "inventory.json":
            raise OSError(28, "No space left on device", str(path))
        durable.write_durably(path, content, mode=mode)

    monkeypatch.setattr("jiazhao.trust.folder.write_durably", cut)
    with pytest.raises(ConfigurationError, match="No space left"):
        _open(folder)
    monkeypatch.undo()

    trust = _open(folder)

    assert len(trust.iaca_roots) == 1
    assert len(_inventory(folder)) == 3
