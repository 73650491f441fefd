"""The holder's side: choosing what to disclose, and signing it for one session."""

from collections.abc import Collection, Mapping

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.cbor import encoded_array, encoded_map
from jiazhao.credentials.mdoc.model import IssuerSigned
from jiazhao.credentials.mdoc.names import VERSION
from jiazhao.credentials.mdoc.transcript import device_authentication
from jiazhao.credentials.signing import Signer

_NO_ELEMENTS = cbor.encode({})


def disclose(issuer_signed: IssuerSigned, wanted: Mapping[str, Collection[str]]) -> bytes:
    """Return the encoded IssuerSigned with only the wanted elements, where present.

    Items are passed on octet by octet; the issuer's signature stays as it is.
    """
    name_spaces = {}
    for namespace, items in issuer_signed.name_spaces.items():
        elements = wanted.get(namespace, ())
        if chosen := [item.octets for item in items.values() if item.element in elements]:
            name_spaces[namespace] = encoded_array(chosen)
    return encoded_map(
        {
            "issuerAuth": cose.encode(issuer_signed.issuer_auth),
            "nameSpaces": encoded_map(name_spaces),
        }
    )


def respond(
    issuer_signed: IssuerSigned,
    wanted: Mapping[str, Collection[str]],
    *,
    transcript: bytes,
    device_signer: Signer,
) -> bytes:
    """Return an encoded DeviceResponse of one document, signed for the session `transcript`."""
    doc_type = issuer_signed.mso.doc_type
    device_signature = cose.sign(
        device_authentication(transcript, doc_type, _NO_ELEMENTS), device_signer, detached=True
    )
    document = encoded_map(
        {
            "docType": cbor.encode(doc_type),
            "issuerSigned": disclose(issuer_signed, wanted),
            "deviceSigned": encoded_map(
                {
                    "nameSpaces": cbor.embed(_NO_ELEMENTS),
                    "deviceAuth": encoded_map({"deviceSignature": device_signature}),
                }
            ),
        }
    )
    return encoded_map(
        {
            "version": cbor.encode(VERSION),
            "documents": encoded_array([document]),
            "status": cbor.encode(0),
        }
    )
