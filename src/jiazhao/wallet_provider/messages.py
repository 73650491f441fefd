"""What the wallet sends in order to be vouched for, and what it gets."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Proof = Annotated[str, Meta(min_length=1, max_length=2048)]
Attestation = Annotated[str, Meta(min_length=1, max_length=16_384)]
MAX_KEYS = 100
"""As many as a batch may ever have; the configured one bounds it further."""


class ClientRequest(Struct, forbid_unknown_fields=True):
    """A proof by the key of the instance."""

    proof: Proof


class RenewalRequest(Struct, forbid_unknown_fields=True):
    """The same, with what was attested before, where nobody is signed in."""

    proof: Proof
    client_attestation: Attestation


class KeysRequest(Struct, forbid_unknown_fields=True):
    """Keys to be vouched for, each with a proof of its own over the issuer's nonce."""

    proof: Proof
    """By the key of the instance, over the same nonce."""
    client_attestation: Attestation
    key_proofs: Annotated[list[Proof], Meta(min_length=1, max_length=MAX_KEYS)]


class ClientAttestation(Struct):
    """Goes into the field OAuth-Client-Attestation."""

    client_attestation: str
    client_id: str
    expires_at: datetime


class KeyAttestation(Struct):
    """Goes into the header `key_attestation` of a proof, or is a proof of type `attestation`."""

    key_attestation: str
    expires_at: datetime
