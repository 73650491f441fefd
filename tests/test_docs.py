"""The pages say what is so: the commands, settings, stores, tests and links they name exist."""

import ast
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from gates.runner import find
from jiazhao.cli.verifying import VERDICT_EXIT
from jiazhao.config import Config
from jiazhao.http import connections, limits, metrics
from jiazhao.serving import ORIGINS
from tests import write_cli_docs

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
OPERATING = (DOCS / "operating.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


LABELS = ("jiazhao licence code 2", "jiazhao time beacon")
"""Octets of a format, and no command."""


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def flat(text: str) -> str:
    return " ".join(text.split())


def rows(text: str, heading: str) -> Iterator[list[str]]:
    """The cells of the first table under a heading."""
    section = re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.M)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


# -- links and commands


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_targets_are_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    text = page.read_text("utf-8")
    spelled = re.findall(r"(?:^|[`\s])make ([a-z]+)(?=[\s`:;,.]|$)", "\n".join(code_of(text)))
    assert set(spelled) <= targets


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_verbs_and_options_are_there(page: Path) -> None:
    helps = {verb: write_cli_docs.help_of(*verb.split()) for verb in write_cli_docs.verbs()}
    for code in code_of(page.read_text("utf-8")):
        for line in code.splitlines():
            called = re.search(r"(?:^|uv run |\s)jiazhao ([a-z][a-z-]+)((?:\s.*)?)$", line.strip())
            if called is None or page.name == "cli.md" or line.strip().startswith(LABELS):
                continue
            verb, rest = called.groups()
            if f"{verb} {rest.strip().partition(' ')[0]}" in helps:
                verb = f"{verb} {rest.strip().partition(' ')[0]}"
            assert verb in helps, line
            options = re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest.partition("#")[0])
            assert [one for one in options if one not in helps[verb]] == [], line


def code_of(text: str) -> Iterator[str]:
    yield from re.findall(r"```\w*\n(.*?)```", text, flags=re.S)
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))


# -- the command


def test_the_page_of_the_command_is_what_it_says_of_itself() -> None:
    written = write_cli_docs.PATH.read_text("utf-8")
    assert written == write_cli_docs.page(), "run python -m tests.write_cli_docs"


def test_a_changed_option_would_be_noticed() -> None:
    page = write_cli_docs.page()
    assert "--with-worker" in page
    assert "--terminal" in write_cli_docs.help_of("smoke")
    assert write_cli_docs.help_of("smoke") in page


def test_exit_codes_are_written_down() -> None:
    codes = {int(code): meaning for code, meaning in rows(write_cli_docs.page(), "Exit codes")}
    assert set(codes) == {0, 1, 2} | set(VERDICT_EXIT.values())
    for outcome, code in VERDICT_EXIT.items():
        assert outcome.value in codes[code]


# -- the readme


def test_the_readmes_ports_are_the_demos() -> None:
    ports = {int(port) for port in re.findall(r"http://localhost:(\d+)/", README)}
    served = {8000 + ORIGINS.index(name) for name in (*ORIGINS,) if name != "verifier"}
    assert ports == served


# -- settings


def written_default(default: object) -> str:
    if default is MISSING:
        return "required"
    return "none" if default in (None, ()) else str(default)


def test_every_setting_is_explained_with_its_default() -> None:
    table = {key.strip("`"): (default, why) for key, default, why in rows(OPERATING, "Settings")}
    defaults = {field.name: written_default(field.default) for field in fields(Config)}
    assert {key: default for key, (default, _) in table.items()} == defaults
    assert [key for key, (_, why) in table.items() if len(why) < 20] == []


def test_the_bounds_are_those_of_the_code() -> None:
    bounds = {what: " ".join(said) for what, *said in rows(OPERATING, "Limits")}
    head = bounds["head of a request"]
    assert f"{connections.MAX_HEAD_BYTES // 1024} KiB" in head
    assert f"{connections.MAX_HEADER_FIELDS} fields" in head
    assert f"{connections.HEAD_SECONDS:g} s" in head
    address = bounds["address"]
    assert f"path {limits.MAX_PATH_BYTES // 1024} KiB" in address
    assert f"query {limits.MAX_QUERY_BYTES // 1024} KiB" in address
    assert f"{limits.MAX_QUERY_FIELDS} fields" in address
    body = bounds["time for a body"]
    assert f"{limits.BODY_SECONDS:g} s" in body
    assert f"{limits.BODY_BYTES_A_SECOND // 1024} KiB" in body
    assert f"{limits.ANSWER_SECONDS:g} s" in bounds["time to take an answer"]
    served = bounds["connections to one origin"]
    assert f"{connections.MAX_CONNECTIONS}," in served
    assert f"{connections.KEEP_ALIVE_SECONDS} s" in served


def test_every_metric_is_explained() -> None:
    families = [family for family in metrics.REGISTRY.collect() if family.documentation]
    names = {f"{one.name}{'_total' if one.type == 'counter' else ''}" for one in families}
    assert {name for name in names if name not in OPERATING} == set()


# -- stores


STORES = sorted(
    [
        *(ROOT / "src/jiazhao").glob("*/store.py"),
        *(ROOT / "src/jiazhao").glob("*/store/__init__.py"),
        ROOT / "src/jiazhao/storage/engine.py",
        ROOT / "src/jiazhao/storage/lookup_key.py",
        ROOT / "src/jiazhao/storage/personal_data.py",
        ROOT / "src/jiazhao/status/publishing.py",
        ROOT / "src/jiazhao/status/snapshots.py",
        ROOT / "src/jiazhao/trust/folder.py",
        ROOT / "src/jiazhao/identity/client_key.py",
    ]
)


def who_can(module: Path) -> str:
    """The sentence of a store's docstring that says what somebody gets who gets at it."""
    said = flat(ast.get_docstring(ast.parse(module.read_text("utf-8"))) or "")
    found = re.search(r"Who (can|reads) .*?\.(?= |$)", said)
    return found.group() if found else ""


@pytest.mark.parametrize("module", STORES, ids=named)
def test_a_store_says_who_gets_what_and_so_does_the_manual(module: Path) -> None:
    sentence = who_can(module)
    assert sentence, "say what somebody gets who can change this store"
    assert sentence in flat(OPERATING)


# -- the threat model


def test_the_threat_model_names_what_exists() -> None:
    text = (DOCS / "threat-model.md").read_text("utf-8")
    paths = set(re.findall(r"`((?:tests|vectors|docs|gates)/[\w./-]+)`", text))
    gates = set(
        re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"gates? ((?:`[a-z-]+`,? ?)+)", text)))
    )
    assert len(paths) > 20
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert gates <= set(find())
    assert gates


def test_every_control_is_shown_by_something() -> None:
    text = (DOCS / "threat-model.md").read_text("utf-8").partition("## Not answered yet")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(lines) > 25
    assert [line for line in lines[1:] if "`" not in line.rpartition(" | ")[2]] == []
