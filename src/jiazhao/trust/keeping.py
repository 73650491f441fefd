"""Where private keys are kept: on a token, or in files that a passphrase encrypts.

Plain files are for demonstrations and tests alone; production refuses them.
"""

from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from jiazhao.config import Config
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.trust.pkcs11 import Token
from jiazhao.trust.secret_file import read_secret

MIN_PASSPHRASE = 20
"""A passphrase is made by a machine (120 bits in base64) and typed by nobody; the derivation
that libraries offer for PKCS#8 is too quick to protect a short one."""

_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the keys of a folder are kept; new ones on the token, where there is one."""

    passphrase: bytes | None = field(default=None, repr=False)
    token: Token | None = None
    plain: bool = False
    """Whether keys that are not encrypted are read and made."""

    @classmethod
    def of(cls, config: Config) -> Self:
        """What the settings say; raises `ConfigurationError` where the passphrase is not there."""
        passphrase, token = None, None
        if config.keys_passphrase_file is not None:
            passphrase = read_secret(
                config.keys_passphrase_file, setting="keys_passphrase_file", at_least=MIN_PASSPHRASE
            )
        if (
            config.pkcs11_module is not None
            and config.pkcs11_token is not None
            and config.pkcs11_pin_file is not None
        ):
            token = Token(config.pkcs11_module, config.pkcs11_token, config.pkcs11_pin_file)
        return cls(passphrase, token, plain=config.is_demo)

    def seal(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """The key as a file holds it: PKCS#8 in PEM, encrypted wherever there is a passphrase."""
        if self.passphrase is not None:
            encryption = BestAvailableEncryption(self.passphrase)
            return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        if not self.plain:
            raise _refusal("keys_passphrase_file", "is needed to make keys / 生成密钥须设置口令")
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def unseal(self, name: str, content: bytes) -> ec.EllipticCurvePrivateKey:
        """Read the key that a file holds; raises `ConfigurationError`."""
        encrypted = is_encrypted(content)
        if encrypted and self.passphrase is None:
            raise _refusal("keys_passphrase_file", f"is needed to read {name} / 读取私钥须设置口令")
        if not encrypted and not self.plain:
            raise _refusal(name, "is not encrypted / 私钥未加密")
        try:
            key = load_pem_private_key(content, password=self.passphrase if encrypted else None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            reason = (
                "not a private key, or another passphrase / 不是私钥或口令不符"
                if encrypted
                else "not an unencrypted private key / 不是未加密的私钥"
            )
            raise _refusal(name, reason) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise _refusal(name, "not an elliptic-curve key / 不是椭圆曲线私钥")
        return key


UNSAFE_PLAIN = Keeping(plain=True)
"""Files that are not encrypted."""


def is_encrypted(pem: bytes) -> bool:
    """Whether a file says that it holds an encrypted private key."""
    return pem.lstrip().startswith(_ENCRYPTED)


def _refusal(key: str, reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key=key, reason=reason)
