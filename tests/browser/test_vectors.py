"""The verifier in a real browser, from the terminal's own origin, under its own policy: every
vector comes to its outcome, its step and its reason there too."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from jiazhao.rules.tables import TABLE_NAMES
from tests.browser.visits import visitor
from tests.live_server import LiveServer

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "vectors"
JUDGED = ("verify-licence-code", "verify", "sd-jwt-vc", "status-token", "certificate", "clock")
JUDGE = "/assets/shared/judge.js"

JUDGE_ALL = """async ({ vectors, tables, judge }) => {
  const module = await import(judge);
  const judged = [];
  for (const vector of vectors) judged.push(await module.judge(vector, tables));
  return judged;
}"""


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    """Open the terminal; the judge of the vectors lies beside the modules that it calls."""
    script = (ROOT / "tests/web/judge.js").read_text("utf-8")
    beside = script.replace("../../src/jiazhao/web/shared/", "./")
    page = visitor(browser, service_workers="block")
    page.route(
        f"**{JUDGE}", lambda route: route.fulfill(body=beside, content_type="text/javascript")
    )
    page.goto(live_server.terminal)
    return page


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("folder", JUDGED)
def test_each_vector_has_its_outcome_its_step_and_its_reason(page: Page, folder: str) -> None:
    paths = sorted((VECTORS / folder).glob("*.json"))
    vectors = [_read(path) for path in paths]
    data = ROOT / "src/jiazhao/rules/data"
    tables = {table: _read(data / name) for table, name in TABLE_NAMES.items()}

    judged = page.evaluate(JUDGE_ALL, {"vectors": vectors, "tables": tables, "judge": JUDGE})

    differing = [
        (path.stem, found)
        for path, vector, found in zip(paths, vectors, judged, strict=True)
        if found != {name: vector[name] for name in ("outcome", "step", "reason")}
    ]
    assert differing == []
    assert len(judged) == len(paths) > 10
