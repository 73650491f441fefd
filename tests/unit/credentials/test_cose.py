"""COSE_Sign1."""

import pytest

from jiazhao.credentials import cbor, cose
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from vectors.make import DEVICE, STRANGER, signer

_READER = cbor.Reader()


def _parsed(octets: bytes) -> cose.Sign1:
    return cose.parse(_READER.read(octets, "COSE_Sign1"))


def test_what_was_signed_is_verified() -> None:
    sign1 = _parsed(cose.sign(b"payload", DEVICE, external_aad=b"context"))
    sign1.verify(DEVICE.public, external_aad=b"context")
    assert (sign1.payload, sign1.certificates()) == (b"payload", ())
    assert cose.encode(sign1) == cose.sign(b"payload", DEVICE, external_aad=b"context")


def test_a_detached_payload_is_verified() -> None:
    sign1 = _parsed(cose.sign(b"payload", DEVICE, detached=True))
    assert sign1.payload is None
    sign1.verify(DEVICE.public, detached=b"payload")
    with pytest.raises(UnreadableError):
        sign1.verify(DEVICE.public)


@pytest.mark.parametrize("change", ["key", "payload", "context", "protected"])
def test_nothing_that_is_signed_can_change(change: str) -> None:
    signed = cose.sign(b"payload", DEVICE, extra_protected={4: b"k"}, external_aad=b"context")
    protected, unprotected, payload, signature = cbor.as_array(_READER.read(signed, "it"), "it")
    if change == "protected":
        protected = protected.replace(b"k", b"q")
    if change == "payload":
        payload = b"pay1oad"
    sign1 = cose.parse([protected, unprotected, payload, signature])
    with pytest.raises(VerificationError) as refused:
        sign1.verify(
            (STRANGER if change == "key" else DEVICE).public,
            external_aad=b"" if change == "context" else b"context",
        )
    assert refused.value.code is ErrorCode.SIGNATURE_MISMATCH


def test_the_chain_stands_in_the_unprotected_header() -> None:
    document_signer = signer()
    sign1 = _parsed(cose.sign(b"payload", document_signer, with_chain=True))
    assert sign1.unprotected == {33: document_signer.certificates[0]}
    assert sign1.certificates() == document_signer.certificates
    assert cose.parse([b"", {33: [b"a", b"b"]}, b"", b""]).certificates() == (b"a", b"b")


@pytest.mark.parametrize("chain", [[], [b"a"] * 5, ["a"], "a", {}, 5])
def test_an_unfit_chain_is_refused(chain: object) -> None:
    with pytest.raises(UnreadableError):
        cose.parse([b"", {33: chain}, b"", b""]).certificates()


def test_a_signer_without_certificate_cannot_send_one() -> None:
    with pytest.raises(ValueError, match="no certificate"):
        cose.sign(b"payload", DEVICE, with_chain=True)


@pytest.mark.parametrize(
    "value",
    [
        [],
        [b"", {}, b""],
        [b"", {}, b"", b"", b""],
        {},
        [{}, {}, b"", b""],
        [b"\xa1", {}, b"", b""],
        [b"\x80", {}, b"", b""],
        [b"", [], b"", b""],
        [b"", {}, "", b""],
        [b"", {}, b"", None],
        [cbor.encode({1: -7, 2: [1]}), {}, b"", b""],  # crit
        [cbor.encode({1: -7}), {1: -7}, b"", b""],  # the same header twice
    ],
)
def test_another_shape_is_refused(value: object) -> None:
    with pytest.raises(UnreadableError):
        cose.parse(value)


@pytest.mark.parametrize("headers", [{}, {1: -35}, {1: 5}, {1: "ES256"}, {1: -7.0}, {4: b"k"}])
def test_another_algorithm_is_refused(headers: dict[int, object]) -> None:
    protected = cbor.encode(headers) if headers else b""
    signature = DEVICE.sign(cose.to_be_signed(protected, b"payload"))
    with pytest.raises(JiazhaoError):
        cose.parse([protected, {}, b"payload", signature]).verify(DEVICE.public)


def test_an_algorithm_in_the_unprotected_header_counts_for_nothing() -> None:
    signature = DEVICE.sign(cose.to_be_signed(b"", b"payload"))
    with pytest.raises(UnreadableError):
        cose.parse([b"", {1: -7}, b"payload", signature]).verify(DEVICE.public)
