"""A database with the schema, a folder, and a signer under a root."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.status.service import StatusLists
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import (
    metadata,
    restoration,
    status_handle,
    status_index,
    status_list,
    status_publication,
    status_snapshot,
)
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

BASE = "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who signs lists, and the root that readers start from."""

    signer: SoftwareSigner
    anchors: tuple[bytes, ...]


@pytest.fixture
def publisher(now: datetime) -> Publisher:
    plan = TrustPlan(BASE)
    root = make_root(plan, now=now)
    key = make_signer(Role.STATUS_SIGNER, plan, root=root, now=now)
    return Publisher(
        SoftwareSigner(key.key, [key.certificate]), (root.certificate.public_bytes(Encoding.DER),)
    )


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url)
    # Only these: all tables of the house take a second on each of these many databases.
    tables = [
        status_list,
        status_index,
        status_publication,
        status_handle,
        status_snapshot,
        restoration,
    ]
    metadata.create_all(database.engine, tables)
    yield database
    database.close()


@pytest.fixture
def statuses(database: Database, tmp_path: Path) -> StatusLists:
    return StatusLists(database, BASE, tmp_path / "status-lists", size=64)
