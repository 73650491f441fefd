"""ISO/IEC 18013-5 mdoc: issuing, reading, and the holder's side of a presentation."""

from jiazhao.credentials.mdoc.issue import RANDOM_OCTETS, issue
from jiazhao.credentials.mdoc.model import (
    DeviceResponse,
    DeviceSigned,
    Document,
    IssuerSigned,
    IssuerSignedItem,
    MobileSecurityObject,
    ValidityInfo,
)
from jiazhao.credentials.mdoc.names import MDL_DOC_TYPE, MDL_NAMESPACE, NATIONAL_NAMESPACE
from jiazhao.credentials.mdoc.parse import (
    parse_device_response,
    parse_issuer_signed,
    parse_mdoc,
)
from jiazhao.credentials.mdoc.respond import disclose, respond
from jiazhao.credentials.mdoc.transcript import (
    dc_api_transcript,
    device_authentication,
    openid4vp_transcript,
)
from jiazhao.credentials.status_list import StatusReference

__all__ = [
    "MDL_DOC_TYPE",
    "MDL_NAMESPACE",
    "NATIONAL_NAMESPACE",
    "RANDOM_OCTETS",
    "DeviceResponse",
    "DeviceSigned",
    "Document",
    "IssuerSigned",
    "IssuerSignedItem",
    "MobileSecurityObject",
    "StatusReference",
    "ValidityInfo",
    "dc_api_transcript",
    "device_authentication",
    "disclose",
    "issue",
    "openid4vp_transcript",
    "parse_device_response",
    "parse_issuer_signed",
    "parse_mdoc",
    "respond",
]
