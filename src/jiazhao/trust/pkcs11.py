"""Keys on a token behind PKCS#11: a hardware module, or SoftHSM2 in tests.

We hash, the token signs the digest (CKM_ECDSA), so that every token can do it. A session serves
one thread at a time; some are kept and lent out. A session that fails is thrown away and one new
one is tried; then `SignerError` says that nothing was signed. Before a session is used its key
has to sign a probe that fits the certificate: a token that was exchanged cannot sign in the name
of another.
"""

import ctypes
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

import pkcs11
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    PrivateFormat,
    load_der_public_key,
)
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from jiazhao.credentials.signing import (
    ES256_HASH,
    SIGNATURE_OCTETS,
    der_signature,
)
from jiazhao.errors import ErrorCode, SignerError
from jiazhao.trust.certified import CertifiedSigner
from jiazhao.trust.secret_file import read_secret

MAX_SESSIONS: Final = 8
"""Sessions of one key: network modules count them, and a thread beyond waits for less than a
millisecond."""

KEY_ID_OCTETS: Final = 16

_P256: Final = "secp256r1"
_CKR_OK: Final = 0
_CKF_OS_LOCKING_OK: Final = 2
_LOADING: Final = threading.Lock()

_TOKEN_ERRORS: Final = (pkcs11.PKCS11Error, RuntimeError, ValueError)
"""What python-pkcs11 raises where a module or a token does not do as it should."""

_Opened: TypeAlias = tuple[pkcs11.Session, Any]
"""A session of one thread, with the handle that the key has in it."""

T = TypeVar("T")


class Token:
    """One token of one module; opened when it is first needed."""

    def __init__(self, module: Path, label: str, pin_file: Path) -> None:
        """`label` is the token's; the PIN is read from its file at each login, and not kept."""
        self._module, self._label, self._pin_file = module, label, pin_file
        self._lock = threading.Lock()
        self._login: pkcs11.Session | None = None
        self._keys: dict[bytes, TokenKey] = {}

    def key(self, key_id: bytes, public: ec.EllipticCurvePublicKey) -> "TokenKey":
        """The key under an id, which must fit `public`; the same object each time it is asked for.

        The token itself is asked when the key first signs.
        """
        with self._lock:
            known = self._keys.get(key_id)
            if known is None or known.public_key() != public:
                known = self._keys[key_id] = TokenKey(self, key_id, public)
            return known

    def open(self, *, writing: bool = False) -> pkcs11.Session:
        """A session of a logged-in token, for one thread; raises `SignerError`."""
        return self._asked(lambda: self._opened(writing=writing))

    def make_key(self, label: str) -> "TokenKey":
        """Make a P-256 key that cannot leave the token; raises `SignerError`."""
        return self._asked(lambda: self._made(label))

    def make_secret(self, label: str) -> bytes:
        """Make an AES-256 key that cannot leave the token; returns its id. Raises `SignerError`."""
        return self._asked(lambda: self._made_secret(label))

    def destroy(self, key_id: bytes) -> None:
        """Destroy what the token has under an id; nothing is there is as good."""
        self._asked(lambda: self._destroyed(key_id))

    def forget(self) -> None:
        """Log in anew before the next session: the token went away, or came back."""
        with self._lock:
            self._login = None

    def _opened(self, *, writing: bool) -> pkcs11.Session:
        with self._lock:
            token = self._find()
            if self._login is None:
                # Whoever is logged in is so for all sessions of the process; the one that has
                # logged in stays open, since closing it would log all of them out.
                pin = read_secret(self._pin_file, setting="pkcs11_pin_file").decode()
                try:
                    self._login = token.open(user_pin=pin)
                except pkcs11.UserAlreadyLoggedIn:
                    self._login = token.open()
            session: pkcs11.Session = token.open(rw=writing)
            return session

    def _find(self) -> pkcs11.Token:
        """The token with our label; another one that is broken does not stand in its way."""
        for slot in _library(self._module).get_slots(token_present=True):
            with suppress(*_TOKEN_ERRORS):
                token: pkcs11.Token = slot.get_token()
                if token.label == self._label:
                    return token
        raise pkcs11.NoSuchToken

    def _made(self, label: str) -> "TokenKey":
        key_id = secrets.token_bytes(KEY_ID_OCTETS)
        session = self._opened(writing=True)
        try:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(_P256)},
                local=True,
            )
            public, _ = parameters.generate_keypair(
                id=key_id,
                label=label,
                store=True,
                capabilities=pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY,
                private_template={
                    pkcs11.Attribute.SENSITIVE: True,
                    pkcs11.Attribute.EXTRACTABLE: False,
                },
            )
            made = load_der_public_key(encode_ec_public_key(public))
        finally:
            session.close()
        if not isinstance(made, ec.EllipticCurvePublicKey):
            raise _unavailable("the token made another kind of key / 密钥类型不符")
        return self.key(key_id, made)

    def _made_secret(self, label: str) -> bytes:
        key_id = secrets.token_bytes(KEY_ID_OCTETS)
        session = self._opened(writing=True)
        try:
            session.generate_key(
                pkcs11.KeyType.AES,
                256,
                id=key_id,
                label=label,
                store=True,
                capabilities=pkcs11.MechanismFlag.ENCRYPT | pkcs11.MechanismFlag.DECRYPT,
                template={
                    pkcs11.Attribute.SENSITIVE: True,
                    pkcs11.Attribute.EXTRACTABLE: False,
                },
            )
        finally:
            session.close()
        return key_id

    def _destroyed(self, key_id: bytes) -> None:
        session = self._opened(writing=True)
        try:
            for found in list(session.get_objects({pkcs11.Attribute.ID: key_id})):
                found.destroy()
        finally:
            session.close()

    def _asked(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except _TOKEN_ERRORS as error:
            self.forget()
            raise _unavailable(error) from error

    def __repr__(self) -> str:
        return f"Token({self._label!r})"


class TokenKey(ec.EllipticCurvePrivateKey):
    """A P-256 key on a token, in the form in which `cryptography` signs certificates with it."""

    def __init__(self, token: Token, key_id: bytes, public: ec.EllipticCurvePublicKey) -> None:
        """`public` is what signatures must fit: from the certificate, or from making the key."""
        self._token, self.key_id, self._public = token, key_id, public
        self._idle: list[_Opened] = []
        self._lent = threading.BoundedSemaphore(MAX_SESSIONS)

    @property
    def curve(self) -> ec.EllipticCurve:
        """Always P-256."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """Bits of the curve."""
        return self._public.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The key that signatures fit."""
        return self._public

    def sign_raw(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each, over `message`; raises `SignerError`."""
        digest = sha256(message).digest()
        with self._lent:
            with suppress(IndexError, *_TOKEN_ERRORS):
                return self._signed(self._idle.pop(), digest)
            # None is idle, or it knew a token that is gone: one new session may do better.
            opened = self._open()
            try:
                return self._signed(opened, digest)
            except _TOKEN_ERRORS as error:
                self._token.forget()
                raise _unavailable(error) from error

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """As `cryptography` has it: a DER signature; SHA-256 alone."""
        hashed = signature_algorithm.algorithm
        if isinstance(hashed, utils.Prehashed) or not isinstance(hashed, SHA256):
            raise TypeError("ECDSA with SHA-256 alone")
        return der_signature(self.sign_raw(bytes(data)))

    def _open(self) -> _Opened:
        session = self._token.open()
        try:
            key = session.get_key(
                object_class=pkcs11.ObjectClass.PRIVATE_KEY,
                key_type=pkcs11.KeyType.EC,
                id=self.key_id,
            )
            probe = secrets.token_bytes(32)
            signature = _sign(key, sha256(probe).digest())
            self._public.verify(der_signature(signature), probe, ES256_HASH)
        except InvalidSignature as error:
            _close(session)
            raise _unavailable("the token has another key / 密钥设备中的密钥不符") from error
        except _TOKEN_ERRORS as error:
            _close(session)
            self._token.forget()
            raise _unavailable(error) from error
        return session, key

    def _signed(self, opened: _Opened, digest: bytes) -> bytes:
        signature = _sign(opened[1], digest)
        self._idle.append(opened)
        return signature

    # -- what a key that cannot leave its token cannot do

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        """Refused: these keys sign only."""
        raise TypeError("this key signs only")

    def private_numbers(self) -> NoReturn:
        """Refused: the key does not leave its token."""
        raise TypeError("the key does not leave its token")

    def private_bytes(
        self,
        encoding: Encoding,
        format: PrivateFormat,  # noqa: A002 - the name that the interface has
        encryption_algorithm: KeySerializationEncryption,
    ) -> NoReturn:
        """Refused: the key does not leave its token."""
        raise TypeError("the key does not leave its token")

    def __copy__(self) -> "TokenKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "TokenKey":
        return self

    def __repr__(self) -> str:
        return f"TokenKey({self.key_id.hex()})"


class TokenSigner(CertifiedSigner):
    """ES256 with a key on a token."""

    __slots__ = ("_key",)

    def __init__(self, key: TokenKey, certificates: Sequence[x509.Certificate]) -> None:
        """`certificates` as `CertifiedSigner` takes them."""
        super().__init__(key.public_key(), certificates)
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each; raises `SignerError` where the token does not answer."""
        return self._key.sign_raw(message)


class _Version(ctypes.Structure):
    _fields_ = (("major", ctypes.c_ubyte), ("minor", ctypes.c_ubyte))


class _InitializeArguments(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS (PKCS#11 3.1, section 3.7): no mutexes of ours, and flags."""

    _fields_ = (
        ("mutexes", ctypes.c_void_p * 4),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


_INITIALIZE = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.POINTER(_InitializeArguments))
_FINALIZE = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)


class _Functions(ctypes.Structure):
    """The head of CK_FUNCTION_LIST, the one thing that every module hands out."""

    _fields_ = (("version", _Version), ("initialize", _INITIALIZE), ("finalize", _FINALIZE))


@lru_cache(maxsize=4)
def _loaded(module: Path) -> Any:
    """Load a module and tell it that threads will call it.

    python-pkcs11 initialises without arguments, which promises one thread (section 5.4): SoftHSM2
    then crashes. So it is finalised and initialised anew, with the operating system's locks.
    """
    library = pkcs11.lib(str(module))
    functions = ctypes.POINTER(_Functions)()
    if ctypes.CDLL(str(module)).C_GetFunctionList(ctypes.byref(functions)) != _CKR_OK:
        raise _unavailable("the module has no list of functions / 模块无函数表")
    arguments = _InitializeArguments(flags=_CKF_OS_LOCKING_OK)
    functions.contents.finalize(None)
    if functions.contents.initialize(ctypes.byref(arguments)) != _CKR_OK:
        raise _unavailable("the module cannot serve threads / 模块不支持多线程")
    return library


def _library(module: Path) -> Any:
    """The module, loaded once; it may be initialised once for each process."""
    with _LOADING:
        try:
            return _loaded(module)
        except (*_TOKEN_ERRORS, OSError, AttributeError) as error:
            raise _unavailable(error) from error


def _sign(key: Any, digest: bytes) -> bytes:
    signature: bytes = key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
    if len(signature) != SIGNATURE_OCTETS:
        raise ValueError("not two numbers of 32 octets")
    return signature


def _close(session: pkcs11.Session) -> None:
    try:
        session.close()
    except _TOKEN_ERRORS:
        return  # it was gone already


def _unavailable(reason: BaseException | str) -> SignerError:
    """Name the kind of fault, never the library's words: they may hold what a file is called."""
    told = reason if isinstance(reason, str) else type(reason).__name__
    return SignerError(ErrorCode.SIGNER_UNAVAILABLE, reason=told)
