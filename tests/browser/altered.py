"""Answers of the services as they would be in a state that the demonstration does not have."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from jiazhao.licence.status import LicenceStatus
from tests.browser.register import today

Answer = dict[str, Any]


def alter(page: Page, path: str, change: Callable[[Answer], None]) -> None:
    """Let `change` rewrite each answer of `path` before the page sees it."""

    def rewrite(route: Route) -> None:
        reply = route.fetch()
        answer = reply.json()
        if reply.ok:
            change(answer)
        route.fulfill(response=reply, json=answer)

    page.unroute_all(behavior="ignoreErrors")
    page.route(f"**{path}", rewrite)


def with_status(letter: str, *, points: int = 0) -> Callable[[Answer], None]:
    """Let the licence of an answer have one status, as the rules name and colour it."""
    row = today().statuses[LicenceStatus(letter)]
    named = {"code": letter, "zh": row.zh, "en": row.en}

    def change(answer: Answer) -> None:
        licence = answer["licence"]
        licence["display_status"] = named
        licence["statuses"] = [named]
        licence["qr_colour"] = row.qr.colour.value
        licence["points"] = points

    return change


def on_another_device(answer: Answer) -> None:
    """Let another device hold the licence."""
    if answer["instance"]:
        answer["instance"]["device_key"] = "A" * 43
