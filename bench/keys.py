"""Keys on a token and on SM2, against the same libraries called bare."""

import ctypes
import os
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec

from bench import goals, material, ours
from bench.rounds import Here
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.pkcs11 import Token, TokenSigner
from jiazhao.trust.sm2 import DISTID, Libcrypto, Sm2Signer, libcrypto
from tests.tokens import MODULE

LABEL, PIN = "bench", "482913"
MESSAGE = b"limit" * 20


def on_token(
    issuer: material.Issuer,
    devices: Sequence[ec.EllipticCurvePublicKey],
    folder: Path,
    now: datetime,
) -> list[Here]:
    """Return signing and issuing with a key on SoftHSM2, and its C_Sign alone."""
    key = _token(folder).make_key("bench")
    plan = TrustPlan("https://issuer.example")
    root = make_root(plan, now=now)
    made = make_signer(Role.DOCUMENT_SIGNER, plan, root=root, now=now, key=key)
    signer = TokenSigner(key, [made.certificate])
    _, bare = key._open()
    digest = sha256(MESSAGE).digest()
    return [
        Here(goals.TOKEN_BARE, lambda _: bare.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)),
        Here(goals.TOKEN_SIGN, lambda _: signer.sign(MESSAGE)),
        Here(goals.TOKEN_ISSUE, ours.issuing(issuer, devices, now, signer=signer)),
    ]


def on_sm2() -> list[Here]:
    """Return signing and verifying with SM2, and libcrypto's own calls through ctypes."""
    library = libcrypto()
    signer = Sm2Signer.generate(library)
    public, signature = signer.public, signer.sign(MESSAGE)
    sign, verify = _bare(library, signer)
    return [
        Here(goals.SM2_SIGN_BARE, sign),
        Here(goals.SM2_VERIFY_BARE, verify),
        Here(goals.SM2_SIGN, lambda _: signer.sign(MESSAGE)),
        Here(goals.SM2_VERIFY, lambda _: public.verify(signature, MESSAGE)),
    ]


def _bare(
    library: Libcrypto, signer: Sm2Signer
) -> tuple[Callable[[int], None], Callable[[int], None]]:
    """What libcrypto has to be told for one signature and one verification, and nothing else."""
    call, sm3, key = library.call, library.sm3, signer._key.pointer
    size, buffer = ctypes.c_size_t(80), ctypes.create_string_buffer(80)

    def sign(_count: int) -> None:
        context, parameters = call.EVP_MD_CTX_new(), call.EVP_PKEY_CTX_new(key, None)
        call.EVP_PKEY_CTX_set1_id(parameters, DISTID, len(DISTID))
        call.EVP_MD_CTX_set_pkey_ctx(context, parameters)
        call.EVP_DigestSignInit(context, None, sm3, None, key)
        size.value = 80
        assert call.EVP_DigestSign(context, buffer, size, MESSAGE, len(MESSAGE)) == 1
        call.EVP_MD_CTX_free(context)
        call.EVP_PKEY_CTX_free(parameters)

    sign(0)
    der = buffer.raw[: size.value]

    def verify(_count: int) -> None:
        context, parameters = call.EVP_MD_CTX_new(), call.EVP_PKEY_CTX_new(key, None)
        call.EVP_PKEY_CTX_set1_id(parameters, DISTID, len(DISTID))
        call.EVP_MD_CTX_set_pkey_ctx(context, parameters)
        call.EVP_DigestVerifyInit(context, None, sm3, None, key)
        assert call.EVP_DigestVerify(context, der, len(der), MESSAGE, len(MESSAGE)) == 1
        call.EVP_MD_CTX_free(context)
        call.EVP_PKEY_CTX_free(parameters)

    return sign, verify


def _token(folder: Path) -> Token:
    """Make a token in a folder; the module reads where it is when it is loaded."""
    (folder / "tokens").mkdir()
    settings, pin = folder / "softhsm2.conf", folder / "pin"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    pin.write_text(PIN + "\n")
    pin.chmod(0o600)
    os.environ["SOFTHSM2_CONF"] = str(settings)
    make = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", "97531"]
    subprocess.run([*make, "--pin", PIN], check=True, capture_output=True)
    return Token(MODULE, LABEL, pin)
