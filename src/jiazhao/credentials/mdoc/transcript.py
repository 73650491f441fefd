"""Session transcripts: the bytes by which a holder's signature is bound to one session.

A verifier must build the same octets from what it knows itself, never from what it received.
"""

from hashlib import sha256

from jiazhao.credentials import cbor


def openid4vp_transcript(
    *, client_id: str, nonce: str, response_uri: str, jwk_thumbprint: bytes | None = None
) -> bytes:
    """Return the SessionTranscript of OpenID4VP 1.0 appendix B.2.6.1.

    `client_id` with its prefix; `jwk_thumbprint` is the SHA-256 thumbprint (32 octets) of
    the key to which the response is encrypted, None where it is not encrypted.
    """
    info = cbor.encode([client_id, nonce, jwk_thumbprint, response_uri])
    return _transcript("OpenID4VPHandover", info)


def dc_api_transcript(*, origin: str, nonce: str, jwk_thumbprint: bytes | None = None) -> bytes:
    """Return the SessionTranscript of OpenID4VP 1.0 appendix B.2.6.2 (Digital Credentials API).

    `origin` is that of the calling page, without the prefix ``origin:``.
    """
    return _transcript("OpenID4VPDCAPIHandover", cbor.encode([origin, nonce, jwk_thumbprint]))


def _transcript(handover: str, info: bytes) -> bytes:
    return cbor.encode([None, None, [handover, sha256(info).digest()]])


def device_authentication(transcript: bytes, doc_type: str, name_spaces: bytes) -> bytes:
    """Return DeviceAuthenticationBytes (ISO/IEC 18013-5 section 9.1.3.4), which is signed.

    `transcript` is an encoded SessionTranscript; `name_spaces` the encoded map of the
    elements that the device signs.
    """
    return cbor.embed(
        b"".join(
            (
                _DEVICE_AUTHENTICATION,
                transcript,
                cbor.encode(doc_type),
                cbor.embed(name_spaces),
            )
        )
    )


_DEVICE_AUTHENTICATION = b"\x84" + cbor.encode("DeviceAuthentication")
