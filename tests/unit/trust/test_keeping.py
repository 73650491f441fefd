"""Where private keys are kept, and what production refuses."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jiazhao.config import Config, read
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ConfigurationError
from jiazhao.trust import UNSAFE_PLAIN, Keeping, KeyStore, Trust, TrustPlan
from jiazhao.trust.folder import Kept
from jiazhao.trust.pkcs11 import TokenSigner
from tests.tokens import Tokens

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan(issuer_uri="http://localhost:8000")
PASSPHRASE = b"3pZ5rY0mQ8xkT2vNwLc7aB1d"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def _signs(trust: Trust) -> None:
    for signer in (trust.document_signer, trust.status_signer):
        key = PublicKey.of(signer.certificate.public_key())
        key.verify(signer.sign(b"message"), b"message")


def _places(folder: Path, keeping: Keeping) -> set[Kept]:
    return {key.kept for key in KeyStore(folder, keeping).folder.read()}


def test_keys_with_a_passphrase_are_encrypted_and_sign(folder: Path) -> None:
    keeping = Keeping(PASSPHRASE)

    _signs(KeyStore(folder, keeping).open(PLAN, now=NOW))
    _signs(KeyStore(folder, keeping).load(now=NOW))

    files = list(folder.glob("*.key.pem"))
    assert len(files) == 3
    assert all(b"BEGIN ENCRYPTED PRIVATE KEY" in file.read_bytes() for file in files)
    assert _places(folder, keeping) == {Kept.ENCRYPTED_FILE}
    assert PASSPHRASE.decode() not in repr(keeping)


@pytest.mark.parametrize(
    ("keeping", "words"),
    [
        (Keeping(PASSPHRASE + b"."), "another passphrase"),
        (Keeping(), "keys_passphrase_file"),
        (UNSAFE_PLAIN, "keys_passphrase_file"),
    ],
)
def test_encrypted_keys_open_with_their_passphrase_only(
    folder: Path, keeping: Keeping, words: str
) -> None:
    KeyStore(folder, Keeping(PASSPHRASE)).open(PLAN, now=NOW)
    with pytest.raises(ConfigurationError, match=words):
        KeyStore(folder, keeping).load(now=NOW)


def test_production_refuses_plain_keys_and_makes_none(folder: Path, tmp_path: Path) -> None:
    KeyStore(folder, UNSAFE_PLAIN).open(PLAN, now=NOW)
    assert _places(folder, UNSAFE_PLAIN) == {Kept.PLAIN_FILE}

    for keeping in (Keeping(), Keeping(PASSPHRASE)):
        with pytest.raises(ConfigurationError, match="is not encrypted"):
            KeyStore(folder, keeping).load(now=NOW)
    with pytest.raises(ConfigurationError, match="is needed to make keys"):
        KeyStore(tmp_path / "other", Keeping()).open(PLAN, now=NOW)


def test_the_key_of_a_root_is_not_opened_to_sign_copies(folder: Path) -> None:
    KeyStore(folder, Keeping(PASSPHRASE)).open(PLAN, now=NOW)
    (root,) = folder.glob("iaca-root-*.key.pem")
    root.unlink()

    trust = KeyStore(folder, Keeping(PASSPHRASE)).load(now=NOW)

    _signs(trust)
    assert len(trust.iaca_roots) == 1
    assert Kept.ELSEWHERE in _places(folder, Keeping(PASSPHRASE))


def test_keys_on_a_token_sign_and_leave_no_file(folder: Path, tokens: Tokens) -> None:
    keeping = Keeping(token=tokens.token("issuer"))

    made = KeyStore(folder, keeping).open(PLAN, now=NOW)
    loaded = KeyStore(folder, Keeping(token=tokens.token("issuer"))).load(now=NOW)

    for trust in (made, loaded):
        assert isinstance(trust.document_signer, TokenSigner)
        _signs(trust)
    assert made.anchors() == loaded.anchors()
    assert not list(folder.glob("*.key.pem"))
    assert _places(folder, keeping) == {Kept.TOKEN}
    with pytest.raises(ConfigurationError, match="pkcs11_token"):
        KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)


# -- from the settings


def _config(base: Path, **settings: object) -> Config:
    return read(
        {
            "environment": "production",
            "state_dir": ".",
            "public_url": "https://licence.example",
            "terminal_url": "https://terminal.example",
            "console_url": "https://console.example",
            "listen_port": 8000,
            "database_url": "sqlite:///{state_dir}/register.sqlite",
            "identity_issuer": "https://identity.example",
            "identity_client_id": "jiazhao-{app}",
            "identity_required_acr": ["high"],
            **settings,
        },
        base=base,
    )


def _passphrase(folder: Path, content: bytes, mode: int = 0o600) -> None:
    (folder / "passphrase").write_bytes(content)
    (folder / "passphrase").chmod(mode)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\nanother line\n"])
def test_the_passphrase_is_the_first_line_of_its_file(tmp_path: Path, ending: bytes) -> None:
    _passphrase(tmp_path, PASSPHRASE + ending)
    keeping = Keeping.of(_config(tmp_path, keys_passphrase_file="passphrase"))
    assert keeping.passphrase == PASSPHRASE
    assert not keeping.plain


@pytest.mark.parametrize(
    ("content", "mode"),
    [(b"too short", 0o600), (b"", 0o600), (PASSPHRASE, 0o640), ("口令" * 20, 0o600)],
    ids=["short", "empty", "readable", "not ASCII"],
)
def test_a_passphrase_that_protects_little_is_refused(
    tmp_path: Path, content: bytes | str, mode: int
) -> None:
    _passphrase(tmp_path, content.encode() if isinstance(content, str) else content, mode)
    with pytest.raises(ConfigurationError, match="keys_passphrase_file"):
        Keeping.of(_config(tmp_path, keys_passphrase_file="passphrase"))


def test_an_absent_passphrase_is_refused_without_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="keys_passphrase_file") as refused:
        Keeping.of(_config(tmp_path, keys_passphrase_file="absent"))
    assert str(tmp_path) not in refused.value.en


def test_a_token_is_named_whole_or_not_at_all(tmp_path: Path, tokens: Tokens) -> None:
    settings = tokens.settings("issuer")
    assert Keeping.of(_config(tmp_path, **settings)).token is not None
    for name in settings:
        with pytest.raises(ConfigurationError, match=name):
            _config(tmp_path, **{key: value for key, value in settings.items() if key != name})
