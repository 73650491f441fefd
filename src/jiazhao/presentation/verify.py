"""Checking an mdoc that someone presents (ISO/IEC 18013-5 section 9.3, OpenID4VP 1.0).

Pure: time, trust anchors, the session transcript and the way to ask for a status are
arguments. Nothing is raised for what was received; it all comes out in the verdict.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256, sha384, sha512
from typing import Any, Final

from jiazhao.credentials import mdoc
from jiazhao.credentials.chain import DOCUMENT_SIGNING, VouchedSigner, vouched_signer
from jiazhao.credentials.mdoc import DeviceResponse, DeviceSigned, IssuerSigned
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from jiazhao.presentation.steps import FILE, CheckStatus, Profile, Step
from jiazhao.presentation.verdict import Check, Verdict

CLOCK_SKEW: Final = timedelta(seconds=60)
"""A copy issued a moment ago by a clock slightly ahead of ours is taken as valid already."""

_HASHES: Final = {"SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512}


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Whom we trust, and whom no longer."""

    roots: tuple[bytes, ...]
    """IACA root certificates in DER."""
    compromised: frozenset[bytes] = frozenset()
    """Public keys of signers, as uncompressed points, that are listed as compromised. Keys and
    not certificates: one key can have several, and an ECDSA certificate several encodings."""


@dataclass(frozen=True, slots=True)
class StatusFinding:
    """What a status list said."""

    value: int
    confirmed_at: datetime
    """When the list was issued."""


StatusCheck = Callable[[StatusReference], StatusFinding]
"""Looks a reference up; raises a `JiazhaoError` (`UndeterminedError`) where it is not known."""


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
    that the verifier built itself, None where there was no session. The live register (step
    9) is the service's to add. The plan:

    1. Decode within bounds, into one document.
    2. Trust chain: a trusted root vouches for the signer at `now`; its key is not listed as
       compromised; it was valid when it signed, and signs for its own country.
    3. The issuer's signature over the MSO, and that the MSO is of this document.
    4. The digest of each disclosed element.
    5. Validity of the MSO at `now`.
    6. Holder binding: the device signature over the expected session.
    7. Published status.
    8. What was asked is what was given.

    Steps 3 and on are taken only with a key that step 2 vouched for.
    """
    # 1. Decode within bounds, into one document.
    try:
        document = _single_document(mdoc.parse_mdoc(received))
    except UnreadableError as error:
        unreadable = Check.failed(Step.DECODE, ErrorCode.UNKNOWN_FORMAT, **error.values)
        return CheckedMdoc(Verdict.of(unreadable, profile=profile))
    issued, mso = document.issued, document.issued.mso
    decoded = Check.passed(Step.DECODE)

    # 2. Trust chain at `now`.
    signer, chain = _mdoc_signer(issued, now, trust)
    if signer is None:
        return CheckedMdoc(Verdict.of(decoded, chain, profile=profile))

    # 3. The issuer's signature; only then the MSO says anything.
    signature = _issuer_signature(document, signer)
    if signature.status is not CheckStatus.PASSED:
        return CheckedMdoc(Verdict.of(decoded, chain, signature, profile=profile))

    # 4. Digests of what was disclosed; only then an element says anything.
    digests = _digests(issued)
    elements = _elements(issued) if digests.status is CheckStatus.PASSED else {}
    # (2, now that MSO and elements are known: was the signer entitled to them?)
    if chain.status is CheckStatus.PASSED:
        country = elements.get(mdoc.MDL_NAMESPACE, {}).get("issuing_country")
        chain = entitled(signer, signed_at=mso.validity.signed, country=country)

    # 5. Validity at `now`.
    validity = within(mso.validity.valid_from, mso.validity.valid_until, now)

    # 6. Holder binding to this session.
    holder = _holder(document, expected_transcript)

    # 7. Published status.
    published, confirmed_at = published_status(mso.status, status, unknown=mso.unknown_status)

    # 8. What was asked is what was given.
    request = _request(asked, mso.doc_type, elements)

    verdict = Verdict.of(
        decoded,
        chain,
        signature,
        digests,
        validity,
        holder,
        published,
        request,
        profile=profile,
        last_confirmed_at=confirmed_at,
    )
    return CheckedMdoc(verdict, mso.doc_type, mso.status, mso.device_key.point, elements)


@dataclass(frozen=True, slots=True)
class _Presented:
    """The one document; without a device's part where only issuer-signed data came."""

    issued: IssuerSigned
    doc_type: str | None = None
    device_signed: DeviceSigned | None = None


def _single_document(parsed: IssuerSigned | DeviceResponse) -> _Presented:
    if isinstance(parsed, IssuerSigned):
        return _Presented(parsed)
    if parsed.status != 0 or len(parsed.documents) != 1:
        raise UnreadableError(
            ErrorCode.UNREADABLE, what="DeviceResponse", reason="not one document in order"
        )
    document = parsed.documents[0]
    return _Presented(document.issuer_signed, document.doc_type, document.device_signed)


def _mdoc_signer(
    issued: IssuerSigned, now: datetime, trust: TrustAnchors
) -> tuple[VouchedSigner | None, Check]:
    try:
        chain = issued.issuer_auth.certificates()
    except JiazhaoError as error:
        return None, Check.failed(Step.TRUST_CHAIN, error.code, **error.values)
    return trusted_signer(chain, now, trust)


def _issuer_signature(document: _Presented, signer: VouchedSigner) -> Check:
    step = Step.ISSUER_SIGNATURE
    try:
        document.issued.issuer_auth.verify(signer.key)
    except JiazhaoError as error:
        return Check.failed(step, error.code, **error.values)
    if document.doc_type not in {None, document.issued.mso.doc_type}:
        return Check.failed(step, ErrorCode.ISSUER_DATA_MISMATCH, reason="docType")
    return Check.passed(step)


def _digests(issued: IssuerSigned) -> Check:
    if not issued.name_spaces:
        return Check.unchecked(Step.DIGESTS, ErrorCode.NOTHING_DISCLOSED)
    digest = _HASHES[issued.mso.digest_algorithm]
    for namespace, items in issued.name_spaces.items():
        expected = issued.mso.value_digests.get(namespace, {})
        for digest_id, _, _, octets in items.values():
            if expected.get(digest_id) != digest(octets).digest():
                return Check.failed(Step.DIGESTS, ErrorCode.DIGEST_MISMATCH)
    return Check.passed(Step.DIGESTS)


def _elements(issued: IssuerSigned) -> dict[str, dict[str, Any]]:
    return {
        namespace: {element: value for _, element, value, _ in items.values()}
        for namespace, items in issued.name_spaces.items()
    }


def _holder(document: _Presented, expected_transcript: bytes | None) -> Check:
    step, device = Step.HOLDER_BINDING, document.device_signed
    if device is None:
        return Check.unchecked(step, ErrorCode.HOLDER_NOT_SHOWN)
    if expected_transcript is None or device.signature is None:
        # Gap: a device MAC needs the reader's ephemeral key (section 9.1.3.5); it is not read.
        return Check.unchecked(step, ErrorCode.HOLDER_NOT_SHOWN)
    mso = document.issued.mso
    signed = mdoc.device_authentication(
        expected_transcript, mso.doc_type, device.name_spaces_octets
    )
    try:
        device.signature.verify(mso.device_key, detached=signed)
    except VerificationError:
        return Check.failed(step, ErrorCode.HOLDER_SIGNATURE_MISMATCH)
    except JiazhaoError as error:
        return Check.failed(step, error.code, **error.values)
    return Check.passed(step)


def _request(
    asked: Asked | None, doc_type: str, elements: Mapping[str, Mapping[str, Any]]
) -> Check:
    step = Step.REQUEST_MATCH
    if asked is None:
        return Check.unchecked(step)
    if doc_type != asked.doc_type:
        return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="docType")
    wanted = {(ns, element) for ns, names in asked.elements.items() for element in names}
    given = {(ns, element) for ns, members in elements.items() for element in members}
    if missing := wanted - given:
        names = ", ".join(sorted(element for _, element in missing))
        return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason=f"missing: {names}")
    if given - wanted:
        return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="more than asked")
    return Check.passed(step)


# -- steps that are alike in every format


def trusted_signer(
    certificates: tuple[bytes, ...], now: datetime, trust: TrustAnchors
) -> tuple[VouchedSigner | None, Check]:
    """Take step 2; the signer is None unless its key may be computed with."""
    step = Step.TRUST_CHAIN
    try:
        signer = vouched_signer(certificates, trust.roots, DOCUMENT_SIGNING)
        signer.require_validity(now)
    except JiazhaoError as error:
        return None, Check.failed(step, error.code, **error.values)
    if signer.key.point in trust.compromised:
        return signer, Check.failed(step, ErrorCode.SIGNER_COMPROMISED)
    return signer, Check.passed(step)


def entitled(signer: VouchedSigner, *, signed_at: datetime | None, country: object) -> Check:
    """Check the signer against what it signed (ISO/IEC 18013-5 sections 9.1.2.4, 7.2.1)."""
    try:
        if signed_at is not None:
            signer.require_validity(signed_at)
    except VerificationError as error:
        return Check.failed(Step.TRUST_CHAIN, error.code)
    if country is not None and country != signer.country:
        return Check.failed(
            Step.TRUST_CHAIN, ErrorCode.ISSUER_DATA_MISMATCH, reason="issuing_country"
        )
    return Check.passed(Step.TRUST_CHAIN)


def within(valid_from: datetime | None, valid_until: datetime, now: datetime) -> Check:
    """Take step 5."""
    step = Step.VALIDITY
    if valid_from is not None and now + CLOCK_SKEW < valid_from:
        return Check.failed(step, ErrorCode.NOT_YET_VALID, since=_written(valid_from))
    if now > valid_until:
        return Check.failed(step, ErrorCode.LAPSED, until=_written(valid_until))
    return Check.passed(step)


def published_status(
    reference: StatusReference | None, look_up: StatusCheck | None, *, unknown: bool
) -> tuple[Check, datetime | None]:
    """Take step 7; `unknown` is whether a status is published in another way too."""
    step = Step.STATUS
    if reference is None or look_up is None:
        return Check.unchecked(step, ErrorCode.STATUS_UNDETERMINED), None
    try:
        finding = look_up(reference)
    except JiazhaoError as error:
        return Check.unchecked(step, error.code, **error.values), None
    if finding.value == StatusValue.ENDED:
        return Check.failed(step, ErrorCode.STATUS_ENDED), finding.confirmed_at
    if finding.value == StatusValue.MUST_NOT_DRIVE:
        return Check.failed(step, ErrorCode.STATUS_SUSPENDED), finding.confirmed_at
    if finding.value != StatusValue.VALID or unknown:
        return Check.unchecked(step, ErrorCode.STATUS_UNDETERMINED), None
    return Check.passed(step), finding.confirmed_at


def _written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
