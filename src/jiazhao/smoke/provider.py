"""The demonstration's identity provider, as a browser meets it: a page with people to pick."""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from jiazhao.http.browser import Reply


@dataclass(frozen=True, slots=True)
class Listed:
    """A made-up person on the page; `words` is all that the page says of the person."""

    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form: where it is posted, what it carries, and who can be picked."""

    action: str
    hidden: dict[str, str]
    people: tuple[Listed, ...]


def read_page(reply: Reply) -> SignInPage | None:
    """The page of the demonstration's provider; None for the page of any other."""
    if reply.status != 200 or "html" not in reply.headers.get("content-type", ""):
        return None
    reader = _Reader()
    reader.feed(reply.body.decode("utf-8", "replace"))
    if reader.action is None or not reader.people:
        return None
    people = tuple(
        Listed(subject, " ".join("".join(words).split()))
        for subject, words in reader.people.items()
    )
    return SignInPage(urljoin(reply.url, reader.action), reader.hidden, people)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.people: dict[str, list[str]] = {}
        self._words: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form" and named.get("method", "").lower() == "post":
            self.action = named.get("action", "")
        elif tag == "input" and named.get("type") == "hidden":
            self.hidden[named.get("name", "")] = named.get("value", "")
        elif tag == "button" and named.get("name") == "subject":
            self._words = self.people.setdefault(named.get("value", ""), [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._words = None

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)
