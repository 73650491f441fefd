"""One frozen configuration from one TOML file and the environment.

`JIAZHAO_<KEY>` overrides a key of the file. All faults are listed at once, each with the key
and the reason, so that an operator mends a file in one pass.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from jiazhao.errors import ConfigurationError, ErrorCode

Environment = Literal["demo", "production"]

MAX_CONFIG_BYTES = 64 * 1024
"""A configuration is a page or two; more is a wrong file."""


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, with the reason for its default.

    URLs are origins without a path; durations are whole seconds.
    """

    environment: Environment
    state_dir: Path
    """Keys, published status lists and, on the embedded engine, the register."""
    public_url: str
    """The wallet's origin, which is also the issuer's name inside every issued copy."""
    terminal_url: str
    console_url: str
    database_url: str
    identity_issuer: str
    """The OpenID Connect identity provider."""
    identity_client_id: str
    identity_client_secret_file: Path | None = None
    identity_required_acr: tuple[str, ...] = ()
    """Proof levels that suffice for a claim; the provider names the one it used."""
    claim_sign_in_seconds: int = 300
    """A claim needs a sign-in this fresh."""
    session_idle_seconds: int = 1800
    session_seconds: int = 12 * 3600
    """A working day; nobody stays signed in longer."""
    offer_seconds: int = 600
    token_seconds: int = 300
    nonce_seconds: int = 300
    copy_days: int = 30
    """Life of an issued copy: short enough that a lost signer heals, long enough to travel."""
    code_seconds: int = 60
    code_skew_seconds: int = 30
    status_list_size: int = 1 << 17
    """Indices a list; a large list hides which of its holders changed."""
    status_ttl_seconds: int = 60
    status_exp_seconds: int = 24 * 3600
    pages_per_minute: int = 1200
    """Requests of one client: an account, or an address where nobody is signed in. Thousands of
    phones may share one address of a mobile network."""
    checks_per_minute: int = 600
    """Checks and look-ups of one officer: no person makes so many, a terminal that was out of
    reach hands its own in at once."""
    proofs_per_minute: int = 120
    """Sign-ins and tokens of one address, where a secret could be guessed."""
    proxy_addresses: tuple[str, ...] = ()
    """Reverse proxies in front, whose `X-Forwarded-For` says who the client is; no other's is
    believed."""
    worker_seconds: float = 0.5
    shown_day: str | None = None
    """Demonstration only: the day that the clock starts at (ISO 8601)."""
    specimen_day: str | None = None
    """Demonstration only: the day for which the made-up people were drawn up (ISO 8601)."""

    @property
    def origins(self) -> Mapping[str, str]:
        """Application name to origin, in the order of their ports in the demo."""
        return {
            "wallet": self.public_url,
            "terminal": self.terminal_url,
            "console": self.console_url,
        }

    @property
    def is_demo(self) -> bool:
        """Whether made-up people are served and everything is marked as a specimen."""
        return self.environment == "demo"


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read the file and the environment; raises `ConfigurationError` naming all faults."""
    environ = os.environ if environ is None else environ
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigurationError(
                ErrorCode.BAD_CONFIGURATION, key=path.name, reason="too large / 文件过大"
            )
        settings = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason=type(error).__name__
        ) from error
    for field in fields(Config):
        override = environ.get(f"JIAZHAO_{field.name.upper()}")
        if override is not None:
            settings[field.name] = _from_environment(field.type, override)
    return read(settings, base=path.parent)


def read(settings: Mapping[str, Any], *, base: Path) -> Config:
    """Check settings and build the configuration; relative paths are relative to `base`."""
    faults = _faults(settings)
    if faults:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION,
            key=", ".join(key for key, _ in faults),
            reason="; ".join(f"{key}: {why}" for key, why in faults),
        )
    try:
        config = msgspec.convert(dict(settings), Config, strict=True, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key="file", reason=str(error)
        ) from error
    secret = config.identity_client_secret_file
    state_dir = base / config.state_dir
    return replace(
        config,
        state_dir=state_dir,
        database_url=config.database_url.replace("{state_dir}", str(state_dir.resolve())),
        identity_client_secret_file=base / secret if secret else None,
    )


def _to_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)


def _from_environment(kind: object, text: str) -> object:
    if kind is int:
        return int(text) if text.isdigit() else text
    if kind is float:
        return float(text) if text.replace(".", "", 1).isdigit() else text
    if kind == tuple[str, ...]:
        return [part for part in text.split(",") if part]
    return text


def _faults(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = {field.name: field for field in fields(Config)}
    faults = [(key, "unknown key / 未知配置项") for key in settings if key not in known]
    faults += [
        (name, "missing / 缺少")
        for name, field in known.items()
        if field.default is MISSING and name not in settings
    ]
    if settings.get("environment") not in (None, *get_args(Environment)):
        faults.append(("environment", "demo or production"))
    for key in ("public_url", "terminal_url", "console_url"):
        url = settings.get(key)
        if isinstance(url, str) and not is_acceptable_origin(url):
            faults.append((key, "https, or http on loopback, without a path / 须为 https"))
    if settings.get("environment") == "production" and settings.get("shown_day"):
        faults.append(("shown_day", "for demonstrations only / 仅限演示"))
    return faults


def is_acceptable_origin(url: str) -> bool:
    """Whether `url` is an origin that may serve: https, or http where it cannot be overheard."""
    parts = urlsplit(url)
    if parts.path or parts.query or parts.fragment or not parts.hostname or parts.username:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
