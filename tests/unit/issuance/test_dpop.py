"""A proof of possession is for one request, one key and one token (RFC 9449)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from jiazhao.credentials import jose
from jiazhao.issuance.dpop import DpopProof, read_dpop, token_hash
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.smoke.wallet import DeviceKey

URL = "https://licence.example/issuance/token"
NONCES = Nonces(bytes(32), 300)
TOKEN = "a-token"
OTHER = DeviceKey()


@dataclass
class Prover:
    """Somebody with a key, who makes one mistake at a time."""

    now: datetime
    key: DeviceKey

    def prove(self, *, typ: str = "dpop+jwt", header: Any = None, by: Any = None, **c: Any) -> str:
        claims = {
            "jti": "j-1",
            "htm": "POST",
            "htu": URL,
            "iat": int(self.now.timestamp()),
            "nonce": NONCES.make(bytes(16), self.now),
            "ath": token_hash(TOKEN),
            **c,
        }
        made = {name: value for name, value in claims.items() if value is not None}
        own = {"jwk": self.key.public.to_jwk()}
        return jose.sign(made, by or self.key, typ=typ, header={**own, **(header or {})})

    def read(self, proof: str, access_token: str | None = TOKEN) -> DpopProof:
        return read_dpop(
            proof,
            expected_method="POST",
            expected_url=URL,
            nonces=NONCES,
            now=self.now,
            access_token=access_token,
        )


@pytest.fixture
def prover(now: datetime) -> Prover:
    return Prover(now, DeviceKey())


def test_a_proof_shows_the_key(prover: Prover) -> None:
    read = prover.read(prover.prove())
    assert read.thumbprint == prover.key.public.thumbprint()


def test_a_name_is_the_keys_own(prover: Prover, now: datetime) -> None:
    other = Prover(now, DeviceKey())
    same, another = prover.read(prover.prove(jti="j-2")), prover.read(prover.prove())
    assert len({prover.read(prover.prove()).digest, another.digest, same.digest}) == 2
    assert other.read(other.prove()).digest != another.digest


@pytest.mark.parametrize(
    "htu",
    [URL, URL + "?a=b", URL + "#c", "HTTPS://LICENCE.example/issuance/token",
     "https://licence.example:443/issuance/token"],
)  # fmt: skip
def test_an_address_may_be_spelled_otherwise(prover: Prover, htu: str) -> None:
    prover.read(prover.prove(htu=htu))


@pytest.mark.parametrize(
    "wrong",
    [
        {"typ": "JWT"},
        {"typ": "openid4vci-proof+jwt"},
        {"header": {"alg": "none"}},
        pytest.param({"header": {"jwk": OTHER.public.to_jwk()}}, id="the key of another"),
        pytest.param({"header": {"jwk": {**OTHER.public.to_jwk(), "d": "AA"}}}, id="a private key"),
        pytest.param({"by": OTHER}, id="signed by another"),
        {"htm": "GET"},
        {"htm": None},
        {"htu": "https://licence.example/issuance/credential"},
        {"htu": "https://other.example/issuance/token"},
        {"htu": "http://licence.example/issuance/token"},
        {"htu": "https://licence.example:x/issuance/token"},
        {"htu": "https://me@licence.example/issuance/token"},
        {"htu": None},
        {"ath": token_hash("another")},
        {"ath": None},
        {"iat": 0},
        {"iat": 1 << 40},
        {"iat": "now"},
        {"iat": True},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 129},
        {"x": "y" * 4096},
    ],
    ids=lambda wrong: str(wrong)[:60],
)
def test_a_proof_with_one_fault_is_refused(prover: Prover, wrong: Any) -> None:
    with pytest.raises(ProtocolError) as refused:
        prover.read(prover.prove(**wrong))
    assert refused.value.error is WireError.INVALID_DPOP_PROOF


@pytest.mark.parametrize("nonce", [None, "", "x", 7])
def test_without_a_nonce_of_ours_one_is_asked_for(prover: Prover, nonce: Any) -> None:
    with pytest.raises(ProtocolError) as refused:
        prover.read(prover.prove(nonce=nonce))
    assert refused.value.error is WireError.USE_DPOP_NONCE


def test_where_no_token_comes_none_is_asked_for(prover: Prover) -> None:
    prover.read(prover.prove(ath=None), access_token=None)
