"""An operator mends a configuration in one pass, and production refuses what is for show."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from typer.testing import CliRunner

from jiazhao import demo
from jiazhao.cli import cli
from jiazhao.config import (
    MAX_CONFIG_BYTES,
    Config,
    ConfigurationFaultsError,
    is_acceptable_origin,
    load,
    read,
)
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.serving import listening_at
from tests.clocks import SetClock

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "state_dir": "state",
    "public_url": "https://licence.example",
    "terminal_url": "https://terminal.example",
    "console_url": "https://console.example",
    "database_url": "postgresql+psycopg://jiazhao:secret@db.example/jiazhao",
    "identity_issuer": "https://id.example",
    "identity_client_id": "jiazhao-{app}",
    "identity_required_acr": ["face"],
    "listen_port": 8000,
}


def faults(**settings: Any) -> dict[str, str]:
    """The faults of the production settings with some of them replaced."""
    changed = {key: value for key, value in (PRODUCTION | settings).items() if value is not None}
    try:
        read(changed, base=Path())
    except ConfigurationFaultsError as error:
        return {fault.key: fault.en for fault in error.faults}
    return {}


def test_a_good_configuration_is_read() -> None:
    config = read(PRODUCTION, base=Path("/etc/jiazhao"))
    assert config.state_dir == Path("/etc/jiazhao/state")
    assert config.identity_required_acr == ("face",)
    assert config.session_seconds == 12 * 3600
    assert (config.is_demo, list(config.origins)) == (False, ["wallet", "terminal", "console"])


def test_every_fault_is_listed_at_once() -> None:
    found = faults(
        environment="test",
        pubic_url="https://licence.example",
        public_url=None,
        terminal_url="http://terminal.example",
        offer_seconds="600",
        proxy_addresses=["the proxy"],
        shown_day="tomorrow",
        database_url="mysql://root:secret@db/x",
    )
    assert set(found) == {
        "environment",
        "pubic_url",
        "public_url",
        "terminal_url",
        "offer_seconds",
        "proxy_addresses",
        "shown_day",
        "database_url",
    }
    assert found["public_url"] == "missing"
    assert found["pubic_url"] == "unknown key"
    assert not [why for why in found.values() if "secret" in why]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("offer_seconds", 0),
        ("offer_seconds", -1),
        ("offer_seconds", 1.5),
        ("offer_seconds", True),
        ("session_seconds", 10**12),
        ("copy_days", 0),
        ("status_list_size", 10),
        ("worker_seconds", 0),
        ("worker_seconds", float("inf")),
        ("pages_per_minute", 0),
        ("listen_port", 70_000),
        ("state_dir", 7),
        ("state_dir", "a\0b"),
        ("identity_required_acr", "face"),
        ("proxy_addresses", ["10.0.0.0/8"]),
        ("database_url", "file.db"),
        ("session_idle_seconds", 13 * 3600),
        ("status_ttl_seconds", 25 * 3600),
        ("terminal_url", "https://licence.example"),
        ("identity_issuer", "https://id.example/realm"),
    ],
)
def test_a_wrong_value_is_a_fault(key: str, value: object) -> None:
    assert key in faults(**{key: value})


@pytest.mark.parametrize(
    ("origin", "acceptable"),
    [
        ("https://licence.example", True),
        ("https://licence.example:8443", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://licence.example", False),
        ("http://192.0.2.1", False),
        ("http://localhost.example", False),
        ("https://licence.example/", False),
        ("https://licence.example/a", False),
        ("https://licence.example?a", False),
        ("https://a:b@licence.example", False),
        ("https://licence.example:99999", False),
        ("https://[::1", False),
        ("https://", False),
        ("licence.example", False),
        ("ftp://licence.example", False),
        ("", False),
    ],
)
def test_an_origin_is_https_or_on_this_machine(origin: str, acceptable: bool) -> None:
    assert is_acceptable_origin(origin) is acceptable
    assert ("public_url" in faults(public_url=origin)) is not acceptable


def test_an_origin_elsewhere_needs_a_proxy_and_so_a_port() -> None:
    assert set(faults(listen_port=None)) == {"public_url", "terminal_url", "console_url"}
    config = read(PRODUCTION, base=Path())
    assert [listening_at(config, name) for name in config.origins] == [
        ("localhost", 8000),
        ("localhost", 8001),
        ("localhost", 8003),
    ]
    here = replace(config, public_url="http://localhost:9000", listen_port=None)
    assert listening_at(here, "wallet") == ("localhost", 9000)


# -- production


@pytest.mark.parametrize(
    ("key", "value"),
    [("shown_day", "2021-05-31"), ("specimen_day", "2021-05-31"), ("identity_required_acr", [])],
)
def test_what_is_for_show_is_refused_in_production(key: str, value: object) -> None:
    assert key in faults(**{key: value})
    assert key not in faults(**{key: value}, environment="demo")


def test_the_strict_profile_needs_attesters_and_pushed_requests() -> None:
    wrong: dict[str, Any] = {
        "pushed_authorization_required": False,
        "authorization_seconds": 600,
        "authorization_code_seconds": 61,
    }
    assert faults(**wrong) == {}
    assert set(faults(issuance_profile="haip", **wrong)) == {*wrong, "wallet_attesters_dir"}
    assert faults(issuance_profile="haip", wallet_attesters_dir="attesters") == {}
    assert faults(issuance_profile="haip", own_wallet_vouched=True) == {}
    config = read(PRODUCTION | {"wallet_attesters_dir": "attesters"}, base=Path("/etc/jiazhao"))
    assert config.wallet_attesters_dir == Path("/etc/jiazhao/attesters")


def test_what_is_asked_of_keys_needs_somebody_who_vouches_for_them() -> None:
    asked: dict[str, Any] = {
        "key_attestation_required": True,
        "key_storage_accepted": ["iso_18045_high"],
        "user_authentication_accepted": ["iso_18045_high"],
    }
    assert set(faults(**asked)) == set(asked)
    assert faults(**asked, key_attesters_dir="attesters") == {}


def test_the_demonstration_does_not_touch_a_production_system(tmp_path: Path) -> None:
    config = read(PRODUCTION | {"database_url": f"sqlite:///{tmp_path}/r.sqlite"}, base=tmp_path)
    clock = SetClock(now=None)  # type: ignore[arg-type]  # nobody looks at it
    with pytest.raises(ConfigurationError) as refused:
        demo.set_up(config, clock, holders=12, seed=1, progress=lambda *_: None)
    assert refused.value.code is ErrorCode.UNSAFE_IN_PRODUCTION
    assert list(tmp_path.iterdir()) == []


# -- the file and the environment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jiazhao.toml"
    path.write_text(tomli_w.dumps(PRODUCTION), "utf-8")
    return path


def test_the_environment_goes_before_the_file(file: Path) -> None:
    environ = {
        "JIAZHAO_OFFER_SECONDS": "90",
        "JIAZHAO_WORKER_SECONDS": "0.25",
        "JIAZHAO_LISTEN_PORT": "9000",
        "JIAZHAO_IDENTITY_REQUIRED_ACR": "face, card",
        "JIAZHAO_IDENTITY_CLIENT_SECRET_FILE": "secret",
        "JIAZHAO_CONFIG": "elsewhere",
        "OFFER_SECONDS": "1",
    }
    config = load(file, environ)
    assert config == replace(
        load(file, {}),
        offer_seconds=90,
        worker_seconds=0.25,
        listen_port=9000,
        identity_required_acr=("face", "card"),
        identity_client_secret_file=file.parent / "secret",
    )


@pytest.mark.parametrize("value", ["soon", "", "-5", "1e3", "٣"])
def test_the_environment_is_checked_as_the_file_is(file: Path, value: str) -> None:
    with pytest.raises(ConfigurationFaultsError) as refused:
        load(file, {"JIAZHAO_OFFER_SECONDS": value})
    assert [fault.key for fault in refused.value.faults] == ["offer_seconds"]


@pytest.mark.parametrize("key", Config.__dataclass_fields__)
def test_every_setting_can_come_from_the_environment(file: Path, key: str) -> None:
    environ = {f"JIAZHAO_{key.upper()}": "2990"}
    changed = outcome(file, environ)
    if isinstance(changed, Config):
        assert getattr(changed, key) != getattr(load(file, {}), key)
    else:
        assert key in changed


def outcome(file: Path, environ: dict[str, str]) -> Config | set[str]:
    """The configuration, or the settings at fault."""
    try:
        return load(file, environ)
    except ConfigurationFaultsError as error:
        return {fault.key for fault in error.faults}


@pytest.mark.parametrize("content", [b"\xff", b"a = ", b"a" * (MAX_CONFIG_BYTES + 1), None])
def test_a_file_that_is_none_is_a_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "jiazhao.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationFaultsError) as refused:
        load(path, {})
    assert [fault.key for fault in refused.value.faults] == ["jiazhao.toml"]


# -- the command


def test_the_command_prints_every_fault_in_both_languages(file: Path) -> None:
    good = CliRunner().invoke(cli, ["config-check", "--config", str(file)])
    assert (good.exit_code, "配置可用" in good.output) == (0, True)

    environ = {"JIAZHAO_OFFER_SECONDS": "0", "JIAZHAO_SHOWN_DAY": "2021-05-31"}
    bad = CliRunner().invoke(cli, ["config-check", "--config", str(file)], env=environ)
    assert bad.exit_code == 1
    assert "offer_seconds" in bad.output
    assert "仅限演示\n  is for demonstrations only" in bad.output

    told = CliRunner().invoke(cli, ["config-check", "--config", str(file), "--json"], env=environ)
    assert told.exit_code == 1
    answer = json.loads(told.output)
    assert answer["usable"] is False
    assert [fault["key"] for fault in answer["faults"]] == ["offer_seconds", "shown_day"]
