"""Reading mdocs: the standard's own example, and mdocs of which one thing is wrong."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509

from jiazhao.credentials import cbor, mdoc
from jiazhao.credentials.signing import PublicKey, write_base64url
from jiazhao.errors import UnreadableError
from vectors.make import DEVICE, ELEMENTS, TRANSCRIPT, issued, shown

VECTORS = Path(__file__).parents[3] / "vectors" / "mdoc"
ANNEX_D = json.loads((VECTORS / "iso-18013-5-annex-d-response.json").read_text())
ISSUED = issued()
SHOWN = shown(ISSUED)


def test_reads_the_example_of_the_standard() -> None:
    response = mdoc.parse_device_response(bytes.fromhex(ANNEX_D["device_response"]))
    (document,) = response.documents
    assert (response.version, response.status, document.doc_type) == ("1.0", 0, ANNEX_D["doc_type"])
    assert document.device_signed.signature is None, "the example has a MAC"

    mso = document.issuer_signed.mso
    counted = {name: len(digests) for name, digests in mso.value_digests.items()}
    assert counted == ANNEX_D["namespaces_of_value_digests"]
    assert cbor.TDate.of(mso.validity.signed) == ANNEX_D["signed"]
    assert cbor.TDate.of(mso.validity.valid_until) == ANNEX_D["valid_until"]
    assert (
        mso.device_key.point.hex() == "04" + ANNEX_D["device_key"]["x"] + ANNEX_D["device_key"]["y"]
    )
    assert mso.status is None

    items = document.issuer_signed.name_spaces[mdoc.MDL_NAMESPACE]
    values = {name: item.value for name, item in items.items()}
    assert hashlib.sha256(values.pop("portrait")).hexdigest() == ANNEX_D["portrait_sha256"]
    assert values.pop("driving_privileges") == ANNEX_D["driving_privileges"]
    assert values == ANNEX_D["elements"]
    for item in items.values():
        digest = hashlib.sha256(item.octets).digest()
        assert digest == mso.value_digests[mdoc.MDL_NAMESPACE][item.digest_id]


def test_the_signature_of_the_standards_example_is_verified() -> None:
    response = mdoc.parse_device_response(bytes.fromhex(ANNEX_D["device_response"]))
    issuer_auth = response.documents[0].issuer_signed.issuer_auth
    assert [each.hex() for each in issuer_auth.certificates()] == [
        ANNEX_D["document_signer_certificate"]
    ]
    certificate = x509.load_der_x509_certificate(issuer_auth.certificates()[0])
    issuer_auth.verify(PublicKey.of(certificate.public_key()))


@pytest.mark.parametrize("name", ["openid4vp-handover", "openid4vp-dc-api-handover"])
def test_builds_the_transcripts_of_openid4vp(name: str) -> None:
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    session = {"nonce": vector["nonce"], "jwk_thumbprint": bytes.fromhex(vector["jwk_thumbprint"])}
    transcript = (
        mdoc.dc_api_transcript(origin=vector["origin"], **session)
        if "origin" in vector
        else mdoc.openid4vp_transcript(
            client_id=vector["client_id"], response_uri=vector["response_uri"], **session
        )
    )
    assert transcript.hex() == vector["session_transcript"], vector["source"]
    assert PublicKey.from_jwk(vector["jwk"]).thumbprint() == write_base64url(
        session["jwk_thumbprint"]
    )


def test_octets_and_base64url_are_read_alike() -> None:
    assert mdoc.parse_mdoc(write_base64url(ISSUED)) == mdoc.parse_issuer_signed(ISSUED)
    assert mdoc.parse_mdoc(write_base64url(SHOWN)) == mdoc.parse_device_response(SHOWN)


def test_only_what_is_wanted_is_disclosed_octet_by_octet() -> None:
    full = mdoc.parse_issuer_signed(ISSUED)
    wanted = {mdoc.NATIONAL_NAMESPACE: ["archive_number"], "unknown": ["x"]}
    less = mdoc.parse_issuer_signed(mdoc.disclose(full, wanted))
    assert less.name_spaces == {mdoc.NATIONAL_NAMESPACE: full.name_spaces[mdoc.NATIONAL_NAMESPACE]}
    assert less.issuer_auth == full.issuer_auth
    everything = {name: set(elements) for name, elements in ELEMENTS.items()}
    assert mdoc.disclose(full, everything) == ISSUED


def test_the_device_signature_is_over_device_authentication() -> None:
    (document,) = mdoc.parse_device_response(SHOWN).documents
    signed = cbor2.dumps(
        cbor2.CBORTag(
            24,
            cbor2.dumps(
                [
                    "DeviceAuthentication",
                    cbor2.loads(TRANSCRIPT),
                    mdoc.MDL_DOC_TYPE,
                    cbor2.CBORTag(24, cbor2.dumps({})),
                ]
            ),
        )
    )
    assert document.device_signed.signature is not None
    document.device_signed.signature.verify(DEVICE.public, detached=signed)


@pytest.mark.parametrize("head", ["d81859{:04x}", "d8185a{:08x}", "d9001858{:02x}"])
def test_the_octets_of_an_item_stay_as_received(head: str) -> None:
    """A digest is over the head too, and an issuer may have written it in another form."""
    received = mdoc.parse_issuer_signed(ISSUED)
    octets = ISSUED
    for items in received.name_spaces.values():
        for item in items.values():
            content = cbor.unwrap(item.octets, "item")
            octets = octets.replace(item.octets, bytes.fromhex(head.format(len(content))) + content)
    for name_space, items in mdoc.parse_issuer_signed(octets).name_spaces.items():
        for element, item in items.items():
            before = received.name_spaces[name_space][element]
            assert item.value == before.value
            assert item.octets != before.octets
            assert item.octets in octets
            assert cbor.unwrap(item.octets, "item") == cbor.unwrap(before.octets, "item")


def test_an_item_in_chunks_stays_as_received() -> None:
    item = mdoc.parse_issuer_signed(ISSUED).name_spaces[mdoc.NATIONAL_NAMESPACE]["archive_number"]
    content = cbor.unwrap(item.octets, "item")
    chunked = b"\xd8\x18\x5f" + cbor.encode(content[:9]) + cbor.encode(content[9:]) + b"\xff"
    octets = ISSUED.replace(item.octets, chunked)
    read = mdoc.parse_issuer_signed(octets).name_spaces[mdoc.NATIONAL_NAMESPACE]["archive_number"]
    assert (read.value, read.octets) == (item.value, chunked)


def test_nobodys_data_show_in_a_repr() -> None:
    for read in (mdoc.parse_issuer_signed(ISSUED), mdoc.parse_device_response(SHOWN)):
        assert "ZHUGE" not in repr(read)
        assert b"ZHUGE".hex() not in repr(read)


# -- one thing wrong


def _thawed(value: Any) -> Any:
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, _thawed(value.value))
    if isinstance(value, dict):
        return {key: _thawed(member) for key, member in value.items()}
    return [_thawed(member) for member in value] if isinstance(value, list | tuple) else value


Edit = Callable[[Any], object]


def _item_edits() -> dict[str, Edit]:
    return {
        "digest id negative": lambda item: item.update(digestID=-1),
        "digest id as text": lambda item: item.update(digestID="1"),
        "digest id true": lambda item: item.update(digestID=True),
        "salt of 15 octets": lambda item: item.update(random=bytes(15)),
        "salt as text": lambda item: item.update(random="a" * 32),
        "element as octets": lambda item: item.update(elementIdentifier=b"a"),
        "element missing": lambda item: item.pop("elementIdentifier"),
        "value missing": lambda item: item.pop("elementValue"),
        "member more": lambda item: item.update(more=1),
        "value not a number": lambda item: item.update(elementValue=[float("nan")]),
        "value undefined": lambda item: item.update(elementValue=cbor2.undefined),
        "value of an unnamed tag": lambda item: item.update(elementValue=cbor2.CBORTag(2, b"")),
    }


@pytest.mark.parametrize("name", _item_edits())
def test_an_item_of_another_shape_is_refused(name: str) -> None:
    root = _thawed(cbor2.loads(ISSUED))
    items = root["nameSpaces"][mdoc.NATIONAL_NAMESPACE]
    content = _thawed(cbor2.loads(items[0].value))
    _item_edits()[name](content)
    items[0] = cbor2.CBORTag(24, cbor2.dumps(content))
    with pytest.raises(UnreadableError):
        mdoc.parse_issuer_signed(cbor2.dumps(root))


def _issuer_signed_edits() -> dict[str, Edit]:
    name = mdoc.NATIONAL_NAMESPACE
    return {
        "no issuerAuth": lambda root: root.pop("issuerAuth"),
        "issuerAuth of three": lambda root: root["issuerAuth"].pop(),
        "payload missing": lambda root: root["issuerAuth"].__setitem__(2, None),
        "payload without tag 24": lambda root: root["issuerAuth"].__setitem__(2, b"\xa0"),
        "an MSO that is an array": lambda root: root["issuerAuth"].__setitem__(
            2, cbor2.dumps(cbor2.CBORTag(24, b"\x80"))
        ),
        "nameSpaces an array": lambda root: root.update(nameSpaces=[]),
        "namespace a number": lambda root: root["nameSpaces"].update({1: []}),
        "namespace without items": lambda root: root["nameSpaces"].update({name: []}),
        "items a map": lambda root: root["nameSpaces"].update({name: {}}),
        "item without tag": lambda root: root["nameSpaces"].update({name: [b"\xa0"]}),
        "element twice": lambda root: root["nameSpaces"][name].append(root["nameSpaces"][name][0]),
    }


@pytest.mark.parametrize("name", _issuer_signed_edits())
def test_issuer_signed_of_another_shape_is_refused(name: str) -> None:
    root = _thawed(cbor2.loads(ISSUED))
    _issuer_signed_edits()[name](root)
    with pytest.raises(UnreadableError):
        mdoc.parse_issuer_signed(cbor2.dumps(root))


def _mso_edits() -> dict[str, Edit]:
    name = mdoc.NATIONAL_NAMESPACE
    return {
        "version 2.0": lambda mso: mso.update(version="2.0"),
        "version 1": lambda mso: mso.update(version="1"),
        "version a number": lambda mso: mso.update(version=1.0),
        "no version": lambda mso: mso.pop("version"),
        "SHA-1": lambda mso: mso.update(digestAlgorithm="SHA-1"),
        "no digests": lambda mso: mso.pop("valueDigests"),
        "digest of 31 octets": lambda mso: mso["valueDigests"][name].update({0: bytes(31)}),
        "digest as text": lambda mso: mso["valueDigests"][name].update({0: "a" * 32}),
        "digest id as text": lambda mso: mso["valueDigests"][name].update({"0": bytes(32)}),
        "digests an array": lambda mso: mso["valueDigests"].update({name: []}),
        "no device key": lambda mso: mso.pop("deviceKeyInfo"),
        "device key off the curve": lambda mso: mso["deviceKeyInfo"]["deviceKey"].update(
            {-2: bytes(32)}
        ),
        "no docType": lambda mso: mso.pop("docType"),
        "no validityInfo": lambda mso: mso.pop("validityInfo"),
        "signed as a number": lambda mso: mso["validityInfo"].update(signed=1),
        "signed without a tag": lambda mso: mso["validityInfo"].update(
            signed="2026-06-01T02:00:00Z"
        ),
        "validUntil as a full-date": lambda mso: mso["validityInfo"].update(
            validUntil=cbor2.CBORTag(1004, "2026-06-01")
        ),
        "validUntil no date": lambda mso: mso["validityInfo"].update(
            validUntil=cbor2.CBORTag(0, "tomorrow")
        ),
        "status a number": lambda mso: mso.update(status=1),
        "status index negative": lambda mso: mso["status"]["status_list"].update(idx=-1),
        "status without address": lambda mso: mso["status"]["status_list"].pop("uri"),
    }


def _with_mso(edit: Edit) -> bytes:
    root = _thawed(cbor2.loads(ISSUED))
    reader = cbor.Reader(tags=(0, 24, 1004))
    mso = _thawed(reader.read(cbor.unwrap(root["issuerAuth"][2], "MSO"), "MSO"))
    edit(mso)
    root["issuerAuth"][2] = cbor.embed(cbor.encode(mso))
    return cbor2.dumps(root)


@pytest.mark.parametrize("name", _mso_edits())
def test_an_mso_of_another_shape_is_refused(name: str) -> None:
    with pytest.raises(UnreadableError):
        mdoc.parse_issuer_signed(_with_mso(_mso_edits()[name]))


def test_a_later_minor_version_and_unknown_members_are_read() -> None:
    octets = _with_mso(lambda mso: mso.update(version="1.7", later=["unknown"]))
    assert mdoc.parse_issuer_signed(octets).mso.version == "1.7"


@pytest.mark.parametrize(
    "status",
    [
        {"identifier_list": {"id": b"1", "uri": "https://issuer.example"}},
        {"status_list": {"idx": 1, "uri": "u"}, "identifier_list": {}},
    ],
)
def test_a_status_published_otherwise_is_known_to_be_there(status: dict[str, Any]) -> None:
    octets = _with_mso(lambda mso: mso.update(status=status))
    assert mdoc.parse_issuer_signed(octets).mso.unknown_status


def _response_edits() -> dict[str, Edit]:
    def document(edit: Edit) -> Edit:
        return lambda root: edit(root["documents"][0])

    def device_auth(edit: Edit) -> Edit:
        return document(lambda it: edit(it["deviceSigned"]["deviceAuth"]))

    return {
        "version 2.0": lambda root: root.update(version="2.0"),
        "no version": lambda root: root.pop("version"),
        "no status": lambda root: root.pop("status"),
        "status negative": lambda root: root.update(status=-1),
        "documents a map": lambda root: root.update(documents={}),
        "five documents": lambda root: root.update(documents=root["documents"] * 5),
        "no docType": document(lambda it: it.pop("docType")),
        "no issuerSigned": document(lambda it: it.pop("issuerSigned")),
        "no deviceSigned": document(lambda it: it.pop("deviceSigned")),
        "device elements without tag 24": document(
            lambda it: it["deviceSigned"].update(nameSpaces={})
        ),
        "device elements an array": document(
            lambda it: it["deviceSigned"].update(nameSpaces=cbor2.CBORTag(24, b"\x80"))
        ),
        "device elements cut short": document(
            lambda it: it["deviceSigned"].update(nameSpaces=cbor2.CBORTag(24, b"\xa1"))
        ),
        "no deviceAuth": document(lambda it: it["deviceSigned"].pop("deviceAuth")),
        "signature and MAC": device_auth(lambda it: it.update(deviceMac=[])),
        "neither": device_auth(lambda it: it.clear()),
        "payload not detached": device_auth(lambda it: it["deviceSignature"].__setitem__(2, b"")),
    }


@pytest.mark.parametrize("name", _response_edits())
def test_a_response_of_another_shape_is_refused(name: str) -> None:
    root = _thawed(cbor2.loads(SHOWN))
    _response_edits()[name](root)
    with pytest.raises(UnreadableError):
        mdoc.parse_device_response(cbor2.dumps(root))
