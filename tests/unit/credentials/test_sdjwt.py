"""SD-JWT VC: what is issued, what the examples of RFC 9901 say, and what is refused."""

import base64
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials import jose, mdoc, sdjwt
from jiazhao.credentials.sdjwt.disclosures import Places, read_disclosures
from jiazhao.credentials.sdjwt.parse import MAX_CHARS, MAX_DISCLOSURES
from jiazhao.credentials.signing import PublicKey, write_base64url
from jiazhao.errors import UnreadableError
from vectors import make

VECTORS = Path(__file__).parents[3] / "vectors" / "sd-jwt"
ISSUED = make.sdjwt_issued()
SHOWN = make.sdjwt_shown(ISSUED).decode()
PAYLOAD = jose.parse(ISSUED.decode().partition("~")[0], expected_typ="dc+sd-jwt").claims


def digest_of(text: str) -> str:
    return write_base64url(sha256(text.encode()).digest())


def disclosure(*parts: object) -> str:
    return write_base64url(json.dumps(parts).encode())


def signed(changes: dict[str, Any], *disclosures: str, key_binding: str = "") -> str:
    """An SD-JWT VC with some claims changed; None takes one away."""
    claims = {name: value for name, value in {**PAYLOAD, **changes}.items() if value is not None}
    token = jose.sign(claims, make.sdjwt_signer(), typ="dc+sd-jwt", with_chain=True)
    return "~".join((token, *disclosures, key_binding))


# -- issuing


def test_the_issuers_jwt_says_what_the_draft_wants() -> None:
    token = jose.parse(ISSUED.decode().partition("~")[0], expected_typ="dc+sd-jwt")
    assert token.header.keys() == {"alg", "typ", "x5c"}
    assert token.header["x5c"] == [base64.b64encode(make.sdjwt_signer().certificates[0]).decode()]
    hidden = {namespace: token.claims[namespace].pop("_sd") for namespace in make.CLAIMS}
    assert token.claims == {
        "iss": make.ISSUER,
        "iat": 1780192800,
        "nbf": 1780192800,
        "exp": 1782784800,
        "vct": make.VCT,
        "cnf": {"jwk": make.DEVICE.public.to_jwk()},
        "_sd_alg": "sha-256",
        "status": {"status_list": {"idx": make.STATUS.index, "uri": make.STATUS.uri}},
        **{namespace: {} for namespace in make.CLAIMS},
    }
    assert [len(hidden[space]) for space in make.CLAIMS] == [5, 2]
    assert all(digests == sorted(digests) for digests in hidden.values())


def test_every_claim_can_be_kept_back_alone() -> None:
    disclosures = ISSUED.decode().split("~")[1:-1]
    contents = [json.loads(base64.urlsafe_b64decode(text + "==")) for text in disclosures]
    assert [(name, value) for _, name, value in contents] == [
        (name, value) for members in make.CLAIMS.values() for name, value in members.items()
    ]
    salts = {salt for salt, _, _ in contents}
    assert len(salts) == len(contents)
    assert {len(salt) for salt in salts} == {24}


@pytest.mark.parametrize(
    "changes",
    [
        {"claims": {}},
        {"claims": {"ns": {}}},
        {"claims": {"ns": {"_sd": 1}}},
        {"claims": {"ns": {"...": 1}}},
        {"claims": {"cnf": {"jwk": 1}}},
        {"expires_at": make.VALIDITY.signed},
        {"issued_at": make.VALIDITY.valid_until},
    ],
    ids=str,
)
def test_what_cannot_be_issued_is_the_callers_fault(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        make.sdjwt_issued(**changes)


# -- the examples of RFC 9901


def test_a_disclosure_of_the_rfc_has_its_digest() -> None:
    for example in json.loads((VECTORS / "rfc9901-disclosures.json").read_text())["disclosures"]:
        ((digest, read),) = read_disclosures([example["text"]]).items()
        assert (digest, read.name, read.value) == (
            example["digest"],
            example["name"],
            example["value"],
        )


def test_the_presentation_of_the_rfc_is_read_and_its_signatures_fit() -> None:
    vector = json.loads((VECTORS / "rfc9901-section-5.2.json").read_text())
    issued, *disclosures, bound = vector["presented"].split("~")
    token = jose.parse(issued, expected_typ="example+sd-jwt")
    payload = token.verify(PublicKey.from_jwk(vector["issuer_key"]))

    places = Places(read_disclosures(disclosures))
    filled = places.fill(payload)

    filled.pop("_sd_alg")
    assert filled == vector["processed"]
    assert [list(each.path) for each in places.disclosed] == vector["disclosed"]
    assert not places.waiting
    device_key = PublicKey.from_jwk(payload["cnf"]["jwk"])
    binding = jose.verify(bound, expected_typ="kb+jwt", key=device_key)
    assert binding == vector["key_binding"]
    presented = vector["presented"].removesuffix(bound)
    assert binding["sd_hash"] == write_base64url(sha256(presented.encode()).digest())


# -- reading


def test_what_was_shown_is_read() -> None:
    shown = sdjwt.parse(SHOWN)
    assert (shown.vct, shown.issuer, shown.status) == (make.VCT, make.ISSUER, make.STATUS)
    assert shown.device_key == make.DEVICE.public
    assert (shown.issued_at, shown.expires_at) == (make.VALIDITY.signed, make.VALIDITY.valid_until)
    assert shown.claims == {
        mdoc.MDL_NAMESPACE: {"family_name": "ZHUGE", "issuing_country": "CN"},
        mdoc.NATIONAL_NAMESPACE: {"covers_C1": True},
    }
    assert {each.path for each in shown.disclosed} == {
        (mdoc.MDL_NAMESPACE, "issuing_country"),
        (mdoc.MDL_NAMESPACE, "family_name"),
        (mdoc.NATIONAL_NAMESPACE, "covers_C1"),
    }
    assert shown.key_binding is not None
    assert (shown.key_binding.audience, shown.key_binding.nonce) == (make.AUDIENCE, make.NONCE)
    assert "ZHUGE" not in repr(shown) + repr(shown.disclosed)


def test_a_disclosure_within_a_disclosure_is_put_in_its_place() -> None:
    inner = disclosure("salt", "street", "清溪街8号")
    outer = disclosure("salt", "address", {"_sd": [digest_of(inner)], "country": "CN"})
    read = sdjwt.parse(signed({"ns": {"_sd": [digest_of(outer)]}}, outer, inner))
    assert read.claims["ns"] == {"address": {"street": "清溪街8号", "country": "CN"}}
    assert {each.path for each in read.disclosed} == {
        ("ns", "address"),
        ("ns", "address", "street"),
    }


def test_elements_and_claims_that_are_not_shown_leave_no_trace() -> None:
    shown, kept = disclosure("salt", "C1"), disclosure("salt", "A2")
    classes = [{"...": digest_of(kept)}, "B2", {"...": digest_of(shown)}]
    read = sdjwt.parse(signed({"classes": classes, "_sd": [digest_of("decoy")]}, shown))
    assert read.claims["classes"] == ["B2", "C1"]
    assert [each.path for each in read.disclosed] == [("classes", 1)]


def test_a_disclosure_that_nobody_signed_is_counted() -> None:
    assert sdjwt.parse(signed({}, disclosure("salt", "may_drive", True))).unreferenced == 1


NAMED = disclosure("salt", "name", 1)
ELEMENT = disclosure("salt", 1)


def _deep(levels: int) -> Sequence[str]:
    """Disclosures each within the one before."""
    chain = [disclosure("salt", "name", 1)]
    for _ in range(levels):
        chain.append(disclosure("salt", "name", {"_sd": [digest_of(chain[-1])]}))
    return chain[::-1]


REFUSED: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "not ASCII": lambda: SHOWN + "号",
    "no tilde": lambda: ISSUED.decode().partition("~")[0],
    "too large": lambda: "~" * (MAX_CHARS + 1),
    "too many disclosures": lambda: signed(
        {}, *(disclosure(str(n), "n", n) for n in range(MAX_DISCLOSURES + 1))
    ),
    "another typ": lambda: jose.sign(PAYLOAD, make.sdjwt_signer(), typ="JWT") + "~",
    "no chain": lambda: jose.sign(PAYLOAD, make.sdjwt_signer(), typ="dc+sd-jwt") + "~",
    "unknown _sd_alg": lambda: signed({"_sd_alg": "sha-512"}),
    "_sd_alg null": lambda: signed({"_sd_alg": 0}),
    "no vct": lambda: signed({"vct": None}),
    "no exp": lambda: signed({"exp": None}),
    "exp as text": lambda: signed({"exp": "1782784800"}),
    "exp true": lambda: signed({"exp": True}),
    "exp beyond all days": lambda: signed({"exp": 1 << 60}),
    "no cnf": lambda: signed({"cnf": None}),
    "cnf without jwk": lambda: signed({"cnf": {"kid": "1"}}),
    "iss not text": lambda: signed({"iss": 1}),
    "status not an object": lambda: signed({"status": "valid"}),
    "status index negative": lambda: signed({"status": {"status_list": {"idx": -1, "uri": "u"}}}),
    "status index true": lambda: signed({"status": {"status_list": {"idx": True, "uri": "u"}}}),
    "_sd not an array": lambda: signed({"_sd": "x"}),
    "_sd null": lambda: signed({"ns": {"_sd": None}}),
    "digest not text": lambda: signed({"_sd": [1]}),
    "digest twice": lambda: signed({"_sd": ["x", "x"]}),
    "digest twice, far apart": lambda: signed({"_sd": ["x"], "ns": [{"...": "x"}]}),
    "... in an object": lambda: signed({"ns": {"...": "x"}}),
    "... not alone": lambda: signed({"ns": [{"...": "x", "y": 1}]}),
    "disclosure twice": lambda: signed({"_sd": [digest_of(NAMED)]}, NAMED, NAMED),
    "disclosure empty": lambda: signed({}, ""),
    "disclosure padded": lambda: signed({}, NAMED + "="),
    "disclosure not JSON": lambda: signed({}, write_base64url(b"no")),
    "disclosure an object": lambda: signed({}, write_base64url(b"{}")),
    "disclosure of one": lambda: signed({}, disclosure("salt")),
    "disclosure of four": lambda: signed({}, disclosure("salt", "n", 1, 2)),
    "salt not text": lambda: signed({}, disclosure(1, "n", 1)),
    "name not text": lambda: signed({}, disclosure("salt", 1, 1)),
    "name _sd": lambda: signed({}, disclosure("salt", "_sd", [])),
    "name ...": lambda: signed({}, disclosure("salt", "...", "x")),
    "member twice in a disclosure": lambda: signed(
        {}, write_base64url(b'["salt", "n", {"a": 1, "a": 2}]')
    ),
    "name there already": lambda: signed({"name": 0, "_sd": [digest_of(NAMED)]}, NAMED),
    "element as a member": lambda: signed({"_sd": [digest_of(ELEMENT)]}, ELEMENT),
    "member as an element": lambda: signed({"ns": [{"...": digest_of(NAMED)}]}, NAMED),
    "disclosures too deep": lambda: signed({"_sd": [digest_of(_deep(20)[0])]}, *_deep(20)),
    **{
        f"{name} disclosed": lambda name=name: (  # type: ignore[misc]
            signed(
                {name: None, "_sd": [digest_of(disclosure("salt", name, PAYLOAD.get(name, 1)))]},
                disclosure("salt", name, PAYLOAD.get(name, 1)),
            )
        )
        for name in ("iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status")
    },
    "key binding no JWT": lambda: SHOWN.rpartition("~")[0] + "~x",
    "key binding another typ": lambda: signed(
        {}, key_binding=jose.sign({"iat": 1}, make.DEVICE, typ="JWT")
    ),
    "key binding too large": lambda: SHOWN + "A" * 4096,
    **{
        f"key binding {name} {value!r}": lambda name=name, value=value: (  # type: ignore[misc]
            signed({}, key_binding=_binding(**{name: value}))
        )
        for name in ("iat", "aud", "nonce", "sd_hash")
        for value in (None, "" if name != "iat" else "1", [make.AUDIENCE], True)
    },
}


def _binding(**changes: object) -> str:
    claims = {"iat": 1, "aud": "a", "nonce": "n", "sd_hash": "h", **changes}
    return jose.sign(claims, make.DEVICE, typ="kb+jwt")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_sound_is_refused_by_one_error(name: str) -> None:
    with pytest.raises(UnreadableError):
        sdjwt.parse(REFUSED[name]())


def test_what_the_refusals_are_made_of_is_good() -> None:
    assert sdjwt.parse(signed({})).key_binding is None
    assert sdjwt.parse(signed({"_sd": [digest_of(NAMED)]}, NAMED)).claims["name"] == 1
    assert sdjwt.parse(signed({}, key_binding=_binding())).key_binding is not None
    assert sdjwt.parse(signed({"_sd": [digest_of(_deep(5)[0])]}, *_deep(5))).unreferenced == 0
