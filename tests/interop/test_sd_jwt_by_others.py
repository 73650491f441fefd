"""Verifiers that we did not write judge the licence as an SD-JWT VC: @sd-jwt/sd-jwt-vc, sd-jwt.

`docs/interop.md` says what each accepts; its table is written by hand and checked here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.status_list import StatusReference
from jiazhao.issuance.formats import SD_JWT_CONFIGURATION
from jiazhao.presentation.files import status_from
from jiazhao.smoke.people import answered
from jiazhao.smoke.wallet import Wallet
from tests.interop import holder
from tests.interop.peers import Judgement, NpmPeers
from tests.interop.sd_jwt import (
    NONCE,
    OurselvesOnSdJwt,
    PyPiSdJwt,
    Shown,
    by_name_space,
    every_mutant,
)
from tests.journeys.visitors import Guests, eventually, server_time
from tests.live_server import LiveServer

TABLE = Path(__file__).parents[2] / "docs" / "interop.md"
PEER = "@sd-jwt/sd-jwt-vc"
DRIVER = "sp-000011"
"""A made-up driver with a middle dot in the name, in good standing on every day."""
SUSPENDED = "G"

REASONS = {
    "issuer's signature": "Invalid JWT Signature",
    "issuer's claims": "Invalid JWT Signature",
    "document signer's certificate": "certificate is not of the trusted root",
    "issuer of the certificate": "certificate is not of the trusted root",
    "key binding's signature": "Invalid JWT Signature",
    "device key": "Invalid JWT Signature",
    "key binding left out": "Key Binding JWT not exist",
    "nonce": "Invalid Nonce",
    "disclosure taken away": "Invalid sd_hash",
}
"""What the npm package must say: a mutant that is refused for another reason proves nothing."""


@dataclass(frozen=True, slots=True)
class Licence:
    """One copy of a driver's licence, and the published lists."""

    wallet: Wallet
    shown: Shown
    issued_at: datetime

    @property
    def status(self) -> StatusReference:
        """Where its status is published."""
        claims = json.loads(holder.octets(self.shown.issued.split(".")[1]))
        entry = claims["status"]["status_list"]
        return StatusReference(entry["uri"], entry["idx"])

    def status_list(self) -> str:
        """The list as it is published now, as a JWT."""
        accept = "application/statuslist+jwt"
        return answered(self.wallet.browser.get(self.status.uri, accept=accept)).body.decode()


@pytest.fixture(scope="module")
def licence(live_server: LiveServer) -> Iterator[Licence]:
    guests = Guests(live_server)
    wallet = Wallet(live_server.wallet, guests.browser())
    token = wallet.redeem(made_offer(live_server))
    now = server_time(wallet)
    wanted = {
        "credential_configuration_id": SD_JWT_CONFIGURATION,
        "proofs": {"jwt": [wallet.prove(now)]},
    }
    endpoint = wallet.get("/.well-known/openid-credential-issuer")["credential_endpoint"]
    answer = answered(wallet.browser.post_json(endpoint, wanted, bearer=token)).json()
    (given,) = answer["credentials"]
    shown = Shown(given["credential"], wallet.key._key, issued_at=int(now.timestamp()))
    yield Licence(wallet, shown, now)
    guests.close()


def made_offer(live_server: LiveServer) -> Any:
    """An offer from the counter: the driver has no account at the demonstration's provider."""
    done = live_server.cli("offer", DRIVER, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def root(live_server: LiveServer, licence: Licence) -> x509.Certificate:
    """The root that a verifier trusts, as it is published."""
    pem = licence.wallet.browser.get(f"{live_server.wallet}/trust/iaca.pem", accept="*/*").body
    return x509.load_pem_x509_certificates(pem)[0]


@pytest.fixture(scope="module")
def mutants(licence: Licence) -> Mapping[str, Shown]:
    return {"nothing": licence.shown, **every_mutant(licence.shown)}


@pytest.fixture(scope="module")
def documented() -> Mapping[str, Mapping[str, str]]:
    """The table of docs/interop.md: column heading to first cell of the row to cell."""
    lines = TABLE.read_text("utf-8").split("<!-- sd-jwt mutants -->")[1].strip().splitlines()
    heading, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {
        peer: {row[0]: row[column] for row in rows}
        for column, peer in enumerate(heading)
        if column > 0
    }


def judged_by_npm(
    npm_peers: NpmPeers, licence: Licence, root: x509.Certificate, shown: Mapping[str, Shown]
) -> dict[str, Judgement]:
    return npm_peers.verify_sd_jwt(
        {name: one.presented for name, one in shown.items()},
        root=root,
        now=server_time(licence.wallet),
        nonce=NONCE,
        status_lists={licence.status.uri: licence.status_list()},
    )


def told(judged: Mapping[str, Judgement]) -> dict[str, str]:
    return {part: "accepts" if one.accepted else "refuses" for part, one in judged.items()}


def test_the_npm_package_takes_and_refuses_what_the_table_says(
    npm_peers: NpmPeers,
    licence: Licence,
    root: x509.Certificate,
    mutants: Mapping[str, Shown],
    documented: Mapping[str, Mapping[str, str]],
) -> None:
    judged = judged_by_npm(npm_peers, licence, root, mutants)

    assert told(judged) == documented[f"{PEER} {npm_peers.version(PEER)}"], judged
    said = {part: judged[part].reason for part in REASONS}
    assert [part for part, reason in REASONS.items() if not re.search(reason, said[part])] == [], (
        said
    )


def test_the_python_package_takes_and_refuses_what_the_table_says(
    root: x509.Certificate,
    mutants: Mapping[str, Shown],
    documented: Mapping[str, Mapping[str, str]],
) -> None:
    peer = PyPiSdJwt()

    judged = {part: peer.verify(one, root=root) for part, one in mutants.items()}

    assert told(judged) == documented[f"{peer.name} {peer.version}"], judged


def test_we_refuse_every_mutant(
    licence: Licence,
    root: x509.Certificate,
    mutants: Mapping[str, Shown],
    documented: Mapping[str, Mapping[str, str]],
) -> None:
    us = OurselvesOnSdJwt()

    judged = {
        part: us.verify(one, root=root, now=licence.issued_at) for part, one in mutants.items()
    }

    assert told(judged) == documented[us.name]
    assert [part for part, one in judged.items() if one.accepted] == ["nothing"]


def test_what_the_packages_let_pass_unsigned_they_do_not_read(
    npm_peers: NpmPeers, licence: Licence, root: x509.Certificate, mutants: Mapping[str, Shown]
) -> None:
    forged = {part: mutants[part] for part in ("value of a claim", "claim that was not signed")}
    npm = judged_by_npm(npm_peers, licence, root, forged)
    python = {part: PyPiSdJwt().verify(one, root=root) for part, one in forged.items()}

    for judged in (npm, python):
        changed, added = (judged[part].elements for part in forged)
        assert "family_name" not in changed[holder.MDL_NAME_SPACE]
        assert "family_name" in added[holder.MDL_NAME_SPACE]
        assert "A1 and more" not in json.dumps(added)


def test_all_read_the_same_claims(
    npm_peers: NpmPeers, licence: Licence, root: x509.Certificate
) -> None:
    npm = judged_by_npm(npm_peers, licence, root, {"all": licence.shown})["all"]
    python = PyPiSdJwt().verify(licence.shown, root=root)
    ours = OurselvesOnSdJwt().verify(licence.shown, root=root, now=licence.issued_at)

    assert by_name_space(npm.elements) == python.elements == ours.elements
    assert ours.elements[holder.MDL_NAME_SPACE]["family_name"]


def test_a_valid_licence_is_taken_and_a_suspended_one_refused(
    npm_peers: NpmPeers, live_server: LiveServer, licence: Licence, root: x509.Certificate
) -> None:
    anchors = [root.public_bytes(Encoding.DER)]

    def ours() -> Judgement:
        now = server_time(licence.wallet)
        status = status_from(lambda _: licence.status_list().encode(), anchors=anchors, now=now)
        return OurselvesOnSdJwt().verify(licence.shown, root=root, now=now, status=status)

    def theirs() -> Judgement:
        return judged_by_npm(npm_peers, licence, root, {"it": licence.shown})["it"]

    assert (ours().accepted, theirs().accepted) == (True, True)

    done = live_server.cli("change", DRIVER, "--add-status", SUSPENDED)
    assert done.returncode == 0, done.stderr
    try:
        refused = eventually(ours, lambda it: not it.accepted)
        assert "STATUS_SUSPENDED" in refused.reason
        judged = theirs()
        assert not judged.accepted
        assert "Status is not valid" in judged.reason
    finally:
        live_server.cli("change", DRIVER, "--end-status", SUSPENDED)
    eventually(ours, lambda it: it.accepted)
    assert theirs().accepted
