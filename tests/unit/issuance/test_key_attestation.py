"""Keys that are vouched for: each fault of an attestation, and what a request may bring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from jiazhao.credentials import jose
from jiazhao.issuance.attesters import Attesters
from jiazhao.issuance.key_attestation import KeyAttestations, KeyRequirements
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.proofs import ProvenKeys, read_proofs
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.smoke.wallet import PROOF_TYPE, DeviceKey
from tests.wallet_provider import WalletProvider, certified

ISSUER = "https://licence.example"
NONCES = Nonces(bytes(32), 300)
MODERATE, HIGH = "iso_18045_moderate", "iso_18045_high"


@dataclass
class Keeper:
    """A wallet with three keys, whose maker vouches for them, and makes one mistake at a time."""

    now: datetime
    provider: WalletProvider
    requirements: KeyRequirements = field(default_factory=KeyRequirements)
    keys: list[DeviceKey] = field(default_factory=lambda: [DeviceKey() for _ in range(3)])

    def nonce(self, first: int = 0) -> str:
        return NONCES.make(bytes([first]) + bytes(15), self.now)

    def attest(self, keys: Sequence[DeviceKey] | None = None, **changes: Any) -> str:
        owned = self.keys if keys is None else keys
        return self.provider.attest(owned, **{"nonce": self.nonce(), **changes})

    def proof(
        self,
        attestation: object = None,
        *,
        key: DeviceKey | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        signer = key or self.keys[0]
        made = {
            "aud": ISSUER,
            "iat": int(self.now.timestamp()),
            "nonce": self.nonce(),
            **claims,
        }
        named = {"jwk": signer.public.to_jwk()} if header is None else header
        vouched = {} if attestation is None else {"key_attestation": attestation}
        return jose.sign(made, signer, typ=PROOF_TYPE, header={**named, **vouched})

    def read(self, *proofs: str, attestations: Sequence[str] = ()) -> ProvenKeys:
        return read_proofs(
            proofs,
            attestations,
            expected_audience=ISSUER,
            nonces=NONCES,
            now=self.now,
            attested_by=KeyAttestations(
                Attesters((self.provider.root.certificate,)), self.requirements, 5
            ),
        )

    def refused(self, *proofs: str, attestations: Sequence[str] = ()) -> WireError:
        with pytest.raises(ProtocolError) as refused:
            self.read(*proofs, attestations=attestations)
        assert refused.value.description.isascii()
        assert refused.value.status == 400
        return refused.value.error

    def points(self, count: int = 3) -> list[bytes]:
        return [key.public.point for key in self.keys[:count]]


@pytest.fixture
def keeper(now: datetime) -> Keeper:
    return Keeper(now, WalletProvider(now))


def points(proven: ProvenKeys) -> list[bytes]:
    return [key.point for key in proven.keys]


def test_one_proof_brings_all_attested_keys(keeper: Keeper) -> None:
    proven = keeper.read(keeper.proof(keeper.attest()))
    assert points(proven) == keeper.points()
    assert proven.nonces == {keeper.nonce()}


def test_an_attestation_is_a_proof_itself(keeper: Keeper) -> None:
    proven = keeper.read(attestations=[keeper.attest()])
    assert points(proven) == keeper.points()
    assert proven.nonces == {keeper.nonce()}
    assert points(keeper.read(attestations=[keeper.attest(exp=None)])) == keeper.points()


def test_every_nonce_is_used(keeper: Keeper) -> None:
    other = keeper.nonce(1)
    proven = keeper.read(keeper.proof(keeper.attest(nonce=other)))
    assert proven.nonces == {keeper.nonce(), other}


def test_several_proofs_may_bring_one_attestation(keeper: Keeper) -> None:
    attestation = keeper.attest()
    proofs = [keeper.proof(attestation, key=key) for key in reversed(keeper.keys)]
    assert points(keeper.read(*proofs)) == keeper.points()


def test_a_proof_may_name_its_key_by_its_place_or_its_name(keeper: Keeper) -> None:
    second = keeper.keys[1]
    by_place = keeper.proof(keeper.attest(), key=second, header={"kid": "1"})
    assert points(keeper.read(by_place)) == keeper.points()
    jwks = [{**key.public.to_jwk(), "kid": f"k{i}"} for i, key in enumerate(keeper.keys)]
    named = keeper.attest(attested_keys=jwks)
    by_name = keeper.proof(named, key=second, header={"kid": "k1"})
    assert points(keeper.read(by_name)) == keeper.points()
    for kid in ("k2", "0", "3", "-1", "", 1, None):
        wrong = keeper.proof(named, key=second, header={"kid": kid})
        assert keeper.refused(wrong) is WireError.INVALID_PROOF


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "keyattestation+jwt"},  # of a draft
        {"header": {"alg": "none"}},
        {"header": {"crit": ["b64"]}},
        {"iat": None},
        {"iat": "now"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"attested_keys": None},
        {"attested_keys": []},
        {"attested_keys": {}},
        {"attested_keys": [7]},
        {"attested_keys": [{"kty": "EC"}]},
        {"key_storage": []},
        {"key_storage": MODERATE},
        {"key_storage": [7]},
        {"key_storage": ["x"] * 17},
        {"key_storage": ["x" * 257]},
        {"user_authentication": []},
        {"nonce": None},
        {"nonce": 7},
        {"status": {"status_list": {"idx": 0, "uri": "https://provider.example/1"}}},
    ],
    ids=str,
)
def test_an_attestation_with_one_fault_is_an_invalid_proof(
    keeper: Keeper, changes: dict[str, Any]
) -> None:
    attestation = keeper.attest(**changes)
    assert keeper.refused(keeper.proof(attestation)) is WireError.INVALID_PROOF
    if changes != {"exp": None}:
        assert keeper.refused(attestations=[attestation]) is WireError.INVALID_PROOF


def test_keys_are_bounded_public_and_each_its_own(keeper: Keeper) -> None:
    own = keeper.keys[0].public.to_jwk()
    for wrong in (
        [DeviceKey().public.to_jwk() for _ in range(6)],
        [own, own],
        [own, {**own, "d": "AAAA"}],
    ):
        attestation = keeper.attest(attested_keys=wrong)
        assert keeper.refused(keeper.proof(attestation)) is WireError.INVALID_PROOF
        assert keeper.refused(attestations=[attestation]) is WireError.INVALID_PROOF


@pytest.mark.parametrize("attestation", [7, "", "a.b.c", "." * 40_000, {}, []])
def test_what_is_no_attestation_is_an_invalid_proof(keeper: Keeper, attestation: Any) -> None:
    assert keeper.refused(keeper.proof(attestation)) is WireError.INVALID_PROOF


def test_a_signature_that_does_not_fit_is_an_invalid_proof(keeper: Keeper) -> None:
    head, claims, _ = keeper.attest().split(".")
    signature = keeper.attest(keeper.keys[:1]).split(".")[2]
    attestation = f"{head}.{claims}.{signature}"
    assert keeper.refused(keeper.proof(attestation)) is WireError.INVALID_PROOF
    assert keeper.refused(attestations=[attestation]) is WireError.INVALID_PROOF


def test_only_a_trusted_attester_vouches(keeper: Keeper) -> None:
    stranger = WalletProvider(keeper.now)
    for wrong in (
        stranger.signer,
        certified("self", by=None, now=keeper.now),
        keeper.provider.root,
    ):
        attestation = keeper.attest(by=wrong)
        assert keeper.refused(attestations=[attestation]) is WireError.INVALID_PROOF


def test_the_proof_is_by_one_of_the_attested_keys(keeper: Keeper) -> None:
    other = keeper.proof(keeper.attest(), key=DeviceKey())
    assert keeper.refused(other) is WireError.INVALID_PROOF
    signed_by_other = keeper.proof(
        keeper.attest(), key=keeper.keys[1], header={"jwk": keeper.keys[0].public.to_jwk()}
    )
    assert keeper.refused(signed_by_other) is WireError.INVALID_PROOF


@pytest.mark.parametrize("nonce", ["", "of another", "A" * 51])
def test_a_nonce_that_is_not_ours_has_a_code_of_its_own(keeper: Keeper, nonce: str) -> None:
    attestation = keeper.attest(nonce=nonce)
    assert keeper.refused(keeper.proof(attestation)) is WireError.INVALID_NONCE
    assert keeper.refused(attestations=[attestation]) is WireError.INVALID_NONCE
    lapsed = keeper.attest(nonce=NONCES.make(bytes(16), keeper.now - timedelta(seconds=300)))
    assert keeper.refused(attestations=[lapsed]) is WireError.INVALID_NONCE


def test_a_request_has_proofs_of_one_type(keeper: Keeper) -> None:
    attestation = keeper.attest()
    for proofs, attestations in (
        ([], []),
        ([], [attestation, attestation]),
        ([keeper.proof(attestation)], [attestation]),
        ([keeper.proof(attestation)] * 2, []),
        ([keeper.proof(keeper.attest()), *[keeper.proof(key=DeviceKey()) for _ in range(3)]], []),
    ):
        refused = keeper.refused(*proofs, attestations=attestations)
        assert refused is WireError.INVALID_PROOF


# -- what the settings ask


def test_where_an_attestation_is_asked_for_a_proof_alone_is_not_enough(keeper: Keeper) -> None:
    assert points(keeper.read(keeper.proof())) == keeper.points(1)
    keeper.requirements = KeyRequirements(is_required=True)
    assert keeper.refused(keeper.proof()) is WireError.INVALID_PROOF
    assert points(keeper.read(keeper.proof(keeper.attest()))) == keeper.points()
    bare = keeper.attest(key_storage=None, user_authentication=None)
    assert points(keeper.read(keeper.proof(bare))) == keeper.points()


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("key_storage", KeyRequirements(key_storage=(HIGH, MODERATE))),
        ("user_authentication", KeyRequirements(user_authentication=(HIGH, MODERATE))),
    ],
)
def test_one_of_the_accepted_values_is_asserted(
    keeper: Keeper, name: str, requirements: KeyRequirements
) -> None:
    keeper.requirements = requirements
    assert points(keeper.read(attestations=[keeper.attest()])) == keeper.points()
    asserted: dict[str, Any] = {name: ["https://keeper.example/level", HIGH]}
    assert points(keeper.read(attestations=[keeper.attest(**asserted)])) == keeper.points()
    for wrong in (None, ["iso_18045_basic"]):
        asserted = {name: wrong}
        attestation = keeper.attest(**asserted)
        assert keeper.refused(attestations=[attestation]) is WireError.INVALID_PROOF
    assert requirements.metadata() == {name: [HIGH, MODERATE]}
