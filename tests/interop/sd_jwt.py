"""SD-JWT VC: presentations in which exactly one signed part is wrong, and who judges them.

Each mutant is still well formed: only the check that protects the part can refuse it.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from jiazhao.presentation.steps import FILE, Outcome, Step
from jiazhao.presentation.verify import StatusCheck, TrustAnchors
from jiazhao.presentation.verify_sdjwt import ExpectedBinding, verify_sdjwt
from tests.interop import holder
from tests.interop.peers import Judgement

AUDIENCE, NONCE = "x509_san_dns:rental.example", "n-0S6_WzA2Mj3bqU1xQy7KkVtR4cPd9eLh"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a verifier receives; it expects `AUDIENCE` and `NONCE`."""

    issued: str
    """The JWT and what is disclosed; it ends in ~."""
    key: ec.EllipticCurvePrivateKey
    issued_at: int
    audience: str = AUDIENCE
    nonce: str = NONCE
    edit: Callable[[str], str] = str
    """What becomes of the presentation after it was bound."""

    @property
    def presented(self) -> str:
        """The presentation as it is sent."""
        bound = holder.key_bound(
            self.issued,
            self.key,
            audience=self.audience,
            nonce=self.nonce,
            issued_at=self.issued_at,
        )
        return self.edit(bound)

    def with_jwt(self, make: Callable[[str], str]) -> "Shown":
        """Another issuer's JWT before the same disclosures, and honestly bound."""
        jwt, _, rest = self.issued.partition("~")
        return replace(self, issued=f"{make(jwt)}~{rest}")


def every_mutant(genuine: Shown) -> dict[str, Shown]:
    """Return the mutants of a genuine presentation by the name of the part that is wrong."""
    other_device = ec.generate_private_key(ec.SECP256R1())
    return {
        "issuer's signature": genuine.with_jwt(_break_signature),
        "issuer's claims": genuine.with_jwt(_prolong_validity),
        "value of a claim": replace(genuine, issued=_rename_holder(genuine.issued)),
        "claim that was not signed": replace(genuine, issued=_add_claim(genuine.issued)),
        "document signer's certificate": genuine.with_jwt(_break_certificate),
        "issuer of the certificate": genuine.with_jwt(_certify_by_stranger),
        "key binding's signature": replace(genuine, edit=_break_signature),
        "device key": replace(genuine, key=other_device),
        "key binding left out": replace(genuine, edit=lambda it: it[: it.rindex("~") + 1]),
        "audience": replace(genuine, audience="x509_san_dns:elsewhere.example"),
        "nonce": replace(genuine, nonce=NONCE[::-1]),
        "disclosure taken away": replace(genuine, edit=_hold_back_first),
        "key binding of the day before": replace(genuine, issued_at=genuine.issued_at - 86_400),
    }


def _break_signature(token: str) -> str:
    signed, _, signature = token.rpartition(".")
    octets = holder.octets(signature)
    return f"{signed}.{holder.text(octets[:-1] + bytes([octets[-1] ^ 1]))}"


def _changed(jwt: str, part: int, change: Callable[[dict[str, Any]], object]) -> str:
    parts = jwt.split(".")
    members = json.loads(holder.octets(parts[part]))
    change(members)
    parts[part] = holder.text(json.dumps(members).encode())
    return ".".join(parts)


def _prolong_validity(jwt: str) -> str:
    """Let the credential live ten years longer than its issuer said."""
    return _changed(jwt, 1, lambda it: it.update(exp=it["exp"] + 10 * 366 * 86_400))


def _rename_holder(issued: str) -> str:
    texts = issued.split("~")
    for place, one in enumerate(texts[1:-1], 1):
        salt, name, value = json.loads(holder.octets(one))
        if name == "family_name":
            texts[place] = holder.text(json.dumps([salt, name, value + "X"]).encode())
            return "~".join(texts)
    raise AssertionError("no family_name")


def _add_claim(issued: str) -> str:
    return (
        issued
        + holder.text(json.dumps(["c2FsdHNhbHRzYWx0c2FsdA", "more", "A1 and more"]).encode())
        + "~"
    )


def _break_certificate(jwt: str) -> str:
    """The certificate's own signature does not fit; its key still does."""

    def change(header: dict[str, Any]) -> None:
        der = base64.b64decode(header["x5c"][0])
        header["x5c"] = [base64.b64encode(der[:-1] + bytes([der[-1] ^ 1])).decode()]

    return _changed(jwt, 0, change)


def _certify_by_stranger(jwt: str) -> str:
    """The same claims, signed anew by a key that somebody else certified under the same names."""
    header, claims = (json.loads(holder.octets(part)) for part in jwt.split(".")[:2])
    real = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    builder = (
        x509.CertificateBuilder()
        .subject_name(real.subject)
        .issuer_name(real.issuer)
        .public_key(key.public_key())
        .serial_number(real.serial_number)
        .not_valid_before(real.not_valid_before_utc)
        .not_valid_after(real.not_valid_after_utc)
    )
    for extension in real.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    forged = builder.sign(root_key, hashes.SHA256())
    der = forged.public_bytes(serialization.Encoding.DER)
    return holder.jwt(claims, key, typ=header["typ"], x5c=[base64.b64encode(der).decode()])


def _hold_back_first(presented: str) -> str:
    jwt, _, *rest = presented.split("~")
    return "~".join((jwt, *rest))


# -- who judges


class PyPiSdJwt:
    """PyPI sd-jwt: the issuer's signature, the digests, the key binding; no chain and no times."""

    name = "sd-jwt"

    @property
    def version(self) -> str:
        """Return the installed version."""
        return version(self.name)

    def verify(self, shown: Shown, *, root: x509.Certificate) -> Judgement:
        """Judge a presentation; the chain is the caller's, so it is checked here."""

        def issuer_key(_issuer: str, header: Mapping[str, Any]) -> JWK:
            signer = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
            signer.verify_directly_issued_by(root)
            return JWK.from_pyca(signer.public_key())

        try:
            verified = SDJWTVerifier(shown.presented, issuer_key, AUDIENCE, NONCE)
            claims = verified.get_verified_payload()
        except (ValueError, KeyError, JWException, InvalidSignature) as error:
            return Judgement(False, {}, f"{type(error).__name__}: {error}")
        return Judgement(True, by_name_space(claims), "")


class OurselvesOnSdJwt:
    """The verifier of this project; without `status` it asks for none, as the peers do."""

    name = "Jiazhao"

    def verify(
        self,
        shown: Shown,
        *,
        root: x509.Certificate,
        now: datetime,
        status: StatusCheck | None = None,
    ) -> Judgement:
        """Judge a presentation by the steps that the peers take too."""
        checked = verify_sdjwt(
            shown.presented,
            now=now,
            trust=TrustAnchors((root.public_bytes(serialization.Encoding.DER),)),
            expected=ExpectedBinding(AUDIENCE, NONCE, timedelta(minutes=5)),
            status=status,
            profile=FILE if status else FILE - {Step.STATUS},
        )
        verdict = checked.verdict
        return Judgement(verdict.outcome is Outcome.VALID, checked.claims, str(verdict.reason))


def by_name_space(claims: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Only what is said of the holder; the other claims say something of the credential."""
    return {name: value for name, value in claims.items() if name.startswith("org.iso.18013.5.1")}
