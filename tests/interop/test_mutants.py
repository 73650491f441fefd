"""Every signed part, made wrong once: who refuses it, and for which reason.

`docs/interop.md` says what each peer accepts; its table is written by hand and checked here.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509

from tests.interop.mutants import Presentation, every_mutant
from tests.interop.peers import SCRIPTS, NpmPeers, Ourselves, PyMdocCbor

TABLE = Path(__file__).parents[2] / "docs" / "interop.md"

REASONS = {
    "issuer's signature": "ssuer (auth )?signature",
    "mobile security object": "ssuer (auth )?signature",
    "value of an element": "calculated digest for org.iso.18013.5.1/family_name",
    "name space of an element": "digests for namespace: com.example.1",
    "document signer's certificate": "certificate",
    "issuer of the certificate": "certificate",
    "device signature": "Device signature must be valid",
    "device key": "Device signature must be valid",
    "device signature left out": "not signed by the device|DeviceSigned",
    "session transcript": "Device signature must be valid",
}
"""What a peer must say of a mutant: one that is refused for another reason proves nothing."""


@pytest.fixture(scope="module")
def mutants(genuine: Presentation) -> Mapping[str, Presentation]:
    return every_mutant(genuine)


@pytest.fixture(scope="module")
def documented() -> Mapping[str, Mapping[str, str]]:
    """The table of docs/interop.md: column heading to first cell of the row to cell."""
    lines = TABLE.read_text("utf-8").split("<!-- mutants -->")[1].strip().splitlines()
    heading, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {
        peer: {row[0]: row[column] for row in rows}
        for column, peer in enumerate(heading)
        if column > 0
    }


def test_every_mutant_has_its_reason(mutants: Mapping[str, Presentation]) -> None:
    assert mutants.keys() == REASONS.keys()


@pytest.mark.parametrize("peer", SCRIPTS)
def test_a_peer_refuses_every_mutant(
    peer: str,
    npm_peers: NpmPeers,
    genuine: Presentation,
    mutants: Mapping[str, Presentation],
    iaca_root: x509.Certificate,
    judged_at: datetime,
    documented: Mapping[str, Mapping[str, str]],
) -> None:
    shown = {"nothing": genuine, **mutants}

    judged = npm_peers.verify(peer, shown, root=iaca_root, now=judged_at)

    found = {part: "accepts" if one.accepted else "refuses" for part, one in judged.items()}
    assert found == documented[f"{peer} {npm_peers.version(peer)}"]
    assert found == {part: "accepts" if part == "nothing" else "refuses" for part in shown}
    said = {part: judged[part].reason for part in REASONS}
    assert [part for part, reason in REASONS.items() if not re.search(reason, said[part])] == []


def test_pymdoccbor_accepts_what_the_table_says(
    pymdoccbor: PyMdocCbor,
    genuine: Presentation,
    mutants: Mapping[str, Presentation],
    iaca_root: x509.Certificate,
    documented: Mapping[str, Mapping[str, str]],
) -> None:
    shown = {"nothing": genuine, **mutants}

    found = {
        part: "accepts" if pymdoccbor.verify(one, root=iaca_root).accepted else "refuses"
        for part, one in shown.items()
    }

    assert found == documented[f"{pymdoccbor.name} {pymdoccbor.version}"]


def test_we_refuse_every_mutant_too(
    ourselves: Ourselves,
    genuine: Presentation,
    mutants: Mapping[str, Presentation],
    iaca_root: x509.Certificate,
    judged_at: datetime,
    documented: Mapping[str, Mapping[str, str]],
) -> None:
    shown = {"nothing": genuine, **mutants}
    judged = {
        part: ourselves.verify(one, root=iaca_root, now=judged_at) for part, one in shown.items()
    }

    found = {part: "accepts" if one.accepted else "refuses" for part, one in judged.items()}

    assert found == documented[ourselves.name]
    assert [part for part in mutants if judged[part].accepted] == []
