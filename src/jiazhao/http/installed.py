"""A page as an app on the device: its manifest, and the worker that keeps its files.

The worker's script carries the list of the page's files with their digests, so a changed file is
a changed script, and browsers compare scripts on every visit. Sources: W3C Web Application
Manifest; W3C Service Workers, section 3.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import File, Response

from jiazhao.http.access import Permission, demands
from jiazhao.http.limits import LANE
from jiazhao.http.openapi import ANSWERS

WORKER = "service-worker.js"
MANIFEST = "manifest.webmanifest"

_MANIFEST_TYPE = "application/manifest+json"
_REFERENCE = re.compile(r'(?:src|href)="/assets/([^"]+)"')
_IMPORT = re.compile(r'\bfrom "(\.{1,2}/[^"]+)"|^import "(\.{1,2}/[^"]+)"', re.MULTILINE)


def shell_of(web: Path, name: str, also: Iterable[str] = ()) -> Mapping[str, str]:
    """The files that the page needs, by address, each with its SHA-256 in hexadecimal.

    They are what the page names and what its modules import, and what is asked for by other means:
    `also`, as paths in `web/`.
    """
    page = web / name / "index.html"
    wanted = [*_REFERENCE.findall(page.read_text("utf-8")), *also]
    found: dict[str, Path] = {"/": page}
    while wanted:
        path = (web / wanted.pop()).resolve()
        address = f"/assets/{path.relative_to(web.resolve()).as_posix()}"
        if address in found:
            continue
        found[address] = path
        if path.suffix == ".js":
            imports = _IMPORT.findall(path.read_text("utf-8"))
            wanted += [str(path.parent / (one or other)) for one, other in imports]
    return {
        address: hashlib.sha256(path.read_bytes()).hexdigest()
        for address, path in sorted(found.items())
    }


def installed_routes(web: Path, name: str, also: Iterable[str] = ()) -> list[HTTPRouteHandler]:
    """The manifest and the worker's script of one application; none if it is not to be kept."""
    manifest = web / name / MANIFEST
    if not manifest.exists():
        return []
    script = _script(web, shell_of(web, name, also))

    @get(
        f"/{WORKER}",
        sync_to_thread=False,
        media_type="text/javascript",
        opt=demands(Permission.ANYONE, **_described("The script.", "text/javascript", "string")),
    )
    def service_worker() -> Response[str]:
        """The script that keeps the page's files on the device."""
        return Response(script, media_type="text/javascript")

    @get(
        f"/{MANIFEST}",
        sync_to_thread=False,
        media_type=_MANIFEST_TYPE,
        opt=demands(Permission.ANYONE, **_described("The manifest.", _MANIFEST_TYPE, "object")),
    )
    def app_manifest() -> File:
        """What the device shows of the app that it has installed."""
        return File(manifest, media_type=_MANIFEST_TYPE, content_disposition_type="inline")

    return [service_worker, app_manifest]


def _script(web: Path, shell: Mapping[str, str]) -> str:
    listed = json.dumps(shell, indent=1)
    version = hashlib.sha256(listed.encode()).hexdigest()[:16]
    template = (web / "shared" / WORKER).read_text("utf-8")
    return template.replace("{{shell}}", listed).replace("{{version}}", version)


def _described(description: str, media_type: str, schema: str) -> dict[str, object]:
    answer = {"description": description, "content": {media_type: {"schema": {"type": schema}}}}
    return {LANE: None, ANSWERS: {200: answer}}
