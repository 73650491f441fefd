"""One application for each origin, so that no portal can reach the wallet's keys."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import Guard

from jiazhao.app.house import House
from jiazhao.app.pages import READS_CODES, pages_of
from jiazhao.clock import system_clock
from jiazhao.config import Config
from jiazhao.consent import routes as consent_routes
from jiazhao.devices import routes as device_routes
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http import metrics
from jiazhao.http.access import Permission, demands
from jiazhao.http.bodies import StrictRequest
from jiazhao.http.compression import Compression
from jiazhao.http.front import HeadAsGet, stand_before
from jiazhao.http.gate import check_routes
from jiazhao.http.headers import Revalidation, SecurityHeaders
from jiazhao.http.limits import LANE, Bounds, Lane, Rates, TokenBuckets
from jiazhao.http.openapi import description, openapi_route
from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.http.sessions import SessionCookies
from jiazhao.identity.routes import identity_door
from jiazhao.issuance import routes as issuance_routes
from jiazhao.notices import routes as notice_routes
from jiazhao.photo_review import routes as photo_review_routes
from jiazhao.presentation import routes as presentation_routes
from jiazhao.registry import routes as registry_routes
from jiazhao.registry.routes import Specimens
from jiazhao.roadside import routes as roadside_routes
from jiazhao.roadside.routes import shift_guard
from jiazhao.status import routes as status_routes
from jiazhao.storage.migrate import is_current
from jiazhao.wallet_provider import routes as wallet_provider_routes
from jiazhao.worker import HEARTBEAT


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
            issuance_routes.agreement_routes,
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
            *pages_of(name),
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
        "offers": given(house.offers),
        "tokens": given(house.tokens),
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
