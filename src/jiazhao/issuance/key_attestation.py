"""Keys that their keeper vouches for (OpenID4VCI 1.0 appendix D), pure.

A key attestation says where keys are kept and how their holder unlocks them. It comes in the
header of a `jwt` proof, or as a proof itself; it names a nonce of ours, so it is fresh. HAIP 1.0
section 4.5.1 says how its signer is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import JiazhaoError
from jiazhao.issuance.attesters import (
    AttestationError,
    Attesters,
    instant,
    require_no_status,
    require_time,
)
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError

ATTESTATION_TYPE: Final = "key-attestation+jwt"

MAX_VALUES: Final = 16
MAX_VALUE_CHARS: Final = 256
"""Values of `key_storage` and `user_authentication` may be addresses."""


@dataclass(frozen=True, slots=True)
class KeyRequirements:
    """What is asked of keys: values of which one is to be asserted; without any, none is asked."""

    is_required: bool = False
    """Whether keys without an attestation are refused."""
    key_storage: tuple[str, ...] = ()
    user_authentication: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Config) -> "KeyRequirements":
        """What the settings ask."""
        return cls(
            config.key_attestation_required,
            config.key_storage_accepted,
            config.user_authentication_accepted,
        )

    def metadata(self) -> dict[str, list[str]]:
        """`key_attestations_required` of a proof type (OpenID4VCI 1.0 section 12.2.4)."""
        asked = {
            "key_storage": self.key_storage,
            "user_authentication": self.user_authentication,
        }
        return {name: list(values) for name, values in asked.items() if values}


@dataclass(frozen=True, slots=True)
class KeyAttestation:
    """A verified attestation: its keys in their order, and the nonce that made it fresh."""

    keys: tuple[PublicKey, ...]
    nonce: str
    names: tuple[str | None, ...]
    """The `kid` of each key, where it has one."""

    def key_named(self, kid: object) -> PublicKey | None:
        """The key that a proof's `kid` names: by its own `kid`, else by its place."""
        if not isinstance(kid, str):
            return None
        if kid in self.names:
            return self.keys[self.names.index(kid)]
        places = {str(place): key for place, key in enumerate(self.keys)}
        return places.get(kid)


@dataclass(frozen=True, slots=True)
class KeyAttestations:
    """Reads key attestations; `most` is how many keys one may have."""

    attesters: Attesters = field(default_factory=Attesters)
    requirements: KeyRequirements = field(default_factory=KeyRequirements)
    most: int = 1

    def read(
        self, token: object, *, nonces: Nonces, now: datetime, needs_expiry: bool
    ) -> KeyAttestation:
        """Verify an attestation, or raise `ProtocolError`.

        1 form, type, by whom · 2 its times · 3 its keys · 4 what it asserts of them · 5 nonce.
        """
        try:
            if not isinstance(token, str):
                raise AttestationError("It is not text.")
            # 1
            claims = self.attesters.read(token, expected_typ=ATTESTATION_TYPE, now=now)
            # 2
            require_time(claims, now)
            for name in ("iat", "exp") if needs_expiry else ("iat",):
                if instant(claims, name) is None:
                    raise AttestationError(f"It has no {name}.")
            # 3
            keys, names = self._keys(claims.get("attested_keys"))
            # 4
            require_no_status(claims)
            _require_one(claims, "key_storage", self.requirements.key_storage)
            _require_one(claims, "user_authentication", self.requirements.user_authentication)
            # 5
            nonce = claims.get("nonce")
            if not isinstance(nonce, str):
                raise AttestationError("It has no nonce.")
        except AttestationError as error:
            raise ProtocolError(
                WireError.INVALID_PROOF, f"The key attestation is not taken: {error.why}"
            ) from error
        if not nonces.is_live(nonce, now):
            raise ProtocolError(
                WireError.INVALID_NONCE, "The key attestation's nonce is unknown or has lapsed."
            )
        return KeyAttestation(keys, nonce, names)

    def _keys(self, jwks: object) -> tuple[tuple[PublicKey, ...], tuple[str | None, ...]]:
        if not isinstance(jwks, list) or not 0 < len(jwks) <= self.most:
            raise AttestationError(f"attested_keys are not 1 to {self.most} keys.")
        try:
            keys = tuple(PublicKey.from_jwk(jwk) for jwk in jwks)
        except JiazhaoError as error:
            raise AttestationError("An attested key is not a public key on P-256.") from error
        if len({key.point for key in keys}) < len(keys):
            raise AttestationError("An attested key stands twice.")
        kids = (jwk.get("kid") for jwk in jwks)
        return keys, tuple(kid if isinstance(kid, str) else None for kid in kids)


def _require_one(claims: Mapping[str, Any], name: str, accepted: Sequence[str]) -> None:
    asserted = claims.get(name)
    if asserted is not None and not (
        isinstance(asserted, list)
        and 0 < len(asserted) <= MAX_VALUES
        and all(isinstance(one, str) and len(one) <= MAX_VALUE_CHARS for one in asserted)
    ):
        raise AttestationError(f"{name} is not a list of 1 to {MAX_VALUES} texts.")
    if accepted and not set(accepted) & set(asserted or ()):
        raise AttestationError(f"{name} asserts nothing that is accepted here.")
