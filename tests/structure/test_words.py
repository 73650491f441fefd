"""Names and marks that must not appear in the project's own files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".js", ".mjs", ".css", ".html", ".md", ".toml", ".json", ".yml", ".service", ""}
NOT_READ = (
    "src/jiazhao/web/vendor/",  # made by others
    "LICENSE",
    "uv.lock",
    "tests/structure/test_words.py",  # it spells them
)

FORBIDDEN = {
    "a name that says mechanism": re.compile(
        r"(^|/)(utils?|helpers?|common|misc|managers?)(\.|/|$)"
    ),
}
FORBIDDEN_TEXT = {
    "work left undone": re.compile(r"\b(TODO|FIXME|XXX)\b"),
    "a test that does not run": re.compile(
        r"pytest\.(skip|importorskip|xfail|mark\.skip|mark\.xfail)"
    ),
    "a folder of one machine": re.compile(r"(?<![\w.])/(work|home/\w+|Users/\w+)/"),
    "an invisible or bidirectional character": re.compile(
        "[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
    ),
}


def own_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [name for name in listed if not name.startswith(NOT_READ)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_is_named_by(what: str) -> None:
    assert [name for name in own_files() if FORBIDDEN[what].search(name)] == []


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_no_file_contains(what: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in own_files()
        if Path(name).suffix in TEXT and (ROOT / name).is_file()
        for number, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), 1)
        if FORBIDDEN_TEXT[what].search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "planted"),
    [
        ("work left undone", "# TODO: later"),
        ("a test that does not run", "@pytest.mark.skip"),
        ("a folder of one machine", "open('/work/main/x')"),
        ("an invisible or bidirectional character", "a\u202eb"),
    ],
)
def test_the_pattern_finds_it(what: str, planted: str) -> None:
    assert FORBIDDEN_TEXT[what].search(planted)


@pytest.mark.parametrize("name", ["src/jiazhao/utils.py", "src/jiazhao/http/helpers/x.py"])
def test_the_pattern_finds_the_name(name: str) -> None:
    assert FORBIDDEN["a name that says mechanism"].search(name)
