"""Messages of the claim and of OpenID4VCI 1.0, and the issuer's metadata."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from jiazhao.credentials.mdoc import MDL_DOC_TYPE, MDL_NAMESPACE, NATIONAL_NAMESPACE

MDL_CONFIGURATION = MDL_DOC_TYPE
"""The identifier of the one credential configuration offered so far."""

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
ES256 = -7
"""COSE algorithm number; mdoc configurations name algorithms so (OpenID4VCI 1.0 annex A.2)."""


class ClaimRequest(Struct, forbid_unknown_fields=True):
    """The holder asks for the electronic licence on this device."""

    replace: bool = False


class CounterOfferRequest(Struct, forbid_unknown_fields=True):
    """A clerk makes an offer for a person who stands at the counter."""

    holder_id: Annotated[str, Meta(min_length=4, max_length=36)]


class TxCode(Struct):
    """What the wallet must ask the person for."""

    input_mode: str
    length: int
    description: str


class PreAuthorizedGrant(Struct, rename={"pre_authorized_code": "pre-authorized_code"}):
    """The one grant of an offer."""

    pre_authorized_code: str
    tx_code: TxCode


class CredentialOffer(Struct):
    """OpenID4VCI 1.0 section 4.1.1."""

    credential_issuer: str
    credential_configuration_ids: list[str]
    grants: dict[str, PreAuthorizedGrant]


class ClaimAnswer(Struct):
    """An offer with its transaction code, both on the holder's own session."""

    credential_offer_uri: str
    credential_offer: CredentialOffer
    tx_code: str
    expires_at: datetime


class TokenResponse(Struct):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: str
    expires_in: int


class NonceResponse(Struct):
    """OpenID4VCI 1.0 section 7.2."""

    c_nonce: str


class CredentialProofs(Struct):
    """Key proofs by their type; only `jwt` is offered."""

    jwt: list[str] = field(default_factory=list)


class CredentialRequest(Struct):
    """OpenID4VCI 1.0 section 8.2. Unknown members are passed over, as the text asks."""

    credential_configuration_id: str | None = None
    credential_identifier: str | None = None
    proofs: CredentialProofs | None = None
    credential_response_encryption: Any = None


class IssuedCredential(Struct):
    """One copy: base64url of `IssuerSigned`."""

    credential: str


class CredentialResponse(Struct):
    """OpenID4VCI 1.0 section 8.3."""

    credentials: list[IssuedCredential]


def credential_offer(issuer: str, code: str, tx_code_digits: int) -> CredentialOffer:
    """The offer that carries `code`."""
    return CredentialOffer(
        credential_issuer=issuer,
        credential_configuration_ids=[MDL_CONFIGURATION],
        grants={
            PRE_AUTHORIZED: PreAuthorizedGrant(
                pre_authorized_code=code,
                tx_code=TxCode(
                    input_mode="numeric",
                    length=tx_code_digits,
                    description="请输入交易码 / Enter the transaction code",
                ),
            )
        },
    )


def issuer_metadata(issuer: str, *, specimen: bool) -> dict[str, Any]:
    """OpenID4VCI 1.0 section 12.2.4."""
    mark_zh, mark_en = ("样本 ", "SPECIMEN ") if specimen else ("", "")
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/issuance/credential",
        "nonce_endpoint": f"{issuer}/issuance/nonce",
        "display": [
            {"name": f"{mark_zh}电子驾驶证签发机关", "locale": "zh-CN"},
            {"name": f"{mark_en}Driving Licence Issuer", "locale": "en"},
        ],
        "credential_configurations_supported": {
            MDL_CONFIGURATION: {
                "format": "mso_mdoc",
                "doctype": MDL_DOC_TYPE,
                "scope": MDL_CONFIGURATION,
                "credential_signing_alg_values_supported": [ES256],
                "cryptographic_binding_methods_supported": ["cose_key"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
                "credential_metadata": {
                    "display": [
                        {"name": f"{mark_zh}机动车驾驶证", "locale": "zh-CN"},
                        {"name": f"{mark_en}Driving Licence", "locale": "en"},
                    ],
                    "claims": [
                        {
                            "path": [namespace, element],
                            "display": [
                                {"name": zh, "locale": "zh-CN"},
                                {"name": en, "locale": "en"},
                            ],
                        }
                        for namespace, element, zh, en in _CLAIMS
                    ],
                },
            }
        },
    }


def authorization_server_metadata(issuer: str) -> dict[str, Any]:
    """RFC 8414 section 2; the issuer is its own authorization server."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/issuance/token",
        "grant_types_supported": [PRE_AUTHORIZED],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


_CLAIMS = (
    (MDL_NAMESPACE, "family_name", "姓（拉丁字母）", "Family name"),
    (MDL_NAMESPACE, "given_name", "名（拉丁字母）", "Given name"),
    (MDL_NAMESPACE, "birth_date", "出生日期", "Date of birth"),
    (MDL_NAMESPACE, "issue_date", "有效期起始", "Date of issue"),
    (MDL_NAMESPACE, "expiry_date", "有效期截止", "Date of expiry"),
    (MDL_NAMESPACE, "issuing_country", "签发国", "Issuing country"),
    (MDL_NAMESPACE, "issuing_authority", "发证机关（拉丁字母）", "Issuing authority"),
    (MDL_NAMESPACE, "document_number", "证芯编号", "Document number"),
    (MDL_NAMESPACE, "portrait", "照片", "Portrait"),
    (MDL_NAMESPACE, "driving_privileges", "驾驶资格（国际类别）", "Driving privileges"),
    (MDL_NAMESPACE, "un_distinguishing_sign", "国家识别标志", "UN distinguishing sign"),
    (MDL_NAMESPACE, "sex", "性别", "Sex"),
    (MDL_NAMESPACE, "nationality", "国籍", "Nationality"),
    (MDL_NAMESPACE, "family_name_national_character", "姓", "Family name (Chinese)"),
    (MDL_NAMESPACE, "given_name_national_character", "名", "Given name (Chinese)"),
    (MDL_NAMESPACE, "portrait_capture_date", "照片拍摄日期", "Portrait taken on"),
    (MDL_NAMESPACE, "age_over_18", "年满18周岁", "Over 18"),
    (MDL_NAMESPACE, "age_over_60", "年满60周岁", "Over 60"),
    (MDL_NAMESPACE, "age_over_63", "年满63周岁", "Over 63"),
    (MDL_NAMESPACE, "age_over_70", "年满70周岁", "Over 70"),
    (NATIONAL_NAMESPACE, "licence_number", "证号", "Licence number"),
    (NATIONAL_NAMESPACE, "archive_number", "档案编号", "Archive number"),
    (NATIONAL_NAMESPACE, "issuing_office", "发证机关", "Issuing office"),
    (NATIONAL_NAMESPACE, "address", "住址", "Address"),
    (NATIONAL_NAMESPACE, "first_issue_date", "初次领证日期", "Date of first issue"),
    (NATIONAL_NAMESPACE, "long_term", "长期有效", "Long-term"),
    (NATIONAL_NAMESPACE, "record", "记录", "Record"),
    (NATIONAL_NAMESPACE, "latin_name_source", "拉丁姓名来源", "Source of the Latin name"),
    (NATIONAL_NAMESPACE, "vehicle_classes", "准驾车型", "Vehicle classes"),
)
