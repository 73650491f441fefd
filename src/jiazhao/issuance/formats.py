"""The credential configurations, and how a copy of each is built (pure).

Sources: OpenID4VCI 1.0, section 12.2.4 and annex A. What a copy says comes from one place
(`mdl.elements`); a format only writes it down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jiazhao.credentials import mdoc
from jiazhao.credentials.mdoc import MDL_DOC_TYPE, ValidityInfo
from jiazhao.credentials.signing import Algorithm, PublicKey, Signer, write_base64url
from jiazhao.credentials.status_list import StatusReference
from jiazhao.issuance.mdl import ELEMENT_NAMES, Term

MDL_CONFIGURATION: Final = MDL_DOC_TYPE
"""The identifier of the configuration that gives an mdoc."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one copy will say, before it is written in a format and signed."""

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
    metadata: Mapping[str, Any]
    """What the issuer's metadata say of this format; display and claims are the same for all."""


def configurations(*, specimen: bool) -> dict[str, Any]:
    """`credential_configurations_supported` of the issuer's metadata."""
    mark_zh, mark_en = ("样本 ", "SPECIMEN ") if specimen else ("", "")
    return {
        configuration: {
            **form.metadata,
            "scope": configuration,
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {
                "display": _display(f"{mark_zh}机动车驾驶证", f"{mark_en}Driving Licence"),
                "claims": [
                    {"path": [namespace, element], "display": _display(zh, en)}
                    for namespace, element, zh, en in ELEMENT_NAMES
                ],
            },
        }
        for configuration, form in FORMATS.items()
    }


def _display(zh: str, en: str) -> list[dict[str, str]]:
    return [{"name": zh, "locale": "zh-CN"}, {"name": en, "locale": "en"}]


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


FORMATS: Final[Mapping[str, Format]] = {
    MDL_CONFIGURATION: Format(
        build=_build_mdoc,
        on_the_wire=write_base64url,
        metadata={
            "format": "mso_mdoc",
            "doctype": MDL_DOC_TYPE,
            # COSE's numbers, as annex A.2.2 asks; other formats name algorithms in words.
            "credential_signing_alg_values_supported": [int(Algorithm.ES256)],
            "cryptographic_binding_methods_supported": ["cose_key"],
        },
    ),
}
"""By the configuration's identifier."""
