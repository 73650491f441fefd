"""The rules that every test here lives under, each seen to bite."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

ROOT = Path(__file__).parents[2]


def run(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run one test file under this project's pytest settings."""
    (folder / "test_one.py").write_text(source)
    test = folder / "test_one.py"
    settings = f"-c{ROOT / 'pyproject.toml'}"
    plugins = ["-p", "pytest_socket", "-p", "tests.no_skips", "-p", "no:cacheprovider"]
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            settings,
            f"--rootdir={folder}",
            *plugins,
            str(test),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # the others only cost time
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\ndef test_it(): pytest.{}('later')",
        "import pytest\npytest.{}('later', allow_module_level=True)\ndef test_it(): pass",
        "import pytest\n@pytest.mark.{}\ndef test_it(): pass",
    ],
    ids=["in a test", "in a module", "by a mark"],
)
def test_a_skip_is_a_failure(tmp_path: Path, source: str) -> None:
    done = run(tmp_path, source.format("skip"))
    assert done.returncode != 0
    assert "a skipped test is a failure" in done.stdout


def test_an_expected_failure_is_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path, "import pytest\n@pytest.mark.{}\ndef test_it(): assert 0".format("xfail"))
    assert done.returncode == 1
    assert "1 failed" in done.stdout


def test_a_test_that_runs_passes(tmp_path: Path) -> None:
    assert run(tmp_path, "def test_it(): pass").returncode == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import warnings\ndef test_it(): warnings.warn('old')", "UserWarning"),
        (
            "import socket\ndef test_it(): socket.create_connection(('192.0.2.1', 9), 1)",
            "SocketConnectBlockedError",
        ),
        ("import pytest\n@pytest.mark.unknown\ndef test_it(): pass", "unknown"),
        ("import pytest\n@pytest.mark.parametrize('x', [])\ndef test_it(x): pass", "Empty"),
    ],
    ids=["warning", "outside network", "unknown mark", "no cases"],
)
def test_what_is_forbidden_fails(tmp_path: Path, source: str, said: str) -> None:
    done = run(tmp_path, source)
    assert done.returncode != 0
    assert said in done.stdout


def test_each_test_has_an_empty_database_of_its_own(engine_url: str) -> None:
    engine = sa.create_engine(engine_url)
    with engine.begin() as db:
        db.execute(sa.text("CREATE TABLE only_here (number integer)"))
        db.execute(sa.text("INSERT INTO only_here VALUES (1)"))
    engine.dispose()


def test_no_database_is_shared_between_tests(postgres: str, postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as admin:
        names = [name for (name,) in admin.execute("SELECT datname FROM pg_database")]
    assert sa.make_url(postgres).database in names
    engine = sa.create_engine(postgres)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
