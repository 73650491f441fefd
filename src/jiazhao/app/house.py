"""The composition root: every service of a deployment, put together in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib import resources
from typing import Any

import msgspec

from jiazhao.app.between import (
    changed,
    followed_up,
    killed,
    known_numbers,
    snapshot_files,
    snapshot_published,
    tell_holder,
    used,
)
from jiazhao.app.keys import open_keys, open_wrapper
from jiazhao.clock import Clock
from jiazhao.config import Config
from jiazhao.consent.service import Consent
from jiazhao.devices.service import DeviceCare
from jiazhao.http.outbound import Outbound
from jiazhao.identity.client_key import open_client_key
from jiazhao.identity.openid import OpenIdProvider
from jiazhao.identity.service import Identity
from jiazhao.issuance.attesters import Attesters
from jiazhao.issuance.authorizing import Authorizations
from jiazhao.issuance.backup_codes import BackupCodes
from jiazhao.issuance.client_authentication import ClientAuthentication
from jiazhao.issuance.code_parts import CodeParts
from jiazhao.issuance.copies import Copies
from jiazhao.issuance.deferred import Deferrals
from jiazhao.issuance.encryption import Encryption
from jiazhao.issuance.granting import Tokens
from jiazhao.issuance.key_attestation import KeyAttestations, KeyRequirements
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.offering import Offers
from jiazhao.issuance.possession import Possession
from jiazhao.issuance.service import Issuance
from jiazhao.notices.service import HolderNotices
from jiazhao.photo_review.service import PhotoReview
from jiazhao.presentation.past_states import PastStates
from jiazhao.presentation.records import OfflineRecords
from jiazhao.presentation.service import Checks
from jiazhao.registry.service import Register
from jiazhao.roadside.beacons import Beacons
from jiazhao.roadside.events import Streams
from jiazhao.roadside.keys import EnforcementKeys
from jiazhao.roadside.shifts import Shifts
from jiazhao.roadside.terminals import Terminals
from jiazhao.rules.tables import TABLE_NAMES, Tables, load_tables
from jiazhao.status.handles import StatusHandles
from jiazhao.status.service import StatusLists
from jiazhao.status.snapshots import StatusSnapshots
from jiazhao.storage.engine import Database
from jiazhao.storage.lookup_key import keyed_hash, open_lookup_key
from jiazhao.storage.personal_data import PersonalData
from jiazhao.trust import Keeping, Keyring, Trust
from jiazhao.wallet_provider.service import WalletProvider
from jiazhao.worker import Worker


def read_tables() -> Tables:
    """The law, from the files that come with the package."""
    files = resources.files("jiazhao.rules") / "data"
    return load_tables(lambda name: (files / name).read_bytes())


def read_table_files() -> Mapping[str, Any]:
    """The same files, by the name of their table, for pages that decide by the same rules."""
    files = resources.files("jiazhao.rules") / "data"
    return {
        name: msgspec.json.decode((files / file).read_bytes()) for name, file in TABLE_NAMES.items()
    }


@dataclass(frozen=True, slots=True)
class House:
    """All services of one deployment."""

    config: Config
    clock: Clock
    database: Database
    tables: Tables
    keyring: Keyring
    register: Register
    consent: Consent
    identity: Identity
    statuses: StatusLists
    handles: StatusHandles
    snapshots: StatusSnapshots
    offers: Offers
    tokens: Tokens
    issuance: Issuance
    encryption: Encryption
    authorizations: Authorizations
    possession: Possession
    client_authentication: ClientAuthentication
    photo_review: PhotoReview
    enforcement_keys: EnforcementKeys
    beacons: Beacons
    notices: HolderNotices
    wallet_provider: WalletProvider
    terminals: Terminals
    shifts: Shifts
    checks: Checks
    offline_records: OfflineRecords
    streams: Streams
    past_states: PastStates
    devices: DeviceCare
    backup_codes: BackupCodes
    worker: Worker

    @property
    def trust(self) -> Trust:
        """The keys that sign now, and whom verifiers trust."""
        return self.keyring.current()

    def seal_plain(self) -> int:
        """Seal what an earlier version stored in plain; returns how many values."""
        return (
            self.register.seal_plain(self.database)
            + self.issuance.copies.seal_plain()
            + self.photo_review.seal_plain()
            + self.enforcement_keys.wrap_anew()
        )

    def close(self) -> None:
        """End streams of events, and give connections back."""
        self.streams.close()
        self.database.close()


def build(config: Config, clock: Clock) -> House:
    """Put the services together; keys are made on the first start of a demo only."""
    keys = config.state_dir / "keys"
    lookup_key = open_lookup_key(keys)
    tables = read_tables()
    keyring = open_keys(config, keys, clock)
    database = Database(config.database_url)
    wrapper = open_wrapper(config, keys)
    register = Register(lookup_key, PersonalData(wrapper))
    consent = Consent(database)
    statuses = StatusLists(
        database=database,
        base_uri=config.public_url,
        folder=config.state_dir / "status-lists",
        size=config.status_list_size,
        ttl=timedelta(seconds=config.status_ttl_seconds),
        life=timedelta(seconds=config.status_exp_seconds),
        keep=timedelta(days=config.status_history_days),
    )
    handles = StatusHandles(keep=timedelta(days=1 + config.offline_upload_days))
    snapshots = StatusSnapshots(
        database=database,
        folder=config.state_dir / "status-snapshots",
        base_every=timedelta(hours=config.status_snapshot_base_hours),
    )
    identity = Identity(
        config=config,
        database=database,
        provider=OpenIdProvider(config.identity_issuer, Outbound(origins={config.identity_issuer})),
        lookup_key=lookup_key,
        client_key=open_client_key(keys / "identity-client.pem"),
        find_holder=register.find_by_identity,
        known_numbers=partial(known_numbers, register),
        tell_holder=partial(tell_holder, consent),
    )
    own_keys = keyring.current if config.own_wallet_vouched else None
    photo_review = PhotoReview(database, register, consent, tables)
    code_parts = CodeParts(
        database, register, tables, handles, lambda: keyring.current().document_signer
    )
    deferrals = Deferrals(photo_review, lookup_key, config.deferred_days)
    offers = Offers(config, database, register, tables, deferrals)
    tokens = Tokens(config, database, register)
    issuance = Issuance(
        config=config,
        database=database,
        register=register,
        copies=Copies(
            config,
            database,
            register,
            tables,
            offers,
            signer=lambda: keyring.current().document_signer,
        ),
        statuses=statuses,
        nonces=Nonces(lookup_key, config.nonce_seconds),
        key_attestations=KeyAttestations(
            Attesters.of(config.key_attesters_dir, setting="key_attesters_dir", own=own_keys),
            KeyRequirements.of(config),
            config.batch_size,
        ),
        deferrals=deferrals,
        code_parts=code_parts,
    )
    encryption = Encryption.open(
        keys, Keeping.of(config), required=config.credential_encryption_required
    )
    authorizations = Authorizations(config, database, offers, tokens)
    possession = Possession(
        config=config,
        database=database,
        nonces=Nonces(keyed_hash(lookup_key, "DPoP", "nonce"), config.nonce_seconds),
    )
    client_authentication = ClientAuthentication(
        config=config,
        database=database,
        attesters=Attesters.of(
            config.wallet_attesters_dir, setting="wallet_attesters_dir", own=own_keys
        ),
        challenges=Nonces(
            keyed_hash(lookup_key, "client attestation", "challenge"), config.nonce_seconds
        ),
    )
    enforcement_keys = EnforcementKeys(
        database, wrapper, keep=timedelta(days=config.offline_upload_days)
    )
    beacons = Beacons(lookup_key)
    terminals = Terminals(config, database, lookup_key)
    shifts = Shifts(
        config=config,
        database=database,
        keys=enforcement_keys,
        beacons=beacons,
        trust=keyring.current,
        snapshot=partial(snapshot_files, snapshots),
        rules=read_table_files(),
    )
    checks = Checks(
        config=config,
        database=database,
        register=register,
        consent=consent,
        tables=tables,
        trust=keyring.current,
        opener=enforcement_keys.opener,
        beacons=beacons,
        handles=handles,
    )
    offline_records = OfflineRecords(
        config=config,
        database=database,
        register=register,
        consent=consent,
        tables=tables,
        handles=handles,
        shifts=shifts,
        keys=enforcement_keys,
        beacons=beacons,
        trust=keyring.current,
    )
    streams = Streams(
        database,
        clock,
        sessions=identity.live_sessions,
        watches={
            "wallet": {
                "changed": partial(changed, register),
                "used": partial(used, register),
            },
            "terminal": {
                "killed": partial(killed, shifts),
                "snapshot": partial(snapshot_published, snapshots),
                "follow_up": partial(followed_up, offline_records),
            },
        },
    )
    past_states = PastStates(
        config=config, database=database, register=register, consent=consent, tables=tables
    )
    devices = DeviceCare(
        config=config,
        database=database,
        register=register,
        consent=consent,
        enforcement_keys=enforcement_keys,
        beacons=beacons,
        code_parts=code_parts,
    )
    backup_codes = BackupCodes(
        database,
        register,
        tables,
        handles,
        enforcement_keys,
        lambda: keyring.current().document_signer,
        offers.refuse_unlawful,
    )
    worker = Worker(
        database=database,
        register=register,
        tables=tables,
        issuance=issuance,
        statuses=statuses,
        handles=handles,
        snapshots=snapshots,
        signer=lambda: keyring.current().status_signer,
        identity=identity,
        checks=checks,
        enforcement_keys=enforcement_keys,
        clock=clock,
    )
    return House(
        config,
        clock,
        database,
        tables,
        keyring,
        register,
        consent,
        identity,
        statuses,
        handles,
        snapshots,
        offers,
        tokens,
        issuance,
        encryption,
        authorizations,
        possession,
        client_authentication,
        photo_review,
        enforcement_keys,
        beacons,
        HolderNotices(database, register, consent, tables),
        WalletProvider(config, keyring.current),
        terminals,
        shifts,
        checks,
        offline_records,
        streams,
        past_states,
        devices,
        backup_codes,
        worker,
    )
