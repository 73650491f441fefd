"""Each import contract of pyproject.toml is broken by a planted violation.

A contract that nothing can break would let the layers rot in silence.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "contracts"
]

PLANTED = [
    # contract, module, what it must not import
    ("rows", "licence/status.py", "jiazhao.rules"),
    ("rows", "registry/service.py", "jiazhao.issuance"),
    ("rows", "registry/service.py", "jiazhao.consent"),
    ("rows", "issuance/service.py", "jiazhao.clock"),
    ("rows", "errors/codes.py", "jiazhao.config"),
    ("rows", "helpers/__init__.py", ""),
    ("service-rows", "registry/store/feed.py", "jiazhao.registry.service"),
    ("service-rows", "issuance/service.py", "jiazhao.issuance.routes"),
    ("stores-behind-services", "issuance/routes/claims.py", "jiazhao.issuance.store"),
    ("stores-behind-services", "app/house.py", "jiazhao.registry.store"),
    ("stores-stay-home", "issuance/service.py", "jiazhao.registry.store"),
    ("stores-stay-home", "issuance/copies.py", "jiazhao.registry.store.feed"),
    ("core-without-io", "rules/planted.py", "socket"),
    ("core-without-io", "credentials/planted.py", "time"),
    ("core-without-io", "licence/planted.py", "os"),
    ("core-without-io", "credentials/planted.py", "sqlalchemy"),
    ("core-without-io", "presentation/verify.py", "secrets"),
    ("core-without-io", "presentation/verify_mdoc.py", "os"),
    ("verifier-is-pure", "presentation/verify.py", "jiazhao.registry"),
    ("http-at-the-door", "issuance/service.py", "litestar"),
    ("sql-in-stores", "presentation/service.py", "sqlalchemy"),
    ("sql-in-stores", "issuance/routes/claims.py", "sqlalchemy"),
    ("one-way-to-the-database", "storage/engine.py", "sqlite3"),
    ("one-way-out", "issuance/service.py", "httpx2"),
    ("one-command", "registry/service.py", "rich"),
    ("no-cycles", "licence/status.py", "jiazhao.licence.licence"),
]


def lint(package: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", ROOT / "pyproject.toml", *chosen],
        cwd=package.parent,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return shutil.copytree(
        ROOT / "src/jiazhao",
        tmp_path / "jiazhao",
        ignore=shutil.ignore_patterns("web", "__pycache__"),
    )


def test_the_package_keeps_its_contracts(package: Path) -> None:
    done = lint(package)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "module", "imported"), PLANTED)
def test_a_planted_violation_is_seen(
    package: Path, contract: str, module: str, imported: str
) -> None:
    path = package / module
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as source:
        source.write(f"import {imported}\n" if imported else "")

    done = lint(package, contract)

    assert done.returncode == 1
    assert "Contracts: 0 kept, 1 broken" in done.stdout
    assert (path.parent.name if path.stem == "__init__" else path.stem) in done.stdout


def test_every_contract_was_seen_broken() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in PLANTED}
