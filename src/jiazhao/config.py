"""One frozen configuration from one TOML file and the environment.

`JIAZHAO_<KEY>` overrides a key of the file. All faults are listed at once, each with the key
and the reason, so that an operator mends a file in one pass. A fault never repeats a value: an
address of a database holds a password.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from jiazhao.errors import ConfigurationError, ErrorCode

Environment = Literal["demo", "production"]
IssuanceProfile = Literal["plain", "haip"]
Seconds = Annotated[int, Meta(ge=1, le=366 * 86_400)]
PerMinute = Annotated[int, Meta(ge=1, le=1_000_000)]

MAX_CONFIG_BYTES = 64 * 1024
"""A configuration is a page or two; more is a wrong file."""


@dataclass(frozen=True, slots=True)
class WalletClient:
    """A wallet that is known by name: where, exactly, the browser may be sent back to it."""

    client_id: Annotated[str, Meta(pattern="^[\\x21-\\x7e]{1,255}$")]
    redirect_uris: Annotated[tuple[str, ...], Meta(min_length=1, max_length=16)]


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
    """The officers' origin."""
    console_url: str
    """The authority's origin."""
    database_url: str
    """`sqlite:///…` or `postgresql+psycopg://…`; `{state_dir}` is filled in."""
    identity_issuer: str
    """The OpenID Connect identity provider."""
    identity_client_id: str
    """Our name at the provider; `{app}` becomes wallet, terminal or console."""
    listen_port: Annotated[int, Meta(ge=1, le=65_532)] | None = None
    """Behind a proxy: the first of four ports on loopback at which wallet, terminal, verifier
    and console are served. Origins on loopback are served at their own ports."""
    identity_client_secret_file: Path | None = None
    """Only for a provider that cannot verify `private_key_jwt`; readable by the service alone."""
    identity_required_acr: tuple[str, ...] = ()
    """Proof levels that suffice for a claim; the provider names the one it used."""
    keys_passphrase_file: Path | None = None
    """Opens the private keys in `keys/`: one line of 20 or more characters, made by a machine."""
    pkcs11_module: Path | None = None
    """The vendor's library of a token that has the private keys; new keys are made on the token."""
    pkcs11_token: str | None = None
    """The token's label."""
    pkcs11_pin_file: Path | None = None
    """The token's PIN, one line; read at each login."""
    personal_data_on_token: bool = False
    """Whether the key of keys for personal data is an AES key on the token, and no file."""
    claim_sign_in_seconds: Seconds = 300
    """A claim needs a sign-in this fresh."""
    passkey_suffices_for_claim: bool = False
    """Whether a passkey, or a PIN in its place, proves identity well enough for a claim. Off: it
    shows that a device of the person is there, and the law asks for the person."""
    staff_need_passkeys: bool = False
    """Whether officers and staff need a passkey after the provider's sign-in. In production
    always; a demonstration may switch it on."""
    session_idle_seconds: Seconds = 1800
    """A session that nobody uses ends: a phone or a terminal was laid aside."""
    session_seconds: Seconds = 12 * 3600
    """A working day; nobody stays signed in longer."""
    offer_seconds: Seconds = 600
    """Time to open the offer on the phone and to type the transaction code."""
    token_seconds: Seconds = 300
    """A wallet fetches the copy at once; a token that leaks is soon worth nothing."""
    issuance_profile: IssuanceProfile = "plain"
    """`haip` demands of every wallet what HAIP 1.0 does: tokens bound to a key of the wallet.
    `plain` takes wallets without that as well."""
    pushed_authorization_required: bool = True
    """A request that was pushed (RFC 9126) was checked before a person is asked, and stands in no
    address; off, an address with all parameters is taken too."""
    authorization_seconds: Seconds = 590
    """From a pushed request to the driver's agreement: time to sign in with a face check. `haip`
    wants less than ten minutes."""
    authorization_code_seconds: Seconds = 60
    """From the agreement to the token: a redirect and one request."""
    wallets: tuple[WalletClient, ...] = ()
    """Wallets known by name, each with the addresses at which it is answered."""
    wallet_attesters_dir: Path | None = None
    """Certificates, PEM or DER, of the authorities that may vouch for wallets; read at the start.
    `haip` takes no other wallets."""
    own_wallet_vouched: bool = False
    """Whether this system vouches for its own wallet, which runs in a browser and claims no more
    than that. Keys of the roles wallet-root and wallet-provider are needed."""
    key_attesters_dir: Path | None = None
    """Certificates of the authorities that may vouch for wallets' keys; read at the start."""
    key_attestation_required: bool = False
    """Whether copies are given only for keys that are vouched for."""
    key_storage_accepted: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    """Of these an attestation has to assert one of where the keys are kept (OpenID4VCI 1.0
    appendix D.2: `iso_18045_high` and so on); without any, none is asked."""
    user_authentication_accepted: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    """The same for how the holder unlocks the keys."""
    wallet_attestation_days: Annotated[int, Meta(ge=1, le=366)] = 31
    """An attestation older than this vouches for nothing: what was withdrawn since is not known."""
    nonce_seconds: Seconds = 300
    """As long as a token, so that no proof outlives it."""
    copy_days: Annotated[int, Meta(ge=1, le=366)] = 30
    """Life of an issued copy: short enough that a lost signer heals, long enough to travel."""
    batch_size: Annotated[int, Meta(ge=2, le=100)] = 10
    """Copies that a wallet may fetch at once, each to be shown once, so that those who are shown
    them cannot tell that they saw the same copy: a week of showing now and then."""
    batch_refill_at: Annotated[int, Meta(ge=0, le=99)] = 3
    """Unused copies at which a wallet should come back: a few, for it may be out of reach then."""
    refresh_days: Annotated[int, Meta(ge=1, le=366)] = 90
    """Life of a refresh token, which works once; a wallet that stays away longer claims anew."""
    deferred_interval_seconds: Seconds = 300
    """How often a wallet asks whether a claim that waits for a person is decided: a reviewer has a
    working day, so minutes are soon enough, and each time costs the wallet a token."""
    deferred_days: Annotated[int, Meta(ge=1, le=366)] = 30
    """How long a claim waits: the longest holidays, and a reviewer who is late."""
    credential_encryption_required: bool = False
    """Whether wallets must encrypt credential requests and take encrypted responses, above TLS.
    Off: TLS protects the way, and many wallets cannot; on, where others run a wallet's servers."""
    code_seconds: Seconds = 60
    """Life of a shown licence code: time to scan it, and little to pass it on."""
    code_skew_seconds: Seconds = 30
    """How far the clocks of a phone and of the server may differ."""
    challenge_after_seconds: Seconds = 24 * 3600
    """A code whose time beacon is older is good only with the four digits that the terminal shows:
    a phone that was out of reach for a day may have made it ahead."""
    shift_seconds: Annotated[int, Meta(ge=60, le=24 * 3600)] = 12 * 3600
    """After which a terminal's shift ends by itself, and with it the keys that it was given."""
    snapshot_max_age_seconds: Seconds = 24 * 3600
    """How old the country's statuses on a terminal may be; older ones confirm nothing."""
    lock_after_seconds: Annotated[int, Meta(ge=30, le=3600)] = 300
    """A terminal that nobody touches locks its screen."""
    offline_upload_days: Annotated[int, Meta(ge=1, le=92)] = 7
    """How late a terminal may hand in what it checked without a network: longer than an officer is
    away, and after it nobody can open a code of that day that somebody filmed."""
    status_list_size: Annotated[int, Meta(ge=256, le=1 << 24)] = 1 << 17
    """Indices a list; a large list hides which of its holders changed."""
    status_ttl_seconds: Seconds = 60
    """How long a verifier may keep a status list before it asks again."""
    status_exp_seconds: Seconds = 24 * 3600
    """After which a status list says nothing any more: an outage of a day does not stop checks."""
    status_history_days: Annotated[int, Meta(ge=0, le=3660)] = 30
    """How long published lists can be asked for by a past moment; 0 keeps none."""
    status_snapshot_base_hours: Annotated[int, Meta(ge=1, le=168)] = 24
    """How often the country's snapshot begins anew; in between only what changed is published."""
    follow_lag_seconds: Seconds | None = None
    """Where the register follows another one by change files: a check confirms nothing once the
    newest of them is older than this. Without it the register is the authority's own."""
    pages_per_minute: PerMinute = 1200
    """Requests of one client: an account, or an address where nobody is signed in. Thousands of
    phones may share one address of a mobile network."""
    checks_per_minute: PerMinute = 600
    """Checks and look-ups of one officer: no person makes so many, a terminal that was out of
    reach hands its own in at once."""
    proofs_per_minute: PerMinute = 120
    """Sign-ins and tokens of one address, where a secret could be guessed."""
    lookups_per_day: Annotated[int, Meta(ge=1, le=10_000)] = 100
    """Look-ups without the phone by one officer in a day: a busy one makes some dozen."""
    photos_per_minute: PerMinute = 30
    """Own photos of one driver: nobody takes one every two seconds, and each costs a core some."""
    proxy_addresses: tuple[str, ...] = ()
    """Reverse proxies in front, whose `X-Forwarded-For` says who the client is; no other's is
    believed."""
    worker_seconds: Annotated[float, Meta(gt=0, le=60)] = 0.5
    """Between two looks at the change feed; a change reaches the status lists after it."""
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

    @property
    def second_factor_needed(self) -> bool:
        """Whether roles of staff are had only with a passkey."""
        return self.staff_need_passkeys or not self.is_demo


@dataclass(frozen=True, slots=True)
class Fault:
    """A setting that cannot be used, and why, in both languages; never its value."""

    key: str
    zh: str
    en: str


class ConfigurationFaultsError(ConfigurationError):
    """All that is wrong with a configuration."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(
            ErrorCode.BAD_CONFIGURATION,
            key=", ".join(fault.key for fault in faults),
            reason="; ".join(f"{fault.key}: {fault.en} / {fault.zh}" for fault in faults),
        )
        self.faults = faults


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read the file and the environment; raises `ConfigurationFaultsError`."""
    environ = os.environ if environ is None else environ
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigurationFaultsError((Fault(path.name, "文件过大", "too large"),))
        settings = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = Fault(
            path.name,
            f"无法读取（{type(error).__name__}）",
            f"cannot be read ({type(error).__name__})",
        )
        raise ConfigurationFaultsError((why,)) from error
    for name, kind in get_type_hints(Config).items():
        override = environ.get(f"JIAZHAO_{name.upper()}")
        if override is not None:
            settings[name] = _from_environment(kind, override)
    return read(settings, base=path.parent)


def read(settings: Mapping[str, Any], *, base: Path) -> Config:
    """Check settings and build the configuration; relative paths are relative to `base`."""
    faults = tuple(_faults(settings))
    if faults:
        raise ConfigurationFaultsError(faults)
    config = msgspec.convert(dict(settings), Config, strict=True, dec_hook=_to_path)
    state_dir = base / config.state_dir
    return replace(
        config,
        state_dir=state_dir,
        database_url=config.database_url.replace("{state_dir}", str(state_dir.resolve())),
        **{name: base / path for name in _FILES if (path := getattr(config, name)) is not None},
    )


_FILES = (
    "identity_client_secret_file",
    "keys_passphrase_file",
    "pkcs11_module",
    "pkcs11_pin_file",
    "wallet_attesters_dir",
    "key_attesters_dir",
)
"""Settings that name a file or a folder, from the folder of the configuration on."""

_KEY_VALUES = ("key_storage_accepted", "user_authentication_accepted")
_TOKEN = ("pkcs11_module", "pkcs11_token", "pkcs11_pin_file")


def _to_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str) and "\0" not in value:
        return Path(value)
    raise msgspec.ValidationError("Expected a path")


def _from_environment(kind: object, text: str) -> object:
    """The value as the file would have it; what cannot be one stays text, and is a fault then."""
    if kind in (int, int | None):
        return int(text) if text.isascii() and text.isdigit() else text
    if kind is bool:
        return {"true": True, "false": False}.get(text, text)
    if kind is float:
        return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else text
    if kind == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


_WORDS = {"environment": "demo | production", "issuance_profile": "plain | haip"}


def _faults(settings: Mapping[str, Any]) -> Iterator[Fault]:
    known = {field.name: field for field in fields(Config)}
    hints = get_type_hints(Config, include_extras=True)
    usable = dict[str, Any]()
    for key in sorted(settings.keys() - known.keys()):
        yield Fault(key, "未知配置项", "unknown key")
    for name, field in known.items():
        if name not in settings:
            if field.default is MISSING:
                yield Fault(name, "缺少", "missing")
            continue
        try:
            usable[name] = msgspec.convert(
                settings[name], hints[name], strict=True, dec_hook=_to_path
            )
        except msgspec.ValidationError as error:
            # The codec names what it expected; a word that is not one of a few it would repeat.
            wanted = str(error).partition(" - at ")[0]
            wanted = _WORDS.get(name, wanted)
            yield Fault(
                name, f"类型或取值不对（{wanted}）", f"wrong type or out of bounds ({wanted})"
            )
    yield from _faulty_addresses(usable)
    yield from _faulty_relations(usable)
    if usable.get("environment") == "production":
        yield from _unfit_for_production(usable)


def _faulty_addresses(usable: Mapping[str, Any]) -> Iterator[Fault]:
    served = ("public_url", "terminal_url", "console_url")
    for key in (*served, "identity_issuer"):
        if key in usable and not is_acceptable_origin(usable[key]):
            yield Fault(
                key,
                "须为 https 地址且不带路径；仅本机可用 http",
                "must be https without a path, or http on loopback",
            )
    for key in served:
        if usable.get(key) in [usable.get(other, "") for other in served if other != key]:
            yield Fault(key, "与另一地址相同", "is the same as another one")
        elif key in usable and _needs_proxy(usable[key]) and usable.get("listen_port") is None:
            yield Fault(
                key,
                "不在本机：请设置 listen_port，并在前面配置带证书的反向代理",
                "is not on loopback: set listen_port, and put a proxy before it that has a "
                "certificate",
            )
    if not str(usable.get("database_url", "sqlite:")).startswith(("sqlite:", "postgresql")):
        yield Fault("database_url", "须为 sqlite 或 postgresql", "must be of sqlite or postgresql")
    wallets = usable.get("wallets", ())
    if len({wallet.client_id for wallet in wallets}) < len(wallets):
        yield Fault("wallets", "client_id 重复", "a client_id stands twice")
    if not all(_is_address(one) for one in usable.get("proxy_addresses", ())):
        yield Fault("proxy_addresses", "须为 IP 地址", "must be IP addresses")


def _faulty_relations(usable: Mapping[str, Any]) -> Iterator[Fault]:
    def value(name: str) -> Any:
        return usable.get(name, next(f.default for f in fields(Config) if f.name == name))

    if value("session_idle_seconds") > value("session_seconds"):
        yield Fault(
            "session_idle_seconds", "不能长于 session_seconds", "is longer than session_seconds"
        )
    if value("batch_refill_at") >= value("batch_size"):
        yield Fault("batch_refill_at", "须小于 batch_size", "is not below batch_size")
    if value("status_ttl_seconds") > value("status_exp_seconds"):
        yield Fault(
            "status_ttl_seconds", "不能长于 status_exp_seconds", "is longer than status_exp_seconds"
        )
    if value("issuance_profile") == "haip":
        if value("wallet_attesters_dir") is None and not value("own_wallet_vouched"):
            yield Fault(
                "wallet_attesters_dir",
                "haip 须设置，或开启 own_wallet_vouched：钱包须经证明",
                "haip needs it, or own_wallet_vouched: wallets are vouched for",
            )
        if not value("pushed_authorization_required"):
            yield Fault("pushed_authorization_required", "haip 须开启", "haip needs it")
        # FAPI 2.0 Security Profile, sections 5.3.2.1 and 5.3.2.2.
        if value("authorization_seconds") >= 600:
            yield Fault("authorization_seconds", "haip 须少于 600", "haip needs less than 600")
        if value("authorization_code_seconds") > 60:
            yield Fault("authorization_code_seconds", "haip 至多 60", "haip allows 60 at most")
    if value("key_attesters_dir") is None and not value("own_wallet_vouched"):
        for name in ("key_attestation_required", *_KEY_VALUES):
            if value(name):
                yield Fault(name, "须设置 key_attesters_dir", "needs key_attesters_dir")
    given = [name for name in _TOKEN if value(name) is not None]
    for name in _TOKEN if 0 < len(given) < len(_TOKEN) else ():
        yield Fault(name, "三个 pkcs11 项须同时设置", "all three settings of pkcs11 go together")
    if value("personal_data_on_token") and not given:
        yield Fault(
            "personal_data_on_token", "须设置三个 pkcs11 项", "needs the three settings of pkcs11"
        )
    for name in ("shown_day", "specimen_day"):
        if value(name) is not None and not _is_day(value(name)):
            yield Fault(name, "须为 YYYY-MM-DD", "must be YYYY-MM-DD")


def _unfit_for_production(usable: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("shown_day", "specimen_day"):
        if usable.get(name) is not None:
            yield Fault(name, "仅限演示", "is for demonstrations only")
    if usable.get("staff_need_passkeys") is False:
        yield Fault(
            "staff_need_passkeys", "生产环境不能关闭", "cannot be switched off in production"
        )
    if not usable.get("identity_required_acr"):
        yield Fault(
            "identity_required_acr",
            "生产环境必须指定核验强度",
            "production must name the proofs that suffice",
        )


def is_acceptable_origin(url: str) -> bool:
    """Whether `url` is an origin that may serve: https, or http where it cannot be overheard."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if parts.path or parts.query or parts.fragment or not parts.hostname or parts.username:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def _needs_proxy(url: str) -> bool:
    return is_acceptable_origin(url) and not is_loopback(urlsplit(url).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
