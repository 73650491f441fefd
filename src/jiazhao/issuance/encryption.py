"""Requests and responses encrypted above TLS (OpenID4VCI 1.0 section 10): JWE, compact.

ECDH-ES on P-256 with AES-GCM, and nothing else. No `zip`: copies are portraits and random salts,
which do not shrink, and what is not unpacked cannot burst. A request is looked at in bounds
before the library sees it: its parameters are compared with what the metadata offer.

Who can read the key reads requests that were recorded on their way: proofs and transaction
names, which are good once, and no copy, for responses are encrypted to keys of the wallets.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from jiazhao.credentials.json_reading import read_object
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.trust import Keeping
from jiazhao.trust.durable import make_durably

KEY_FILE: Final = "credential-encryption.pem"
FORMER_KEY_FILE: Final = "credential-encryption.former.pem"

ALG: Final = "ECDH-ES"
ENC: Final = ("A128GCM", "A256GCM")

MAX_HEADER_OCTETS: Final = 1024
"""An ephemeral key and a name have about 250."""
MAX_KID_CHARS: Final = 256


@dataclass(frozen=True, slots=True)
class ResponseKey:
    """To whom a response is encrypted, and how; checked."""

    key: PublicKey
    kid: str | None
    enc: str

    def seal(self, content: bytes) -> str:
        """Return `content` as only the owner of the key reads it."""
        header = {"alg": ALG, "enc": self.enc}
        if self.kid is not None:
            header["kid"] = self.kid
        to = ECKey.import_key({**self.key.to_jwk()})
        return jwe.encrypt_compact(header, content, to, algorithms=[ALG, self.enc])


@dataclass(frozen=True, slots=True)
class Encryption:
    """What the credential endpoints offer; `keys` by their names, the one in use first."""

    keys: Mapping[str, ECKey] = field(repr=False)
    required: bool

    @classmethod
    def open(cls, folder: Path, keeping: Keeping, *, required: bool) -> Self:
        """Read the keys, or make one on the first start; raises `ConfigurationError`.

        Where no key may be kept, because there is no passphrase, encryption is not offered.
        """
        if keeping.passphrase is None and not keeping.plain:
            if required:
                raise ConfigurationError(
                    ErrorCode.BAD_CONFIGURATION,
                    key="credential_encryption_required",
                    reason="needs keys_passphrase_file / 须设置 keys_passphrase_file",
                )
            return cls({}, required=False)
        path = folder / KEY_FILE
        if not path.exists():
            with suppress(FileExistsError):
                sealed = keeping.seal(ec.generate_private_key(ec.SECP256R1()))
                make_durably(path, sealed, mode=0o600)
        paths = [one for one in (path, folder / FORMER_KEY_FILE) if one.exists()]
        keys = [_read(one, keeping) for one in paths]
        return cls({str(key.kid): key for key in keys}, required=required)

    def metadata(self) -> dict[str, Any]:
        """What the issuer's metadata say of it (section 12.2.4)."""
        if not self.keys:
            return {}
        current = next(iter(self.keys.values()))
        jwk = {**current.as_dict(private=False), "use": "enc", "alg": ALG}
        offered = {"enc_values_supported": list(ENC), "encryption_required": self.required}
        return {
            "credential_request_encryption": {"jwks": {"keys": [jwk]}, **offered},
            "credential_response_encryption": {"alg_values_supported": [ALG], **offered},
        }

    def opened(self, content: bytes) -> bytes:
        """Return what a request says that was encrypted to us, or raise `ProtocolError`.

        1 five parts, the second empty, for the key is agreed on · 2 header: `alg`, `enc`, no
        `zip`, no `crit`, `kid` of ours · 3 contents.
        """
        # 1
        parts = content.split(b".")
        if not content.isascii() or len(parts) != 5 or parts[1]:
            raise _unreadable()
        # 2
        try:
            header = _header(parts[0].decode())
        except JiazhaoError as error:
            raise _unreadable() from error
        if header.get("alg") != ALG or header.get("enc") not in ENC:
            raise refused("Only ECDH-ES with A128GCM or A256GCM is offered.")
        if "zip" in header or "crit" in header:
            raise refused("Neither zip nor crit is offered.")
        kid = header.get("kid")
        key = self.keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise refused("kid names no key of this issuer.")
        # 3
        try:
            plain = jwe.decrypt_compact(content, key, algorithms=[ALG, *ENC]).plaintext
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise refused("The request does not open with that key.") from error
        if plain is None:
            raise refused("The request does not open with that key.")
        return plain

    def check_request(self, *, encrypted: bool) -> None:
        """Refuse a request that is not encrypted where that is demanded."""
        if self.required and not encrypted:
            raise refused("The request must be encrypted.")

    def response_key(self, wanted: object, *, encrypted: bool) -> ResponseKey | None:
        """To whom the response goes; `wanted` is `credential_response_encryption`.

        None where nobody asks. `encrypted`: whether the request was, without which somebody
        on the way could put his own key in.
        """
        if wanted is None:
            if self.required:
                raise refused("The response must be encrypted; parameters are needed.")
            return None
        if not self.keys:
            raise refused("Encrypted responses are not offered.")
        if not encrypted:
            raise refused("Who wants an encrypted response encrypts the request.")
        if not isinstance(wanted, Mapping) or "zip" in wanted:
            raise refused("Parameters are jwk and enc; zip is not offered.")
        jwk, enc = wanted.get("jwk"), wanted.get("enc")
        if enc not in ENC:
            raise refused("enc is A128GCM or A256GCM.")
        return _response_key(jwk, str(enc))


def _response_key(jwk: object, enc: str) -> ResponseKey:
    if not isinstance(jwk, Mapping) or jwk.get("alg") != ALG:
        raise refused("jwk has alg ECDH-ES.")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise refused("jwk is a public key on P-256.")
    if jwk.get("use", "enc") != "enc":
        raise refused("jwk is not for encryption.")
    kid = jwk.get("kid")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= MAX_KID_CHARS):
        raise refused("kid is not a name.")
    try:
        key = PublicKey.from_coordinates(
            read_base64url(jwk.get("x"), "JWK"), read_base64url(jwk.get("y"), "JWK")
        )
    except JiazhaoError as error:
        raise refused("jwk is no point on P-256.") from error
    return ResponseKey(key, kid, enc)


def _header(part: str) -> Mapping[str, Any]:
    if len(part) > MAX_HEADER_OCTETS * 4 // 3:
        raise _unreadable()
    octets = read_base64url(part, "JWE header")
    return read_object(octets, "JWE header", max_octets=MAX_HEADER_OCTETS)


def _read(path: Path, keeping: Keeping) -> ECKey:
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason="readable by others / 他人可读"
        )
    private = keeping.unseal(path.name, path.read_bytes())
    if private.curve.name != "secp256r1":
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason="not on P-256 / 不是 P-256 密钥"
        )
    key = ECKey.import_key(private)
    key.ensure_kid()
    return key


def refused(description: str) -> ProtocolError:
    """Section 8.3.1.2."""
    return ProtocolError(WireError.INVALID_ENCRYPTION_PARAMETERS, description)


def _unreadable() -> ProtocolError:
    return ProtocolError(WireError.INVALID_CREDENTIAL_REQUEST, "The request is not a compact JWE.")
