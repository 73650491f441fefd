"""The keys of a deployment, opened: made on the first start of a demonstration only."""

from pathlib import Path

from jiazhao.clock import Clock
from jiazhao.config import Config
from jiazhao.storage.personal_data import KEY_FILE, KeptKeyWrapper, KeyWrapper
from jiazhao.trust import Keeping, Keyring, KeyStore, TrustPlan
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.keys import ISSUERS
from jiazhao.trust.token_wrapper import TokenKeyWrapper


def open_wrapper(config: Config, keys: Path) -> KeyWrapper:
    """What wraps the holders' data keys; what a key in a file has wrapped is read on."""
    token = Keeping.of(config).token if config.personal_data_on_token else None
    if token is None:
        return KeptKeyWrapper.open(keys)
    former = KeptKeyWrapper.open(keys) if (keys / KEY_FILE).exists() else None
    return TokenKeyWrapper.open(keys, token, former)


def open_keys(config: Config, keys: Path, clock: Clock) -> Keyring:
    """The keys that sign; a demonstration makes and renews its own."""
    roles = (*ISSUERS, Role.WALLET_PROVIDER) if config.own_wallet_vouched else ISSUERS
    store = KeyStore(keys, Keeping.of(config), roles=roles)
    if not config.is_demo:
        store.load(now=clock())
        return Keyring(store.folder, clock)
    plan = TrustPlan(issuer_uri=config.public_url)
    return Keyring(store.folder, clock, renew=lambda now: store.open(plan, now=now))
