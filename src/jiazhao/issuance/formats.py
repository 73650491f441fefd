"""The credential configurations, and how a copy of each is built (pure).

Sources: OpenID4VCI 1.0, section 12.2.4 and annex A. What a copy says comes from one place
(`mdl.elements`); a format only writes it down. As an SD-JWT VC the namespaces are objects, so
that a claim has the same path in both formats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pybase64

from jiazhao.credentials import mdoc, sdjwt
from jiazhao.credentials.mdoc import MDL_DOC_TYPE, NATIONAL_NAMESPACE, ValidityInfo
from jiazhao.credentials.signing import Algorithm, PublicKey, Signer, write_base64url
from jiazhao.credentials.status_list import StatusReference
from jiazhao.issuance.mdl import ELEMENT_NAMES, Term

MDL_CONFIGURATION: Final = MDL_DOC_TYPE
"""The identifier of the configuration that gives an mdoc."""

SD_JWT_CONFIGURATION: Final = f"{NATIONAL_NAMESPACE}.sd-jwt"
"""The identifier of the configuration that gives an SD-JWT VC; it is a scope too, so it has no
character that a form would have to escape."""

LICENCE_CODE_CONFIGURATION: Final = f"{NATIONAL_NAMESPACE}.licence-code"
"""The identifier of the configuration that gives the issuer's part of a licence code. It stands in
no offer, for other wallets take what is offered; whoever may fetch copies may fetch it too."""

LICENCE_CODE_FORMAT: Final = "jiazhao-licence-code"

TYPE_PATH: Final = "/issuance/types/driving-licence/1"
"""Where the type of the SD-JWT VC is described, below the issuer's address; the last part is
the version of the claims."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one copy will say, before it is written in a format and signed."""

    issuer: str
    """The issuer's address."""
    elements: Mapping[str, Mapping[str, Any]]
    device_key: PublicKey
    term: Term
    status: StatusReference


Randomness = Callable[[int], bytes]
"""So many random octets, used for nothing else."""


@dataclass(frozen=True, slots=True)
class Format:
    """One credential configuration."""

    build: Callable[[Draft, Signer, Randomness], bytes]
    """Sign a draft; the result is what is stored."""
    on_the_wire: Callable[[bytes], str]
    """Write a stored copy as the credential response carries it."""
    metadata: Callable[[str], Mapping[str, Any]]
    """What an issuer's metadata say of this format; display and claims are the same for all."""


def vct_of(issuer: str) -> str:
    """The type of an issuer's SD-JWT VC: the address at which it is described."""
    return issuer + TYPE_PATH


def configurations(
    issuer: str, proof_types: Mapping[str, Any], *, specimen: bool
) -> dict[str, Any]:
    """`credential_configurations_supported` of the issuer's metadata.

    `proof_types` is `proof_types_supported`, the same for all.
    """
    display = _display("name", *_title(specimen=specimen))
    supported: dict[str, Any] = {
        configuration: {
            **form.metadata(issuer),
            "scope": configuration,
            "proof_types_supported": proof_types,
            "credential_metadata": {
                "display": display,
                "claims": [
                    {"path": [namespace, element], "display": _display("name", zh, en)}
                    for namespace, element, zh, en in ELEMENT_NAMES
                ],
            },
        }
        for configuration, form in FORMATS.items()
    }
    supported[LICENCE_CODE_CONFIGURATION] = {
        # Ours: docs/specs/licence-code.md. A wallet that does not know it passes it over.
        "format": LICENCE_CODE_FORMAT,
        "credential_signing_alg_values_supported": [Algorithm.ES256.jose],
        "cryptographic_binding_methods_supported": ["jwk"],
        "scope": LICENCE_CODE_CONFIGURATION,
        "proof_types_supported": proof_types,
        "credential_metadata": {"display": display},
    }
    return supported


def type_metadata(issuer: str, *, specimen: bool) -> dict[str, Any]:
    """What stands at the type's address (SD-JWT VC draft, type metadata)."""
    zh, en = _title(specimen=specimen)
    return {
        "vct": vct_of(issuer),
        "name": en,
        "description": "A driving licence of China, as the register knows it.",
        "display": _display("name", zh, en),
        "claims": [
            {"path": [namespace, element], "display": _display("label", zh, en), "sd": "always"}
            for namespace, element, zh, en in ELEMENT_NAMES
        ],
    }


def _title(*, specimen: bool) -> tuple[str, str]:
    mark_zh, mark_en = ("样本 ", "SPECIMEN ") if specimen else ("", "")
    return f"{mark_zh}机动车驾驶证", f"{mark_en}Driving Licence"


def _display(member: str, zh: str, en: str) -> list[dict[str, str]]:
    return [{member: zh, "locale": "zh-CN"}, {member: en, "locale": "en"}]


def _build_mdoc(draft: Draft, signer: Signer, randomness: Randomness) -> bytes:
    term, count = draft.term, sum(map(len, draft.elements.values()))
    return mdoc.issue(
        doc_type=MDL_DOC_TYPE,
        elements=draft.elements,
        device_key=draft.device_key,
        validity=ValidityInfo(term.signed, term.valid_from, term.valid_until),
        randomness=randomness(mdoc.RANDOM_OCTETS * count),
        signer=signer,
        status=draft.status,
    )


def _build_sdjwt(draft: Draft, signer: Signer, randomness: Randomness) -> bytes:
    term, count = draft.term, sum(map(len, draft.elements.values()))
    return sdjwt.issue(
        vct=vct_of(draft.issuer),
        issuer=draft.issuer,
        claims={
            namespace: {element: _as_json(value) for element, value in members.items()}
            for namespace, members in draft.elements.items()
        },
        device_key=draft.device_key,
        issued_at=term.signed,
        not_before=term.valid_from,
        expires_at=term.valid_until,
        randomness=randomness(sdjwt.RANDOM_OCTETS * count),
        signer=signer,
        status=draft.status,
    )


def _as_json(value: Any) -> Any:
    """Write an element's value as JSON has it: a day as text, the portrait as a data URL."""
    if isinstance(value, bytes):
        return "data:image/jpeg;base64," + pybase64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _as_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return str(value) if isinstance(value, str) else value


FORMATS: Final[Mapping[str, Format]] = {
    MDL_CONFIGURATION: Format(
        build=_build_mdoc,
        on_the_wire=write_base64url,
        metadata=lambda _: {
            "format": "mso_mdoc",
            "doctype": MDL_DOC_TYPE,
            # COSE's numbers, as annex A.2.2 asks; JOSE's names below.
            "credential_signing_alg_values_supported": [int(Algorithm.ES256)],
            "cryptographic_binding_methods_supported": ["cose_key"],
        },
    ),
    SD_JWT_CONFIGURATION: Format(
        build=_build_sdjwt,
        on_the_wire=bytes.decode,
        metadata=lambda issuer: {
            "format": sdjwt.MEDIA_TYPE,
            "vct": vct_of(issuer),
            "credential_signing_alg_values_supported": [Algorithm.ES256.jose],
            "cryptographic_binding_methods_supported": ["jwk"],
        },
    ),
}
"""By the configuration's identifier."""

CONFIGURATIONS: Final = (*FORMATS, LICENCE_CODE_CONFIGURATION)
"""All that may be asked for."""


def on_the_wire(configuration: str, content: bytes) -> str:
    """Write what was issued as the credential response carries it."""
    form = FORMATS.get(configuration)
    return write_base64url(content) if form is None else form.on_the_wire(content)
