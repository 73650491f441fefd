"""Writes the browser's sentences of why a check did not pass: `python -m tests.write_reasons`.

A terminal without a network has nobody to ask for them. Which codes it needs is read from the
modules that verify; what they mean from `errors/` and `presentation/advice.py`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from jiazhao.errors import ErrorCode
from jiazhao.presentation.advice import advice_for
from jiazhao.presentation.steps import Outcome

SHARED = Path(__file__).parents[1] / "src/jiazhao/web/shared"
PATH = SHARED / "reason-table.js"
VERIFIERS = ("verify-licence-code.js", "status-snapshot.js")
"""What a terminal checks by itself; what they import belongs to them."""

_IMPORT = re.compile(r'from "\./([\w-]+\.js)"')
_TEXT = re.compile(r'"([a-z_]+)"')

HEAD = """// Written by `python -m tests.write_reasons` from the sentences of errors/ and
// presentation/advice.py, for checks without a network; a test compares them. `zh` and `en` say
// why, `todo` what to do about it where the reason knows better than the outcome.

/** @typedef {{ zh: string, en: string }} Words */

"""


def modules() -> set[str]:
    """The modules of the verifiers."""
    found: set[str] = set()
    waiting = list(VERIFIERS)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _IMPORT.findall((SHARED / name).read_text("utf-8"))
    return found


def codes() -> Iterator[ErrorCode]:
    """The codes that those modules can give, in the order of `errors/codes.py`."""
    said = {
        code for name in modules() for code in _TEXT.findall((SHARED / name).read_text("utf-8"))
    }
    return (code for code in ErrorCode if code.wire in said)


def _words(zh: str, en: str) -> str:
    return f"{{ zh: {_text(zh)}, en: {_text(en)} }}"


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def page() -> str:
    """The whole module."""
    lines = ["/** @type {Readonly<Record<string, Words & { todo?: Words }>>} */"]
    lines.append("export const REASONS = {")
    by_outcome = advice_for(Outcome.CANNOT_CONFIRM, None)
    for code in codes():
        advice = advice_for(Outcome.CANNOT_CONFIRM, code)
        lines += [f"  {code.wire}: {{", f"    zh: {_text(code.zh)},", f"    en: {_text(code.en)},"]
        if advice != by_outcome:
            lines.append(f"    todo: {_words(advice.zh, advice.en)},")
        lines.append("  },")
    lines += ["};", "", "/** @type {Readonly<Record<string, Words>>} */"]
    lines.append("export const ADVICE = {")
    for outcome in Outcome:
        advice = advice_for(outcome, None)
        lines.append(f"  {outcome.value}: {_words(advice.zh, advice.en)},")
    lines += ["};", ""]
    return HEAD + "\n".join(lines)


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
