"""A wallet of our own on a device of its own: claims over OpenID4VCI 1.0, shows licence codes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jiazhao.credentials import jose, mdoc
from jiazhao.credentials.licence_code_1 import NONCE_OCTETS, sign_code
from jiazhao.credentials.mdoc import MDL_DOC_TYPE, MDL_NAMESPACE, IssuerSigned
from jiazhao.credentials.signing import read_base64url
from jiazhao.licence.identifiers import InstanceNumber
from jiazhao.smoke.device_key import DeviceKey
from jiazhao.smoke.people import Visitor, answered

__all__ = ["DeviceKey", "Received", "Wallet"]

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
PROOF_TYPE = "openid4vci-proof+jwt"


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

    def new_code(self, now: datetime) -> str:
        """A fresh licence code; the counter rises with each."""
        if self.copy is None:
            raise ValueError("there is no copy to show")
        self.counter += 1
        return sign_code(
            self.key,
            instance=self.copy.instance_number,
            time=int(now.timestamp()),
            counter=self.counter,
            nonce=secrets.token_bytes(NONCE_OCTETS),
        )
