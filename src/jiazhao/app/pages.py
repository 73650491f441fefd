"""The pages and their modules: plain files of `web/`."""

from importlib import resources
from pathlib import Path

from litestar import Router, get
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.response import File
from litestar.static_files import create_static_files_router

from jiazhao.http.access import Permission, demands
from jiazhao.http.installed import installed_routes
from jiazhao.http.limits import LANE
from jiazhao.http.openapi import ANSWERS, PAGE

WEB = Path(str(resources.files("jiazhao") / "web"))

ASKED_FOR = {
    "terminal": ("terminal/reader-worker.js", "vendor/zxing/reader/zxing_reader.wasm"),
}
"""What pages that are kept on a device need beyond what they name and import."""

READS_CODES = frozenset({"terminal"})
"""Where pictures are read, by an engine in WebAssembly."""


def pages_of(name: str) -> list[Router | HTTPRouteHandler]:
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
