"""PyPI sd-jwt, in this process: the reference implementation of RFC 9901.

It checks the issuer's signature, the digests and the key binding. The chain is the caller's, so
it gets the issuer's key as it is, warm.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from bench import goals, material
from bench.rounds import Here, Work

VERSION = version(goals.SD_JWT)


def subjects(
    issuer: material.Issuer,
    device: ec.EllipticCurvePublicKey,
    presented: Sequence[str],
    audience: str,
    nonce: str,
    now: datetime,
) -> tuple[Here, Here]:
    """Return its issuing and its verifying, with warm keys."""
    return (
        Here(goals.issued_by(goals.SD_JWT), _issuing(issuer, device, now)),
        Here(goals.verified_by(goals.SD_JWT), _verifying(issuer, presented, audience, nonce)),
    )


def _issuing(issuer: material.Issuer, device: ec.EllipticCurvePublicKey, now: datetime) -> Work:
    key, holder_key = JWK.from_pyca(issuer.key), JWK.from_pyca(device)
    begun, _, ends = (int(one.timestamp()) for one in material.validity(now).values())
    claims = material.as_claims(material.elements())
    header = {"typ": "dc+sd-jwt", "x5c": [material.x5c(issuer.certificate)]}

    def issue(_count: int) -> str:
        told: dict[Any, Any] = {
            "iss": material.ISSUER,
            "iat": begun,
            "nbf": begun,
            "exp": ends,
            "vct": material.VCT,
            material.NAME_SPACE: {SDObj(name): value for name, value in claims.items()},
        }
        made: str = SDJWTIssuer(
            told, key, holder_key, extra_header_parameters=header
        ).sd_jwt_issuance
        return made

    return issue


def _verifying(
    issuer: material.Issuer, presented: Sequence[str], audience: str, nonce: str
) -> Work:
    key = JWK.from_pyca(issuer.key.public_key())

    def issuer_key(_issuer: str, _header: Mapping[str, Any]) -> JWK:
        return key

    def verify(count: int) -> None:
        one = presented[count % len(presented)]
        SDJWTVerifier(one, issuer_key, audience, nonce).get_verified_payload()

    return verify
