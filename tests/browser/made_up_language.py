"""A language that nobody speaks: English with accents on all letters, longer by two fifths.

What is on the screen without an accent never went through the table of messages; what no longer
fits will not fit in a language of longer words either. The pages do not know it: the table is
changed on its way.
"""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from jiazhao.errors import ErrorCode
from tests.browser.reader_of_tree import MESSAGE

SHARED = Path(__file__).parents[2] / "src/jiazhao/web/shared"
TABLES = ("reason-table.js", "source-of-law.js")
"""Sentences that come in both languages without being messages."""

TRAINING_SET = SHARED.parent / "terminal/training-set.js"
"""Rules of the law that no service tells: training asks none."""

ACCENTED = str.maketrans(
    "AaCcDdEeGgHhIiKkLlNnOoRrSsTtUuWwYyZz", "ÅåÇçÐđÉéĞğĦħÎîĶķĻļÑñÖöŔŕŠšŢţÛûŴŵÝýŽž"
)
PLACEHOLDER = re.compile(r"(\{\w+\})")
LONGER = 0.4
LONGEST_WORD = 9
PAD = "ẍöẍéẍåẍîẍ"

TAKEN_OVER = (
    "English",
    "SPECIMEN",
    "DEMONSTRATION",
    "ABCD-EFGH",
    "https://wallet.example",
    "kB",
    "JÜRGEN MUSTERMANN",
    "Small car",
    "Wallet",
    "PIN",
)
"""Names, codes and what is the same in every language."""

LEARN = """(() => {
  const collect = (told) => {
    const found = [];
    const walk = (one) => {
      if (typeof one === "string") found.push(one);
      else if (one && typeof one === "object") Object.values(one).forEach(walk);
    };
    walk(told);
    globalThis.learnt?.(found);
  };
  const {json} = Response.prototype, {parse} = JSON;
  Response.prototype.json = async function () {
    const told = await json.call(this);
    collect(told);
    return told;
  };
  JSON.parse = (...given) => {
    const told = parse(...given);
    collect(told);
    return told;
  };
})()"""

TEXTS = """() => {
  const never = "script, style, noscript, textarea, .mono, licence-card";
  const own = (element) => element.closest("[lang]") === document.documentElement
    && element.checkVisibility() && !element.closest(never);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const {parentElement, textContent} = walker.currentNode;
    if (parentElement && own(parentElement)) found.push(textContent);
  }
  for (const element of document.body.querySelectorAll("*"))
    for (const name of ["alt", "aria-label", "title", "placeholder"])
      if (element.hasAttribute(name) && own(element)) found.push(element.getAttribute(name));
  return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""

CUT = """() => {
  const cuts = (value) => value === "hidden" || value === "clip";
  const unseen =
    "script, style, noscript, select, svg, .unseen, #skip, [inert], [aria-hidden=true]";
  const visible = {visibilityProperty: true, opacityProperty: true};
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.textContent.trim() || !parent?.checkVisibility(visible)) continue;
    if (parent.closest(unseen)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const {left, right, top, bottom} of range.getClientRects()) {
      if (right > innerWidth + 1 || left < -1) found.add(`beyond the screen: ${node.textContent}`);
      for (let around = parent; around && around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around), box = around.getBoundingClientRect();
        const pressed = around.matches("button, a.button");
        if ((pressed || cuts(style.overflowX)) && (left < box.left - 1 || right > box.right + 1)
          || (pressed || cuts(style.overflowY)) && (top < box.top - 1 || bottom > box.bottom + 1))
          found.add(`cut by ${around.tagName} ${around.className}: ${node.textContent}`);
        if (["fixed", "sticky"].includes(style.position)) break;
      }
    }
  }
  return [...found];
}"""


def made_up(text: str) -> str:
    """Return a message in the language; what is filled into it keeps its place."""
    parts = PLACEHOLDER.split(text)
    spoken = "".join(part if part.startswith("{") else part.translate(ACCENTED) for part in parts)
    return " ".join([spoken, *_padding(math.ceil(len(text) * LONGER))])


def _padding(length: int) -> Iterator[str]:
    while length > 0:
        yield PAD[: min(length, LONGEST_WORD)]
        length -= LONGEST_WORD


class Abroad:
    """A browser in which English is that language, nothing moves, and the pages are never kept.

    Stands in for Playwright's where a walk opens people's browsers.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.learnt = set(_in_both_languages())
        """Strings of the services' answers: they come in both languages, and are not messages."""

    @property
    def contexts(self) -> list[BrowserContext]:
        """The open ones."""
        return self._browser.contexts

    def new_context(self, **options: Any) -> BrowserContext:
        """Open one as Playwright's browser does."""
        context = self._browser.new_context(**options, reduced_motion="reduce")
        context.route("**/messages.en.js", _translate)
        context.expose_function("learnt", lambda told: self.learnt.update(told))
        context.add_init_script(LEARN)
        return context

    def untranslated(self, page: Page) -> list[str]:
        """Return the texts on the screen that are in no language but plain English."""
        return [text for text in page.evaluate(TEXTS) if self._is_plain(text)]

    def _is_plain(self, text: str) -> bool:
        if text.translate(ACCENTED) == text or any(letter in text for letter in PAD):
            return False
        if re.search(r"[\u4e00-\u9fff]", text):
            return False  # Chinese beside English: written in both at once, whoever reads it
        rest = text
        for known in sorted(self.learnt, key=len, reverse=True):
            rest = rest.replace(known, "")
        return re.search(r"[A-Za-z]{2}", rest) is not None


def cut_off(page: Page) -> list[str]:
    """Return the texts that do not fit where they stand."""
    found: list[str] = page.evaluate(CUT)
    return found


def moving(page: Page) -> list[str]:
    """Return what moves on the screen."""
    found: list[str] = page.evaluate(
        """() => document.getAnimations().filter(({playState}) => playState === "running")
             .map((one) => `${one.animationName ?? one.transitionProperty ?? "script"} moves`)"""
    )
    return found


def _translate(route: Route) -> None:
    text = (SHARED / "messages.en.js").read_text("utf-8")

    def speak(found: re.Match[str]) -> str:
        said = json.dumps(made_up(json.loads(found.group(2))), ensure_ascii=False)
        return f'  "{found.group(1)}": {said},'

    route.fulfill(body=MESSAGE.sub(speak, text), content_type="text/javascript; charset=utf-8")


def _in_both_languages() -> Iterator[str]:
    yield from TAKEN_OVER
    sentences = [code.en for code in ErrorCode]
    for name in TABLES:
        found = re.findall(r'"(?:[^"\\]|\\.)*"', (SHARED / name).read_text("utf-8"))
        sentences += map(json.loads, found)
    rules = re.findall(r'"(?:todo_)?en": ("(?:[^"\\]|\\.)*")', TRAINING_SET.read_text("utf-8"))
    sentences += map(json.loads, rules)
    for sentence in sentences:  # in pieces, for something may stand in its placeholders
        yield from (part for part in PLACEHOLDER.split(sentence) if len(part) > 1)
