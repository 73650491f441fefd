"""A wallet is who a trusted attester says, at this instant, for us (attestation-based auth)."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.config import ConfigurationFaultsError
from jiazhao.credentials import jose
from jiazhao.issuance.attesters import MAX_ATTESTATION_CHARS, Attesters
from jiazhao.issuance.client_attestation import AttestedClient, read_client
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.smoke.wallet import DeviceKey
from tests.wallet_provider import WALLET, Certified, WalletProvider, certified

ISSUER = "https://licence.example"
CHALLENGES = Nonces(bytes(32), 300)
DAY = 86_400
FRESH_SECONDS = 31 * DAY

REFUSED = WireError.INVALID_CLIENT_ATTESTATION


@dataclass
class Instance:
    """A wallet's instance, and an issuer that trusts its provider."""

    now: datetime
    provider: WalletProvider
    key: DeviceKey = field(default_factory=DeviceKey)

    def pop(
        self, *, typ: str = "oauth-client-attestation-pop+jwt", by: Any = None, **c: Any
    ) -> str:
        claims = {
            "aud": ISSUER,
            "jti": "p-1",
            "iat": int(self.now.timestamp()),
            "challenge": CHALLENGES.make(bytes(16), self.now),
            **c,
        }
        made = {name: value for name, value in claims.items() if value is not None}
        return jose.sign(made, by or self.key, typ=typ)

    def read(self, attestation: str | None = None, pop: str | None = None) -> AttestedClient:
        return read_client(
            self.provider.vouch(self.key) if attestation is None else attestation,
            self.pop() if pop is None else pop,
            attesters=Attesters((self.provider.root.certificate,)),
            expected_audience=ISSUER,
            challenges=CHALLENGES,
            max_age_seconds=FRESH_SECONDS,
            now=self.now,
        )

    def refused(self, attestation: str | None = None, pop: str | None = None) -> WireError:
        with pytest.raises(ProtocolError) as refused:
            self.read(attestation, pop)
        assert refused.value.description.isascii()
        return refused.value.error


@pytest.fixture
def instance(now: datetime) -> Instance:
    return Instance(now, WalletProvider(now))


def test_a_wallet_is_named_and_its_instance_known(instance: Instance) -> None:
    client = instance.read()
    assert (client.client_id, client.thumbprint) == (WALLET, instance.key.public.thumbprint())
    assert instance.read(pop=instance.pop(jti="p-2")).proof_digest != client.proof_digest


@pytest.mark.parametrize(
    ("attested", "proved"),
    [({"iss": None}, {}), ({}, {"iss": WALLET}), ({"iat": None}, {})],
    ids=str,
)
def test_what_one_draft_has_and_another_has_not_is_taken(
    instance: Instance, attested: dict[str, Any], proved: dict[str, Any]
) -> None:
    attestation = instance.provider.vouch(instance.key, **attested)
    assert instance.read(attestation, instance.pop(**proved)).client_id == WALLET


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "钱包"},
        {"iss": 7},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"cnf": None},
        {"cnf": {}},
        {"cnf": {"jwk": {"kty": "EC"}}},
        {"status": {"status_list": {"idx": 0, "uri": "https://provider.example/1"}}},
        {"typ": "JWT"},
        {"header": {"alg": "none"}},
        {"header": {"crit": ["b64"]}},
        {"header": {"x5c": None}},
        {"header": {"x5c": ["AAAA"]}},
    ],
    ids=str,
)
def test_an_attestation_with_one_fault_is_refused(
    instance: Instance, changes: dict[str, Any]
) -> None:
    if (header := changes.get("header")) and "x5c" in header:
        claims = {"sub": WALLET, "exp": 4_000_000_000, "cnf": {"jwk": instance.key.public.to_jwk()}}
        attestation = jose.sign(
            claims, instance.provider.signer, typ="oauth-client-attestation+jwt", header=header
        )
    else:
        attestation = instance.provider.vouch(instance.key, **changes)
    assert instance.refused(attestation) is REFUSED


def test_a_private_key_in_the_attestation_is_refused(instance: Instance) -> None:
    jwk = {**instance.key.public.to_jwk(), "d": "AAAA"}
    assert instance.refused(instance.provider.vouch(instance.key, cnf={"jwk": jwk})) is REFUSED


def test_an_attestation_that_was_altered_is_refused(instance: Instance) -> None:
    head, _, signature = instance.provider.vouch(instance.key).split(".")
    other = instance.provider.vouch(instance.key, sub="https://other.example").split(".")[1]
    assert instance.refused(f"{head}.{other}.{signature}") is REFUSED
    assert instance.refused("x" * (MAX_ATTESTATION_CHARS + 1)) is REFUSED
    assert instance.refused("") is REFUSED


@pytest.mark.parametrize(("days", "fresh"), [(31, True), (32, False)])
def test_an_old_attestation_is_to_be_made_anew(instance: Instance, days: int, fresh: bool) -> None:
    now = instance.now
    old = instance.provider.vouch(
        instance.key, now=now - timedelta(days=days), exp=int(now.timestamp()) + DAY
    )
    if fresh:
        assert instance.read(old).client_id == WALLET
    else:
        assert instance.refused(old) is WireError.USE_FRESH_ATTESTATION
    lasting = instance.provider.vouch(instance.key, iat=None, exp=int(now.timestamp()) + days * DAY)
    if fresh:
        assert instance.read(lasting).client_id == WALLET
    else:
        assert instance.refused(lasting) is WireError.USE_FRESH_ATTESTATION


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"aud": "https://other.example"}, REFUSED),
        ({"aud": [ISSUER]}, REFUSED),
        ({"aud": None}, REFUSED),
        ({"iss": "https://other.example"}, REFUSED),
        ({"iat": None}, REFUSED),
        ({"iat": 0}, REFUSED),
        ({"iat": 1 << 40}, REFUSED),
        ({"iat": True}, REFUSED),
        ({"jti": None}, REFUSED),
        ({"jti": ""}, REFUSED),
        ({"jti": "x" * 129}, REFUSED),
        ({"typ": "JWT"}, REFUSED),
        ({"by": DeviceKey()}, REFUSED),
        ({"long": "x" * 4096}, REFUSED),
        ({"challenge": None}, WireError.USE_ATTESTATION_CHALLENGE),
        ({"challenge": "A" * 51}, WireError.USE_ATTESTATION_CHALLENGE),
        ({"challenge": 7}, WireError.USE_ATTESTATION_CHALLENGE),
    ],
)
def test_a_proof_with_one_fault_has_the_code_of_the_fault(
    instance: Instance, changes: dict[str, Any], error: WireError
) -> None:
    assert instance.refused(pop=instance.pop(**changes)) is error


def test_a_challenge_that_has_lapsed_is_asked_for_again(instance: Instance) -> None:
    old = CHALLENGES.make(bytes(16), instance.now - timedelta(seconds=300))
    pop = instance.pop(challenge=old)
    assert instance.refused(pop=pop) is WireError.USE_ATTESTATION_CHALLENGE


# -- who may vouch


def test_an_authority_between_may_vouch(instance: Instance) -> None:
    provider, now = instance.provider, instance.now
    between = certified("between", by=provider.root, now=now, is_authority=True)
    signer = certified("signer", by=between, now=now)
    assert len(signer.certificates) == 2
    assert instance.read(provider.vouch(instance.key, by=signer)).client_id == WALLET
    alone = Certified(signer.key, signer.certificate)
    assert instance.refused(provider.vouch(instance.key, by=alone)) is REFUSED


def test_nobody_else_may(instance: Instance) -> None:
    provider, now = instance.provider, instance.now
    stranger = WalletProvider(now)
    namesake = certified("wallet provider root", by=None, now=now, is_authority=True)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    for wrong in (
        stranger.signer,
        certified("self", by=None, now=now),
        certified("authority", by=provider.root, now=now, is_authority=True),
        certified("below no authority", by=provider.signer, now=now),
        certified("below a namesake", by=namesake, now=now),
        certified("expired", by=provider.root, now=now, life=timedelta(hours=-1)),
        certified("not for signatures", by=provider.root, now=now, extensions=[(usage, True)]),
        certified("not understood", by=provider.root, now=now, extensions=[(unknown, True)]),
        # The root is not to stand in x5c, whoever signs (HAIP 1.0 section 4.4.1).
        Certified(provider.signer.key, provider.signer.certificate, (provider.root.certificate,)),
        provider.root,
    ):
        assert instance.refused(provider.vouch(instance.key, by=wrong)) is REFUSED
    assert instance.read().client_id == WALLET


def test_where_no_attester_is_trusted_none_is_believed(instance: Instance) -> None:
    with pytest.raises(ProtocolError):
        read_client(
            instance.provider.vouch(instance.key),
            instance.pop(),
            attesters=Attesters(),
            expected_audience=ISSUER,
            challenges=CHALLENGES,
            max_age_seconds=FRESH_SECONDS,
            now=instance.now,
        )


# -- the folder of trusted certificates


def test_roots_are_read_from_a_folder(instance: Instance, tmp_path: Path) -> None:
    instance.provider.publish(tmp_path)
    other = WalletProvider(instance.now).root.certificate
    (tmp_path / "other.der").write_bytes(other.public_bytes(Encoding.DER))
    (tmp_path / ".hidden").write_text("not read")
    read = Attesters.of(tmp_path, setting="wallet_attesters_dir")
    assert set(read.roots) == {other, instance.provider.root.certificate}
    assert Attesters.of(None, setting="wallet_attesters_dir").roots == ()


@pytest.mark.parametrize("wrong", ["empty", "missing", "text", "leaf", "large", "folder", "many"])
def test_a_folder_that_does_not_read_stops_the_start(
    instance: Instance, tmp_path: Path, wrong: str
) -> None:
    folder = tmp_path / "attesters"
    folder.mkdir()
    provider, file = instance.provider, folder / "one.pem"
    if wrong == "missing":
        folder.rmdir()
    elif wrong == "text":
        file.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    elif wrong == "leaf":
        file.write_bytes(provider.signer.certificate.public_bytes(Encoding.PEM))
    elif wrong == "large":
        file.write_bytes(secrets.token_bytes(64 * 1024 + 1))
    elif wrong == "folder":
        file.mkdir()
    elif wrong == "many":
        file.write_bytes(provider.root.certificate.public_bytes(Encoding.PEM) * 65)
    with pytest.raises(ConfigurationFaultsError) as refused:
        Attesters.of(folder, setting="wallet_attesters_dir")
    (fault,) = refused.value.faults
    assert fault.key == "wallet_attesters_dir"
    assert ("one.pem" if wrong not in {"empty", "missing", "many"} else "attesters") in fault.en
