"""Root certificates as they are handed around: PEM or DER."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.errors import ErrorCode, UnreadableError


def read_root(octets: bytes) -> bytes:
    """Read one root certificate, PEM or DER, and return its DER; raises `UnreadableError`."""
    load = (
        x509.load_pem_x509_certificate
        if octets.lstrip().startswith(b"-----")
        else x509.load_der_x509_certificate
    )
    try:
        return load(octets).public_bytes(Encoding.DER)
    except ValueError as error:
        raise UnreadableError(
            ErrorCode.UNREADABLE, what="root certificate", reason="neither PEM nor DER"
        ) from error
