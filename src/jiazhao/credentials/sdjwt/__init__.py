"""SD-JWT VC (RFC 9901; draft-ietf-oauth-sd-jwt-vc): issuing, reading, and the holder's side."""

from jiazhao.credentials.sdjwt.issue import RANDOM_OCTETS, issue
from jiazhao.credentials.sdjwt.model import Disclosed, KeyBinding, Path, SdJwt
from jiazhao.credentials.sdjwt.names import MEDIA_TYPE
from jiazhao.credentials.sdjwt.parse import MAX_CHARS, parse
from jiazhao.credentials.sdjwt.present import bind, disclose

__all__ = [
    "MAX_CHARS",
    "MEDIA_TYPE",
    "RANDOM_OCTETS",
    "Disclosed",
    "KeyBinding",
    "Path",
    "SdJwt",
    "bind",
    "disclose",
    "issue",
    "parse",
]
