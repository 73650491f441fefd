"""The composition root: every service, every route and every dependency, on one page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Router, get
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.response import File
from litestar.static_files import create_static_files_router
from litestar.types import Guard

from jiazhao.clock import Clock, system_clock
from jiazhao.config import Config
from jiazhao.consent import routes as consent_routes
from jiazhao.consent.service import AccessRecord, Consent
from jiazhao.devices import routes as device_routes
from jiazhao.devices.service import DeviceCare
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http import metrics
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.bodies import StrictRequest
from jiazhao.http.compression import Compression
from jiazhao.http.front import HeadAsGet, stand_before
from jiazhao.http.gate import check_routes
from jiazhao.http.headers import Revalidation, SecurityHeaders
from jiazhao.http.installed import installed_routes
from jiazhao.http.limits import LANE, Bounds, Lane, Rates, TokenBuckets
from jiazhao.http.openapi import ANSWERS, PAGE, description, openapi_route
from jiazhao.http.outbound import Outbound
from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.http.sessions import SessionCookies
from jiazhao.identity.client_key import open_client_key
from jiazhao.identity.openid import OpenIdProvider
from jiazhao.identity.pin import KnownNumbers
from jiazhao.identity.routes import identity_door
from jiazhao.identity.service import Identity, RecoveryStep
from jiazhao.issuance import authorization_routes
from jiazhao.issuance import routes as issuance_routes
from jiazhao.issuance.attesters import Attesters
from jiazhao.issuance.authorizing import Authorizations
from jiazhao.issuance.backup_codes import BackupCodes
from jiazhao.issuance.client_authentication import ClientAuthentication
from jiazhao.issuance.code_parts import CodeParts
from jiazhao.issuance.deferred import Deferrals
from jiazhao.issuance.encryption import Encryption
from jiazhao.issuance.key_attestation import KeyAttestations, KeyRequirements
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.possession import Possession
from jiazhao.issuance.service import Issuance
from jiazhao.licence.identifiers import HolderId
from jiazhao.notices import routes as notice_routes
from jiazhao.notices.service import HolderNotices
from jiazhao.photo_review import routes as photo_review_routes
from jiazhao.photo_review.service import PhotoReview
from jiazhao.presentation import routes as presentation_routes
from jiazhao.presentation.past_states import PastStates
from jiazhao.presentation.records import OfflineRecords
from jiazhao.presentation.service import Checks
from jiazhao.registry import routes as registry_routes
from jiazhao.registry.routes import Specimens
from jiazhao.registry.service import Register
from jiazhao.roadside import routes as roadside_routes
from jiazhao.roadside.beacons import Beacons
from jiazhao.roadside.events import Listener, Marks, Streams
from jiazhao.roadside.keys import EnforcementKeys
from jiazhao.roadside.messages import SnapshotFile
from jiazhao.roadside.routes import shift_guard
from jiazhao.roadside.shifts import Shifts
from jiazhao.roadside.terminals import Terminals
from jiazhao.rules.tables import TABLE_NAMES, Tables, load_tables
from jiazhao.status import routes as status_routes
from jiazhao.status.handles import StatusHandles
from jiazhao.status.service import StatusLists
from jiazhao.status.snapshots import StatusSnapshots
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.lookup_key import keyed_hash, open_lookup_key
from jiazhao.storage.migrate import is_current
from jiazhao.storage.names import new_name
from jiazhao.storage.personal_data import (
    KEY_FILE,
    KeptKeyWrapper,
    KeyWrapper,
    PersonalData,
)
from jiazhao.trust import Keeping, Keyring, KeyStore, Trust, TrustPlan
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.keys import ISSUERS
from jiazhao.trust.token_wrapper import TokenKeyWrapper
from jiazhao.wallet_provider import routes as wallet_provider_routes
from jiazhao.wallet_provider.service import WalletProvider
from jiazhao.worker import HEARTBEAT, Worker

WEB = Path(str(resources.files("jiazhao") / "web"))

ASKED_FOR = {
    "terminal": ("terminal/reader-worker.js", "vendor/zxing/reader/zxing_reader.wasm"),
}
"""What pages that are kept on a device need beyond what they name and import."""
READS_CODES = frozenset({"terminal"})
"""Where pictures are read, by an engine in WebAssembly."""


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
            + self.issuance.seal_plain()
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
    keyring = _open_keys(config, keys, clock)
    database = Database(config.database_url)
    wrapper = _open_wrapper(config, keys)
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
    handles = StatusHandles()
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
        known_numbers=partial(_known_numbers, register),
        tell_holder=partial(_tell_holder, consent),
    )
    own_keys = keyring.current if config.own_wallet_vouched else None
    photo_review = PhotoReview(database, register, consent, tables)
    code_parts = CodeParts(
        database, register, tables, handles, lambda: keyring.current().document_signer
    )
    issuance = Issuance(
        config=config,
        database=database,
        register=register,
        tables=tables,
        signer=lambda: keyring.current().document_signer,
        statuses=statuses,
        nonces=Nonces(lookup_key, config.nonce_seconds),
        key_attestations=KeyAttestations(
            Attesters.of(config.key_attesters_dir, setting="key_attesters_dir", own=own_keys),
            KeyRequirements.of(config),
            config.batch_size,
        ),
        deferrals=Deferrals(photo_review, lookup_key, config.deferred_days),
        code_parts=code_parts,
    )
    encryption = Encryption.open(
        keys, Keeping.of(config), required=config.credential_encryption_required
    )
    authorizations = Authorizations(config=config, database=database, issuance=issuance)
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
        snapshot=partial(_snapshot_files, snapshots),
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
                "changed": partial(_changed, register),
                "used": partial(_used, register),
            },
            "terminal": {
                "killed": partial(_killed, shifts),
                "snapshot": partial(_snapshot_published, snapshots),
                "follow_up": partial(_followed_up, offline_records),
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
        issuance.refuse_unlawful,
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


def _snapshot_files(snapshots: StatusSnapshots) -> list[SnapshotFile]:
    """The country's statuses, as a terminal is told where they are."""
    return [
        SnapshotFile(
            path=f"/status-snapshots/{one.digest.hex()}",
            size=one.size,
            sha256=one.digest.hex(),
            as_of=one.as_of,
        )
        for one in snapshots.current()
    ]


# -- what the events of an open page are made from


def _changed(
    register: Register, db: Connection, listeners: Collection[Listener], now: datetime
) -> Marks:
    counts = register.change_counts(db, _holders(listeners), now)
    return {one: (counts.get(HolderId(one.holder_id or ""), 0), {}) for one in listeners}


def _used(
    register: Register, db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    counters = register.last_counters(db, _holders(listeners))
    return {
        one: (counter, {"counter": counter})
        for one in listeners
        for counter in [counters.get(HolderId(one.holder_id or ""), 0)]
    }


def _holders(listeners: Collection[Listener]) -> set[HolderId]:
    return {HolderId(one.holder_id) for one in listeners if one.holder_id}


def _killed(
    shifts: Shifts, db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    killed = shifts.killed_sessions(db, {one.session_id for one in listeners})
    return {one: (one.session_id in killed, {}) for one in listeners}


def _snapshot_published(
    snapshots: StatusSnapshots, _db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    newest = tuple(one.digest for one in snapshots.current()[-1:])
    return {one: (newest, {}) for one in listeners}


def _followed_up(
    records: OfflineRecords, db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    counts = records.follow_up_counts(db, {one.account_id for one in listeners})
    return {one: (counts.get(one.account_id, 0), {}) for one in listeners}


def _known_numbers(
    register: Register, db: Connection, holder: HolderId, now: datetime
) -> KnownNumbers:
    """What stands on a licence, for the choice of a PIN."""
    licence = register.licence_of(db, holder, at=now)
    person = licence.person
    return KnownNumbers(person.birth_date, (person.identity_number, licence.grant.archive_number))


def _tell_holder(
    consent: Consent,
    db: Connection,
    holder: HolderId,
    actor: Actor,
    step: RecoveryStep,
    now: datetime,
) -> None:
    """Note beside the looks what staff did to a driver's account; none of the licence is shown."""
    name = new_name(now)
    consent.record(
        db,
        AccessRecord(
            holder_id=holder,
            record_id=name,
            at=now,
            kind="recovery",
            account_id=actor.account_id,
            actor_role=min(actor.roles).value,
            actor_name=actor.name,
            actor_unit=actor.unit,
            reason=step,
            note="",
            law="",
            fields=(),
            verdict="",
            verdict_reason="",
            vehicle_class=None,
            check_id=name,
        ),
    )


def _open_wrapper(config: Config, keys: Path) -> KeyWrapper:
    """What wraps the holders' data keys; what a key in a file has wrapped is read on."""
    token = Keeping.of(config).token if config.personal_data_on_token else None
    if token is None:
        return KeptKeyWrapper.open(keys)
    former = KeptKeyWrapper.open(keys) if (keys / KEY_FILE).exists() else None
    return TokenKeyWrapper.open(keys, token, former)


def _open_keys(config: Config, keys: Path, clock: Clock) -> Keyring:
    roles = (*ISSUERS, Role.WALLET_PROVIDER) if config.own_wallet_vouched else ISSUERS
    store = KeyStore(keys, Keeping.of(config), roles=roles)
    if not config.is_demo:
        store.load(now=clock())
        return Keyring(store.folder, clock)
    plan = TrustPlan(issuer_uri=config.public_url)
    return Keyring(store.folder, clock, renew=lambda now: store.open(plan, now=now))


# -- one application for each origin, so that no portal can reach the wallet's keys


def wallet_app(house: House) -> Litestar:
    """The driver's origin, and the issuer's doors for every wallet."""
    return _application(
        house,
        "wallet",
        [
            registry_routes.wallet_routes,
            consent_routes.wallet_routes,
            issuance_routes.wallet_routes,
            photo_review_routes.wallet_routes,
            notice_routes.wallet_routes,
            wallet_provider_routes.routes,
            issuance_routes.protocol_routes,
            authorization_routes.wallet_routes,
            authorization_routes.protocol_routes,
            presentation_routes.wallet_routes,
            roadside_routes.events_route("wallet"),
            device_routes.wallet_routes,
            status_routes.routes,
        ],
    )


def terminal_app(house: House) -> Litestar:
    """The officer's origin."""
    return _application(
        house,
        "terminal",
        [
            _together(
                presentation_routes.terminal_handlers,
                consent_routes.terminal_handlers,
                status_routes.terminal_handlers,
                roadside_routes.terminal_handlers,
                [roadside_routes.events_route("terminal")],
            )
        ],
        shift_guard(house.shifts, house.clock),
    )


def _together(*handlers: Sequence[HTTPRouteHandler]) -> Router:
    """One router, because one path may be answered by two services, by method."""
    return Router(path="/", route_handlers=[one for group in handlers for one in group])


def console_app(house: House) -> Litestar:
    """The authority's origin."""
    return _application(
        house,
        "console",
        [
            registry_routes.console_routes,
            consent_routes.console_routes,
            presentation_routes.console_routes,
            photo_review_routes.console_routes,
            notice_routes.console_routes,
            device_routes.console_routes,
            roadside_routes.console_routes,
        ],
    )


APPLICATIONS = {"wallet": wallet_app, "terminal": terminal_app, "console": console_app}


def _application(
    house: House, name: str, routes: Sequence[Router | HTTPRouteHandler], *guards: Guard
) -> Litestar:
    door = identity_door(house.identity, name, clock=house.clock)
    origin = house.config.origins[name]
    described = openapi_route(cookie=SessionCookies(name, origin).session)
    app = Litestar(
        route_handlers=[
            *routes,
            *door.routes,
            *_pages(name),
            # In a router, which the framework copies: a bare handler serves one application only.
            Router(path="/", route_handlers=[*_health(house), described]),
        ],
        guards=[_rates(house.config).around(door.guard), *guards],
        dependencies={**_dependencies(house), **door.dependencies},
        exception_handlers=EXCEPTION_HANDLERS,
        request_class=StrictRequest,
        openapi_config=description(name, version("jiazhao")),
        debug=False,
        request_max_body_size=64 * 1024,
        state=State({"house": house}),
        logging_config=None,
    )
    check_routes(app)
    stand_before(
        app,
        HeadAsGet(),
        metrics.Measured(name),
        SecurityHeaders(secure=origin.startswith("https:"), wasm=name in READS_CODES),
        Compression(),
        Revalidation(),
        Bounds(),
    )
    return app


def _rates(config: Config) -> Rates:
    lanes = {
        Lane.PAGES: TokenBuckets(config.pages_per_minute),
        Lane.CHECKS: TokenBuckets(config.checks_per_minute),
        Lane.PROOFS: TokenBuckets(config.proofs_per_minute),
        Lane.PHOTOS: TokenBuckets(config.photos_per_minute),
    }
    return Rates(lanes, frozenset(config.proxy_addresses))


def _dependencies(house: House) -> Mapping[str, Provide]:
    def given(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    return {
        "config": given(house.config),
        "database": given(house.database),
        "tables": given(house.tables),
        "register": given(house.register),
        "consent": given(house.consent),
        "identity": given(house.identity),
        "issuance": given(house.issuance),
        "encryption": given(house.encryption),
        "authorizations": given(house.authorizations),
        "possession": given(house.possession),
        "client_authentication": given(house.client_authentication),
        "photo_review": given(house.photo_review),
        "enforcement_keys": given(house.enforcement_keys),
        "beacons": given(house.beacons),
        "notices": given(house.notices),
        "wallet_provider": given(house.wallet_provider),
        "terminals": given(house.terminals),
        "shifts": given(house.shifts),
        "checks": given(house.checks),
        "records": given(house.offline_records),
        "streams": given(house.streams),
        "past_states": given(house.past_states),
        "devices": given(house.devices),
        "backup_codes": given(house.backup_codes),
        "statuses": given(house.statuses),
        "snapshots": given(house.snapshots),
        "trust": Provide(lambda: house.trust, sync_to_thread=False),
        "specimens": given(Specimens(house.config.is_demo)),
        "now": Provide(lambda: house.clock(), sync_to_thread=False),
    }


def _health(house: House) -> list[HTTPRouteHandler]:
    uncounted = {LANE: None}

    @get("/livez", sync_to_thread=False, opt=demands(Permission.ANYONE, **uncounted))
    def livez() -> dict[str, str]:
        """Whether the process runs."""
        return {"status": "live"}

    @get("/readyz", sync_to_thread=True, opt=demands(Permission.ANYONE, **uncounted))
    def readyz() -> dict[str, str]:
        """Whether requests can be served: the database answers and is not behind."""
        if not is_current(house.database):
            raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)
        return {"status": "ready"}

    def refresh() -> None:
        now = house.clock()
        with house.database.reading() as db:
            metrics.CHANGES_WAITING.set(house.register.waiting(db, now))
        beat = house.config.state_dir / HEARTBEAT
        if beat.exists():
            metrics.WORKER_AGE.set(system_clock().timestamp() - beat.stat().st_mtime)

    return [livez, readyz, metrics.metrics_route(refresh)]


def _pages(name: str) -> list[Router | HTTPRouteHandler]:
    """The page and its modules: plain files.

    The browser asks about a module each time (ETag). It keeps nothing of the page itself, so that
    nobody goes back to what a person who signed out had open.
    """
    folder = WEB / name
    if not (folder / "index.html").exists():
        return []

    shown = {ANSWERS: {200: {"description": "The page.", "content": PAGE}}}

    @get("/", sync_to_thread=False, opt=demands(Permission.ANYONE, **shown), media_type="text/html")
    def page() -> File:
        """The application's page."""
        return File(
            folder / "index.html", media_type="text/html", content_disposition_type="inline"
        )

    return [
        page,
        *installed_routes(WEB, name, ASKED_FOR.get(name, ())),
        *assets(name, "shared", "vendor"),
    ]


def assets(*names: str) -> list[Router]:
    """Static files of the named folders of `web/`."""
    return [
        create_static_files_router(
            path=f"/assets/{name}",
            directories=[WEB / name],
            name=f"assets-{name}",
            opt=demands(Permission.ANYONE, **{LANE: None}),
            cache_control=CacheControlHeader(no_cache=True),
            include_in_schema=False,
        )
        for name in names
    ]
