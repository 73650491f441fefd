"""Who may vouch for wallets and for their keys: trusted roots, and what is signed below them.

HAIP 1.0, sections 4.4.1 and 4.5.1: an attestation carries its signer's certificate in `x5c`,
and those between it and the root; the root itself is not among them and the signer's is not
self-signed. How such certificates look is out of HAIP's scope, so what RFC 5280 asks of every
path is what is asked here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from jiazhao.config import ConfigurationFaultsError, Fault
from jiazhao.credentials import jose
from jiazhao.credentials.chain import read_certificate
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.errors import VerificationError as OurVerificationError
from jiazhao.trust import Trust

MAX_ATTESTATION_CHARS: Final = 32_768
"""With three certificates and a hundred attested keys it has about 25 kB."""

MAX_ROOTS: Final = 64
MAX_FILE_OCTETS: Final = 64 * 1024
_INTERMEDIATES: Final = 2

CLOCK_SKEW_SECONDS: Final = 60
"""How far the clocks of an attester and of a phone may run ahead of ours."""


class AttestationError(OurVerificationError):
    """An attestation proves nothing; `why` is printable ASCII, for the wallet."""

    def __init__(self, why: str) -> None:
        super().__init__(ErrorCode.BAD_TOKEN, reason=why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Attesters:
    """Roots below which attestations are believed; none where none was configured."""

    roots: tuple[x509.Certificate, ...] = ()
    own: Callable[[], Trust] | None = None
    """The keys of this system where it vouches for its own wallet; asked each time, for a key
    that was withdrawn is not to vouch until a restart."""

    @classmethod
    def of(
        cls, folder: Path | None, *, setting: str, own: Callable[[], Trust] | None = None
    ) -> "Attesters":
        """Read a folder's certificates, PEM or DER.

        Raises `ConfigurationFaultsError`, which names the setting and the file, where one does
        not read, is not an authority's, or where there is none at all.
        """
        if folder is None:
            return cls(own=own)
        try:
            files = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
        except OSError as error:
            raise _unusable(setting, folder, "文件夹无法读取", "cannot be read") from error
        roots = [root for file in files[: MAX_ROOTS + 1] for root in _roots_of(file, setting)]
        if not 0 < len(roots) <= MAX_ROOTS:
            raise _unusable(
                setting,
                folder,
                f"须有 1 至 {MAX_ROOTS} 张证书",
                f"needs 1 to {MAX_ROOTS} certificates",
            )
        return cls(tuple(roots), own)

    def read(self, token: str, *, expected_typ: str, now: datetime) -> Mapping[str, Any]:
        """Return the claims of an attestation that a trusted attester signed.

        Raises `AttestationError`.

        1 form, type and algorithm · 2 certificates · 3 signature.
        """
        # 1
        try:
            parsed = jose.parse(token, expected_typ=expected_typ, max_chars=MAX_ATTESTATION_CHARS)
        except JiazhaoError as error:
            raise AttestationError(
                f"It is not a JWT of type {expected_typ}, signed with ES256."
            ) from error
        # 2
        try:
            chain = [read_certificate(one) for one in parsed.chain()]
            key = PublicKey.of(chain[0].public_key())
        except (JiazhaoError, ValueError, UnsupportedAlgorithm) as error:
            raise AttestationError("Its x5c has no certificates for a key on P-256.") from error
        own = self.own() if self.own else None
        self._require_path(chain, now, own)
        if own is not None and key.point in own.compromised:
            raise AttestationError("The key that signs it was withdrawn.")
        # 3
        try:
            return parsed.verify(key)
        except JiazhaoError as error:
            raise AttestationError("Its signature is not by the certificate in x5c.") from error

    def _require_path(
        self, chain: list[x509.Certificate], now: datetime, own: Trust | None
    ) -> None:
        roots = [*self.roots, *(own.wallet_roots if own else ())]
        if any(one in roots for one in chain):
            raise AttestationError("The trusted root is not to stand in x5c.")
        if chain[0].issuer == chain[0].subject:
            raise AttestationError("The certificate that signs it is self-signed.")
        if not roots:
            raise AttestationError("No attester is trusted here.")
        verifier = (
            PolicyBuilder()
            .store(Store(roots))
            .time(now)
            .max_chain_depth(_INTERMEDIATES)
            .extension_policies(ca_policy=_AUTHORITY, ee_policy=_SIGNER)
            .build_client_verifier()
        )
        try:
            verifier.verify(chain[0], chain[1:])
        except (VerificationError, ValueError, UnsupportedAlgorithm) as error:
            raise AttestationError("No trusted root vouches for its signer now.") from error


def _may_sign(_: object, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.digital_signature:
        raise ValueError("not for signatures")


def _is_no_authority(
    _: object, __: x509.Certificate, constraints: x509.BasicConstraints | None
) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("an authority")


def _may_certify(_: object, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("not for certificates")


_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_certify)
)
_SIGNER = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_no_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
)


def instant(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2) among claims; raises `AttestationError` if it is none."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AttestationError(f"{name} is not a time.")
    return float(value)


def require_time(claims: Mapping[str, Any], now: datetime) -> None:
    """Raise `AttestationError` before `nbf` and `iat`, and from `exp` on, where they stand."""
    made, from_, until = (instant(claims, name) for name in ("iat", "nbf", "exp"))
    ahead = now.timestamp() + CLOCK_SKEW_SECONDS
    if any(one is not None and one > ahead for one in (made, from_)):
        raise AttestationError("It is from a time to come.")
    if until is not None and until <= now.timestamp():
        raise AttestationError("It has expired.")


def require_no_status(claims: Mapping[str, Any]) -> None:
    """Raise `AttestationError` where it may have been withdrawn.

    Gap: attesters' status lists are not fetched, and what cannot be confirmed is not taken.
    """
    if "status" in claims:
        raise AttestationError("Its status cannot be checked here.")


def _roots_of(file: Path, setting: str) -> Iterable[x509.Certificate]:
    try:
        if file.stat().st_size > MAX_FILE_OCTETS:
            raise _unusable(setting, file, "文件过大", "too large")
        octets = file.read_bytes()
        roots = (
            x509.load_pem_x509_certificates(octets)
            if octets.lstrip().startswith(b"-----")
            else [x509.load_der_x509_certificate(octets)]
        )
        certifies = [_certifies(root) for root in roots]
    except (OSError, ValueError, x509.DuplicateExtension) as error:
        raise _unusable(
            setting, file, "不是 PEM 或 DER 证书", "not a certificate in PEM or DER"
        ) from error
    if not all(certifies):
        raise _unusable(setting, file, "不是签发机构证书", "not the certificate of an authority")
    return roots


def _certifies(root: x509.Certificate) -> bool:
    try:
        return root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _unusable(setting: str, path: Path, zh: str, en: str) -> ConfigurationFaultsError:
    return ConfigurationFaultsError((Fault(setting, f"{path.name}：{zh}", f"{path.name}: {en}"),))
