"""Checking an mdoc that someone presents (ISO/IEC 18013-5 section 9.3, OpenID4VP 1.0).

The steps and their order are those of `verify.py`, and as pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256, sha384, sha512
from typing import Any, Final

from jiazhao.credentials import mdoc
from jiazhao.credentials.chain import VouchedSigner
from jiazhao.credentials.mdoc import DeviceResponse, DeviceSigned, IssuerSigned
from jiazhao.credentials.status_list import StatusReference
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from jiazhao.presentation.steps import FILE, Profile, Step
from jiazhao.presentation.verdict import Check, Verdict
from jiazhao.presentation.verify import (
    StatusCheck,
    TrustAnchors,
    entitled,
    take_steps,
    unreadable,
)

_HASHES: Final = {"SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as the verifier knows it from its own request."""

    doc_type: str
    elements: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class CheckedMdoc:
    """The verdict on what was presented, and what it says if it can be relied on."""

    verdict: Verdict
    doc_type: str | None = None
    status: StatusReference | None = None
    """From the signed data, to ask again later."""
    device_key: bytes | None = None
    _elements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def elements(self) -> Mapping[str, Mapping[str, Any]]:
        """What was disclosed, by namespace; empty unless steps 1 to 4 have passed."""
        return self._elements


def verify_mdoc(
    received: bytes | str,
    *,
    now: datetime,
    trust: TrustAnchors,
    expected_transcript: bytes | None,
    status: StatusCheck | None = None,
    asked: Asked | None = None,
    profile: Profile = FILE,
) -> CheckedMdoc:
    """Check one presented mdoc: a DeviceResponse, or a bare IssuerSigned.

    `received` is CBOR or base64url. `expected_transcript` is the encoded SessionTranscript
    that the verifier built itself, None where there was no session.
    """
    try:
        parsed = mdoc.parse_mdoc(received)
        shown = _of_single_document(parsed, expected_transcript, asked)
    except UnreadableError as error:
        return CheckedMdoc(unreadable(error, profile))
    verdict, elements = take_steps(shown, now=now, trust=trust, status=status, profile=profile)
    if elements is None:
        return CheckedMdoc(verdict)
    mso = shown.issued.mso
    return CheckedMdoc(verdict, mso.doc_type, mso.status, mso.device_key.point, elements)


@dataclass(frozen=True, slots=True)
class _Presented:
    """The one document; without a device's part where only issuer-signed data came."""

    issued: IssuerSigned
    expected_transcript: bytes | None
    asked: Asked | None
    doc_type: str | None = None
    device_signed: DeviceSigned | None = None

    @property
    def valid_from(self) -> datetime:
        return self.issued.mso.validity.valid_from

    @property
    def valid_until(self) -> datetime:
        return self.issued.mso.validity.valid_until

    @property
    def status(self) -> StatusReference | None:
        return self.issued.mso.status

    @property
    def unknown_status(self) -> bool:
        return self.issued.mso.unknown_status

    def chain(self) -> tuple[bytes, ...]:
        return self.issued.issuer_auth.certificates()

    def signed_by(self, signer: VouchedSigner) -> Check:
        """The signature over the MSO, and that the MSO is of this document."""
        step = Step.ISSUER_SIGNATURE
        try:
            self.issued.issuer_auth.verify(signer.key)
        except JiazhaoError as error:
            return Check.failed(step, error.code, **error.values)
        if self.doc_type not in {None, self.issued.mso.doc_type}:
            return Check.failed(step, ErrorCode.ISSUER_DATA_MISMATCH, reason="docType")
        return Check.passed(step)

    def digests(self) -> Check:
        """The digest of each disclosed element."""
        if not self.issued.name_spaces:
            return Check.unchecked(Step.DIGESTS, ErrorCode.NOTHING_DISCLOSED)
        digest = _HASHES[self.issued.mso.digest_algorithm]
        for namespace, items in self.issued.name_spaces.items():
            expected = self.issued.mso.value_digests.get(namespace, {})
            for digest_id, _, _, octets in items.values():
                if expected.get(digest_id) != digest(octets).digest():
                    return Check.failed(Step.DIGESTS, ErrorCode.DIGEST_MISMATCH)
        return Check.passed(Step.DIGESTS)

    def told(self) -> dict[str, dict[str, Any]]:
        """Elements by namespace."""
        return {
            namespace: {element: value for _, element, value, _ in items.values()}
            for namespace, items in self.issued.name_spaces.items()
        }

    def entitles(self, signer: VouchedSigner, told: Mapping[str, Any]) -> Check:
        """Whether the signer was valid when it signed, and signs for its own country."""
        country = told.get(mdoc.MDL_NAMESPACE, {}).get("issuing_country")
        return entitled(signer, signed_at=self.issued.mso.validity.signed, country=country)

    def held(self, now: datetime) -> Check:
        """The device's signature over the expected session."""
        del now  # a session is of now
        step, device = Step.HOLDER_BINDING, self.device_signed
        if device is None:
            return Check.unchecked(step, ErrorCode.HOLDER_NOT_SHOWN)
        if self.expected_transcript is None or device.signature is None:
            # Gap: a device MAC needs the reader's ephemeral key (section 9.1.3.5); it is not read.
            return Check.unchecked(step, ErrorCode.HOLDER_NOT_SHOWN)
        mso = self.issued.mso
        signed = mdoc.device_authentication(
            self.expected_transcript, mso.doc_type, device.name_spaces_octets
        )
        try:
            device.signature.verify(mso.device_key, detached=signed)
        except VerificationError:
            return Check.failed(step, ErrorCode.HOLDER_SIGNATURE_MISMATCH)
        except JiazhaoError as error:
            return Check.failed(step, error.code, **error.values)
        return Check.passed(step)

    def answers(self, told: Mapping[str, Any]) -> Check:
        """That what was asked is what was given."""
        step, asked, doc_type = Step.REQUEST_MATCH, self.asked, self.issued.mso.doc_type
        if asked is None:
            return Check.unchecked(step)
        if doc_type != asked.doc_type:
            return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="docType")
        wanted = {(ns, element) for ns, names in asked.elements.items() for element in names}
        given = {(ns, element) for ns, members in told.items() for element in members}
        if missing := wanted - given:
            names = ", ".join(sorted(element for _, element in missing))
            return Check.failed(
                step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason=f"missing: {names}"
            )
        if given - wanted:
            return Check.failed(
                step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="more than asked"
            )
        return Check.passed(step)


def _of_single_document(
    parsed: IssuerSigned | DeviceResponse, expected_transcript: bytes | None, asked: Asked | None
) -> _Presented:
    if isinstance(parsed, IssuerSigned):
        return _Presented(parsed, expected_transcript, asked)
    if parsed.status != 0 or len(parsed.documents) != 1:
        raise UnreadableError(
            ErrorCode.UNREADABLE, what="DeviceResponse", reason="not one document in order"
        )
    one = parsed.documents[0]
    return _Presented(
        one.issuer_signed, expected_transcript, asked, one.doc_type, one.device_signed
    )
