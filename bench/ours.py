"""This project's own formats, as the services call them."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bench import material
from bench.rounds import Work
from jiazhao.credentials import cbor, mdoc, sdjwt
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.presentation.steps import FILE, Step
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.presentation.verify_sdjwt import ExpectedBinding, verify_sdjwt
from jiazhao.trust.software import SoftwareSigner

WITHOUT_STATUS = FILE - {Step.STATUS}
"""What the peers check too: none of them asks for a status."""


def issuing(
    issuer: material.Issuer,
    devices: Sequence[ec.EllipticCurvePublicKey],
    now: datetime,
    *,
    signer: Signer | None = None,
) -> Callable[[int], bytes]:
    """Return what issues one mdoc of 26 elements, for one device key after the other."""
    elements = {mdoc.MDL_NAMESPACE: _native(material.elements())}
    keys = [PublicKey.of(device) for device in devices]
    begun, _, ends = material.validity(now).values()
    validity = mdoc.ValidityInfo(signed=begun, valid_from=begun, valid_until=ends)
    signs = signer or SoftwareSigner(issuer.key, (issuer.certificate,))
    octets = mdoc.RANDOM_OCTETS * len(elements[mdoc.MDL_NAMESPACE])

    def issue(count: int) -> bytes:
        return mdoc.issue(
            doc_type=mdoc.MDL_DOC_TYPE,
            elements=elements,
            device_key=keys[count % len(keys)],
            validity=validity,
            randomness=secrets.token_bytes(octets),
            signer=signs,
        )

    return issue


def verifying(
    issuer: material.Issuer, responses: Sequence[bytes], transcript: bytes, now: datetime
) -> Work:
    """Return what verifies a DeviceResponse: chain, signature, digests, validity, device."""
    trust = TrustAnchors(roots=(issuer.root.public_bytes(Encoding.DER),))

    def verify(count: int) -> None:
        checked = verify_mdoc(
            responses[count % len(responses)],
            now=now,
            trust=trust,
            expected_transcript=transcript,
            profile=WITHOUT_STATUS,
        )
        checked.verdict.require_passed()

    return verify


def issuing_sd_jwt(
    issuer: material.Issuer, devices: Sequence[ec.EllipticCurvePublicKey], now: datetime
) -> Callable[[int], bytes]:
    """Return what issues the same 26 claims as an SD-JWT VC."""
    claims = {mdoc.MDL_NAMESPACE: material.as_claims(material.elements())}
    keys = [PublicKey.of(device) for device in devices]
    begun, _, ends = material.validity(now).values()
    signer = SoftwareSigner(issuer.key, (issuer.certificate,))
    octets = sdjwt.RANDOM_OCTETS * len(claims[mdoc.MDL_NAMESPACE])

    def issue(count: int) -> bytes:
        return sdjwt.issue(
            vct=material.VCT,
            issuer=material.ISSUER,
            claims=claims,
            device_key=keys[count % len(keys)],
            issued_at=begun,
            not_before=begun,
            expires_at=ends,
            randomness=secrets.token_bytes(octets),
            signer=signer,
        )

    return issue


def verifying_sd_jwt(
    issuer: material.Issuer, presented: Sequence[str], audience: str, nonce: str, now: datetime
) -> Work:
    """Return what verifies an SD-JWT VC: chain, signature, digests, validity, key binding."""
    trust = TrustAnchors(roots=(issuer.root.public_bytes(Encoding.DER),))
    expected = ExpectedBinding(audience, nonce, timedelta(minutes=5))

    def verify(count: int) -> None:
        checked = verify_sdjwt(
            presented[count % len(presented)],
            now=now,
            trust=trust,
            expected=expected,
            profile=WITHOUT_STATUS,
        )
        checked.verdict.require_passed()

    return verify


def _native(value: Any) -> Any:
    if isinstance(value, material.FullDate):
        return cbor.FullDate(value.text)
    if isinstance(value, dict):
        return {name: _native(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_native(item) for item in value]
    return value
