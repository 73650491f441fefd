"""Someone who knows a page by its accessibility tree alone, as a screen reader does.

A listener finds a node by role and name, goes to it, and works with the keyboard; nothing is
looked up in the document and nothing is clicked at a place. What the tree does not tell, a
listener cannot do.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.sync_api import FileChooser, Page

SHARED = Path(__file__).parents[2] / "src/jiazhao/web/shared"
MESSAGE = re.compile(r'^  "([^"]+)":\s*("(?:[^"\\]|\\.)*"),$', re.MULTILINE)
PLACEHOLDER = re.compile(r"\\\{\w+\\\}")

TRIES, PAUSE = 250, 80
"""Twenty seconds in all; a shared machine may be slow."""
MOST_OPTIONS = 60
LONGEST_TYPED = 40
"""What is longer is pasted: nobody types a whole code."""

LIVE_ROLES = ("status", "alert", "log")
FIELDS = ("textbox", "combobox", "checkbox", "spinbutton", "slider", "DateTime")

T = TypeVar("T")
Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Words:
    """The sentences of the pages in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        found = MESSAGE.findall((SHARED / f"messages.{language}.js").read_text("utf-8"))
        self._texts: dict[str, str] = {key: json.loads(text) for key, text in found}

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its placeholders filled."""
        text = self._texts[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def form(self, key: str, **values: object) -> re.Pattern[str]:
        """Return what a sentence looks like whatever stands in the placeholders that are left."""
        return re.compile(PLACEHOLDER.sub(".+", re.escape(self(key, **values))))

    def any_of(self, *keys: str) -> re.Pattern[str]:
        """Return what is one of these sentences and nothing more."""
        return re.compile(f"^({'|'.join(re.escape(self(key)) for key in keys)})$")


Wanted = str | re.Pattern[str]
"""The whole text, or a pattern that is found in it."""


@dataclass(slots=True)
class Node:
    """One node of the tree: what is said of it, and what is below it."""

    role: str
    name: str
    value: str
    backend: int | None
    states: dict[str, Any]
    ignored: bool
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all below it in reading order; what is ignored only through it."""
        if not self.ignored:
            yield self
        for child in self.children:
            yield from child.walk()

    def text(self) -> str:
        """Return what is read out of all of it."""
        said = []
        for node in self.walk():
            if node.role == "StaticText" or (node.role == "image" and node.name):
                said.append(node.name)
            elif node.role in FIELDS and node.value:
                said.append(node.value)
        return _spaced(" ".join(said))

    def matches(self, roles: Sequence[str], name: Wanted | None) -> bool:
        """Whether it has one of the roles and the name."""
        return self.role in roles and (name is None or _fits(self.name, name))


class Listener:
    """A person at a page, with a keyboard and a screen reader."""

    def __init__(self, page: Page, words: Words) -> None:
        self.page = page
        self.words = words
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Accessibility.enable")

    # -- what is there

    def tree(self) -> Node:
        """Return the tree as it is now."""
        told = self._devtools.send("Accessibility.getFullAXTree")["nodes"]
        nodes = {one["nodeId"]: _node(one) for one in told}
        root = None
        for one in told:
            node = nodes[one["nodeId"]]
            node.children = [nodes[child] for child in one.get("childIds", ()) if child in nodes]
            if node.role == "RootWebArea" and root is None:
                root = node
        assert root is not None
        return root

    def find(
        self, role: str | Sequence[str], name: Wanted | None = None, *, within: str = ""
    ) -> Node:
        """Wait for the one node of this role and name; `within` is a text of the item around it."""
        roles = (role,) if isinstance(role, str) else role
        seen = "nothing"

        def one() -> Node | None:
            nonlocal seen
            root = self.tree()
            places = [root]
            if within:
                places = [
                    n for n in root.walk() if n.role in ("listitem", "row") and within in n.text()
                ][-1:]
            found = [node for place in places for node in place.walk() if node.matches(roles, name)]
            seen = str([f"{node.role} “{node.name}”" for node in found]) if found else root.text()
            return found[0] if len(found) == 1 else None

        return self._until(one, lambda: f"{roles} “{_said(name)}”: {seen}")

    def lacks(self, role: str, name: Wanted | None = None) -> bool:
        """Whether there is no such node now."""
        return not any(node.matches((role,), name) for node in self.tree().walk())

    def gone(self, role: str, name: Wanted | None = None) -> None:
        """Wait until there is no such node."""
        self._until(
            lambda: self.lacks(role, name) or None, lambda: f"{role} “{_said(name)}” is still there"
        )

    def reads(self, *wanted: Wanted) -> str:
        """Wait until the page reads all of this, and return what it reads."""
        seen = ""

        def all_of_it() -> str | None:
            nonlocal seen
            seen = self.tree().text()
            return seen if all(_is_in(seen, one) for one in wanted) else None

        return self._until(all_of_it, lambda: f"{[_said(one) for one in wanted]} not in: {seen}")

    def hears(self, *wanted: Wanted) -> str:
        """Wait until a live region, read out by itself, says all of this; return what it says."""
        seen: list[str] = []

        def said() -> str | None:
            nonlocal seen
            seen = [node.text() for node in self.tree().walk() if _is_live(node)]
            return next((one for one in seen if all(_is_in(one, part) for part in wanted)), None)

        return self._until(said, lambda: f"{[_said(one) for one in wanted]} not said: {seen}")

    def lands(self, title: Wanted) -> None:
        """Wait for a page of this title that was loaded; a reader begins it at its beginning."""
        seen: list[str] = []

        def there() -> bool | None:
            nonlocal seen
            root = self.tree()
            first = [node.name for node in _headings(root) if node.states["level"] == 1]
            seen = [root.name, *first]
            named = not isinstance(title, str) or root.name.startswith(title)
            return True if named and len(first) == 1 and _fits(first[0], title) else None

        self._until(there, lambda: f"“{_said(title)}” is not the one title: {seen}")
        levels = [node.states["level"] for node in _headings(self.tree())]
        skipped = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
        assert not skipped, f"headings of “{_said(title)}” skip a level: {levels}"

    def arrives(self, title: Wanted) -> None:
        """Wait for a screen of this title that took the place of another; the reader is on it."""
        self.lands(title)
        self.keeps_its_place()

    def where(self) -> Node:
        """Return the node that has the focus; the whole page where no part of it has."""
        return [node for node in self.tree().walk() if node.states.get("focused")][-1]

    def keeps_its_place(self) -> None:
        """Wait until the focus is on a part of the page; where what had it has gone, it is lost."""
        seen = "?"

        def placed() -> Node | None:
            nonlocal seen
            node = self.where()
            seen = f"{node.role} “{node.name}”"
            return None if node.role == "RootWebArea" else node

        self._until(placed, lambda: f"the focus is on {seen}")

    # -- what is done

    def goes(
        self, role: str | Sequence[str], name: Wanted | None = None, *, within: str = ""
    ) -> Node:
        """Move the focus to a node that takes it."""
        node = self.find(role, name, within=within)
        assert node.states.get("focusable"), f"{node.role} “{node.name}” takes no focus"
        assert not node.states.get("disabled"), f"{node.role} “{node.name}” is switched off"
        self._devtools.send("DOM.focus", {"backendNodeId": node.backend})
        return node

    def presses(
        self, name: Wanted, *, role: str = "button", key: str = "Enter", within: str = ""
    ) -> None:
        """Press a button, or what else is pressed."""
        self.goes(role, name, within=within)
        self.page.keyboard.press(key)

    def follows(self, name: Wanted, *, within: str = "") -> None:
        """Follow a link."""
        self.presses(name, role="link", within=within)

    def unfolds(self, name: Wanted, *, within: str = "") -> None:
        """Open what is folded away."""
        node = self.goes("DisclosureTriangle", name, within=within)
        if not node.states.get("expanded"):
            self.page.keyboard.press("Enter")

    def types(self, label: Wanted, text: str, *, end: str = "", within: str = "") -> None:
        """Write into a field, in place of what stands there; `end` is a key pressed after it."""
        self.goes("textbox", label, within=within)
        self.page.keyboard.press("Control+A")
        if len(text) > LONGEST_TYPED:
            self.page.keyboard.insert_text(text)
        else:
            self.page.keyboard.press("Delete")
            self.page.keyboard.type(text)
        if end:
            self.page.keyboard.press(end)

    def chooses(self, label: Wanted, option: Wanted) -> None:
        """Choose with the arrow keys until the field says what is wanted."""
        self.goes("combobox", label)
        self.page.keyboard.press("Home")
        for _ in range(MOST_OPTIONS):
            if _fits(self.find("combobox", label).value, option):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option “{_said(option)}” in “{_said(label)}”")

    def value(self, label: Wanted) -> str:
        """Return what stands in a field."""
        return self.find("textbox", label).value

    def differs(self, label: Wanted, value: str) -> None:
        """Wait until something else stands in a field."""
        self._until(
            lambda: None if self.value(label) == value else True,
            lambda: f"“{_said(label)}” still holds {value}",
        )

    def chooses_file(self, name: Wanted) -> FileChooser:
        """Press a button that opens the system's own dialog."""
        with self.page.expect_file_chooser() as chooser:
            self.presses(name)
        return chooser.value

    def _until(self, ask: Callable[[], T | None], failed: Callable[[], str]) -> T:
        for _ in range(TRIES):
            found = ask()
            if found is not None:
                return found
            self.page.wait_for_timeout(PAUSE)
        raise AssertionError(failed())


def _node(told: dict[str, Any]) -> Node:
    return Node(
        role=told.get("role", {}).get("value", ""),
        name=_spaced(told.get("name", {}).get("value", "")),
        value=str(told.get("value", {}).get("value", "")),
        backend=told.get("backendDOMNodeId"),
        states={one["name"]: one["value"].get("value") for one in told.get("properties", ())},
        ignored=told["ignored"],
    )


def _headings(root: Node) -> list[Node]:
    return [node for node in root.walk() if node.role == "heading"]


def _is_live(node: Node) -> bool:
    return node.role in LIVE_ROLES or node.states.get("live") in ("polite", "assertive")


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _fits(text: str, wanted: Wanted) -> bool:
    return text == _spaced(wanted) if isinstance(wanted, str) else bool(wanted.search(text))


def _is_in(text: str, wanted: Wanted) -> bool:
    # Style may write small letters large, and the tree says what is written.
    return (
        _spaced(wanted).casefold() in text.casefold()
        if isinstance(wanted, str)
        else bool(wanted.search(text))
    )


def _said(wanted: Wanted | None) -> str:
    return getattr(wanted, "pattern", None) or str(wanted or "")
