"""A wallet of our own on a device of its own: claims over OpenID4VCI 1.0, shows licence codes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials import jose, mdoc
from jiazhao.credentials.beacon import Beacon, parse_beacon
from jiazhao.credentials.code_sealing import Kind, period_on, read_point
from jiazhao.credentials.licence_code import (
    NONCE_OCTETS,
    IssuerPart,
    parse_issuer_part,
    sign_code,
)
from jiazhao.credentials.mdoc import MDL_DOC_TYPE, MDL_NAMESPACE, IssuerSigned
from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.licence.identifiers import InstanceNumber
from jiazhao.licence.legal_day import legal_day
from jiazhao.smoke.device_key import DeviceKey
from jiazhao.smoke.people import Visitor, answered

__all__ = ["DeviceKey", "Received", "Wallet"]

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
PROOF_TYPE = "openid4vci-proof+jwt"
CONTACT_TYPE = "jiazhao-contact+jwt"
CODE_FORMAT = "jiazhao-licence-code"


@dataclass(frozen=True, slots=True)
class Received:
    """A copy as it came, and what it says of itself; nothing in it is verified."""

    octets: bytes
    issued: IssuerSigned

    @classmethod
    def of(cls, octets: bytes) -> "Received":
        """Read a copy; raises `UnreadableError`."""
        return cls(octets, mdoc.parse_issuer_signed(octets))

    @property
    def instance_number(self) -> InstanceNumber:
        """The number of the electronic licence."""
        return InstanceNumber(str(self.issued.name_spaces[MDL_NAMESPACE]["document_number"].value))

    @property
    def status(self) -> mdoc.StatusReference | None:
        """Where its status is published."""
        return self.issued.mso.status


@dataclass
class Wallet(Visitor):
    """A driver's wallet; `key` is its device key."""

    key: DeviceKey = field(default_factory=DeviceKey, repr=False)
    counter: int = 0
    copy: Received | None = field(default=None, repr=False)
    part: IssuerPart | None = field(default=None, repr=False)
    contacts: int = 0
    day_keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    beacon: Beacon | None = field(default=None, repr=False)
    _metadata: dict[str, Any] = field(default_factory=dict, repr=False)

    def licence(self) -> Any:
        """The live licence."""
        return self.get("/wallet/licence")

    # -- claiming, one door after another

    def claim(self, *, replace: bool) -> Any:
        """Ask for an offer to this device."""
        return self.post("/claims", {"replace": replace})

    def redeem(self, offer: Any) -> str:
        """Exchange an offer for an access token."""
        issuer = offer["credential_offer"]["credential_issuer"]
        metadata = self._fetched(f"{issuer}/.well-known/oauth-authorization-server")
        grant = offer["credential_offer"]["grants"][PRE_AUTHORIZED]
        form = {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": grant["pre-authorized_code"],
            "tx_code": offer["tx_code"],
        }
        token = answered(self.browser.post_form(metadata["token_endpoint"], form)).json()
        return str(token["access_token"])

    def prove(self, now: datetime) -> str:
        """A fresh proof of possession of the device key."""
        metadata = self._issuer()
        nonce = answered(self.browser.post_json(metadata["nonce_endpoint"], {})).json()["c_nonce"]
        claims = {
            "aud": str(metadata["credential_issuer"]),
            "iat": int(now.timestamp()),
            "nonce": nonce,
        }
        header = {"jwk": self.key.public.to_jwk()}
        return jose.sign(claims, self.key, typ=PROOF_TYPE, header=header)

    def receive(self, access_token: str, proof: str) -> Received:
        """Exchange the token and a proof for the copy; the wallet keeps it."""
        wanted = {"credential_configuration_id": MDL_DOC_TYPE, "proofs": {"jwt": [proof]}}
        url = self._issuer()["credential_endpoint"]
        answer = answered(self.browser.post_json(url, wanted, bearer=access_token)).json()
        octets = read_base64url(answer["credentials"][0]["credential"], "credential")
        self.copy = Received.of(octets)
        return self.copy

    def _issuer(self) -> Any:
        return self._fetched(f"{self.origin}/.well-known/openid-credential-issuer")

    def _fetched(self, url: str) -> Any:
        if url not in self._metadata:
            self._metadata[url] = answered(self.browser.get(url)).json()
        return self._metadata[url]

    # -- showing

    def prepare_codes(self, access_token: str, now: datetime) -> None:
        """Fetch what licence codes need: the issuer's part, the keys of the days, a beacon."""
        issuer = self._issuer()
        supported = issuer["credential_configurations_supported"]
        wanted = {
            "credential_configuration_id": next(
                name for name, one in supported.items() if one["format"] == CODE_FORMAT
            ),
            "proofs": {"jwt": [self.prove(now)]},
        }
        url = issuer["credential_endpoint"]
        answer = answered(self.browser.post_json(url, wanted, bearer=access_token)).json()
        octets = read_base64url(answer["credentials"][0]["credential"], "credential")
        self.part = parse_issuer_part(octets)
        self.contact(now)

    def contact(self, now: datetime) -> Any:
        """Come by itself, and keep what is told."""
        self.counter += 1
        claims = {
            "aud": self.origin,
            "iat": int(now.timestamp()),
            "jti": secrets.token_hex(16),
            "n": self.contacts,
            "counter": self.counter,
        }
        header = {"jwk": self.key.public.to_jwk()}
        proof = jose.sign(claims, self.key, typ=CONTACT_TYPE, header=header)
        told = self.post("/wallet/contacts", {"proof": proof})
        self.contacts = told["n"]
        self.day_keys = {
            one["day"]: read_base64url(one["point"], "point") for one in told["day_keys"]
        }
        if told["beacon"] is not None:
            self.beacon = parse_beacon(read_base64url(told["beacon"], "beacon"))
        return told

    def new_code(
        self,
        now: datetime,
        *,
        key: DeviceKey | None = None,
        counter: int | None = None,
        challenge: int | None = None,
    ) -> str:
        """A fresh licence code; the counter rises with each."""
        if self.part is None:
            raise ValueError("there is nothing to show")
        self.counter += 1
        period = period_on(Kind.SHOWN, legal_day(now))
        octets = sign_code(
            self.part,
            key or self.key,
            time=int(now.timestamp()),
            counter=counter or self.counter,
            nonce=secrets.token_bytes(NONCE_OCTETS),
            period=period,
            key=read_point(self.day_keys[period]),
            ephemeral=ec.generate_private_key(ec.SECP256R1()),
            challenge=challenge,
            beacon=self.beacon,
        )
        return write_base64url(octets)
