"""The ceremonies of Web Authentication: what is asked of the browser, and what it brings back.

Source: W3C Web Authentication Level 2, 7.1 and 7.2. Pure but for the library: challenges, keys
and expectations are arguments. User verification is always required, and no attestation is
asked for: which make of authenticator a person has is none of our business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.identity.challenge import CHALLENGE_SECONDS
from jiazhao.identity.key_messages import PasskeyMade, PasskeyShown

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
"""What phones, keys and desktop systems make; the first is preferred."""

NAME = "驾照 Jiazhao"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Party:
    """One origin as authenticators know it: a passkey of one is of no use at another."""

    origin: str

    @property
    def rp_id(self) -> str:
        """The host name of the configured origin."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator made."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    """COSE_Key."""
    sign_count: int


def creation_options(
    party: Party, *, challenge: bytes, account_id: str, person: str, known: Sequence[bytes]
) -> Any:
    """What `navigator.credentials.create` is given, as JSON; `known` are not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=party.rp_id,
        rp_name=NAME,
        # The handle comes back at sign-in and finds the account; it tells nothing about anybody.
        user_id=bytes.fromhex(account_id),
        user_name=person or NAME,
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known),
        supported_pub_key_algs=ALGORITHMS,
    )
    return msgspec.json.decode(webauthn.options_to_json(options))


def request_options(party: Party, *, challenge: bytes, allowed: Sequence[bytes] = ()) -> Any:
    """What `navigator.credentials.get` is given, as JSON; without `allowed` the person picks."""
    options = webauthn.generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        allow_credentials=_named(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return msgspec.json.decode(webauthn.options_to_json(options))


def verify_made(party: Party, made: PasskeyMade, *, challenge: bytes) -> NewPasskey:
    """The new passkey, or `AccessError`."""

    def verify() -> NewPasskey:
        verified = webauthn.verify_registration_response(
            credential=_credential(
                made.id,
                clientDataJSON=made.client_data,
                attestationObject=made.attestation,
            ),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        if verified.fmt != AttestationFormat.NONE:
            raise WebAuthnException("attestation")
        return NewPasskey(
            verified.credential_id, verified.credential_public_key, verified.sign_count
        )

    return _or_refused(verify)


def verify_shown(party: Party, shown: PasskeyShown, *, challenge: bytes, public_key: bytes) -> int:
    """The authenticator's count of signatures, or `AccessError`; the caller compares it."""

    def verify() -> int:
        verified = webauthn.verify_authentication_response(
            credential=_credential(
                shown.id,
                clientDataJSON=shown.client_data,
                authenticatorData=shown.authenticator_data,
                signature=shown.signature,
                userHandle=shown.user_handle,
            ),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            # Compared in the store, where two uses at once meet.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return verified.new_sign_count

    return _or_refused(verify)


def _credential(name: str, **response: str | None) -> dict[str, Any]:
    given = {key: value for key, value in response.items() if value is not None}
    return {"id": name, "rawId": name, "type": "public-key", "response": given}


def _named(credential_ids: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in credential_ids]


def _or_refused(verify: Callable[[], T]) -> T:
    """One refusal for whatever does not fit; what the library reads was bounded before."""
    try:
        return verify()
    except (
        WebAuthnException,
        InvalidSignature,
        UnsupportedAlgorithm,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise AccessError(ErrorCode.PASSKEY_REFUSED) from error


def text_of(credential_id: bytes) -> str:
    """A credential's name on the wire."""
    return write_base64url(credential_id)
