"""SD-JWT VC presentations, one for each outcome and reason, and each way to be no SD-JWT VC."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from jiazhao.credentials import jose, mdoc, sdjwt
from jiazhao.credentials.signing import read_base64url, write_base64url
from vectors import make
from vectors.make import NOW, STEP_OF, Vector

EXPECTED = {"audience": make.AUDIENCE, "nonce": make.NONCE, "max_age": 300}
ASKED = {
    "vct": make.VCT,
    "paths": [
        [mdoc.MDL_NAMESPACE, "family_name"],
        [mdoc.MDL_NAMESPACE, "issuing_country"],
        [mdoc.NATIONAL_NAMESPACE, "covers_C1"],
    ],
}


def vector(presented: str, outcome: str, reason: str | None, **given: Any) -> Vector:
    """Return one case; what is not given is as it should be."""
    step = given.pop("step", STEP_OF.get(reason))
    return {
        "source": make.SOURCE,
        "kind": "sd-jwt",
        "now": NOW.isoformat(),
        "roots": [make.root().hex()],
        "compromised": [],
        "status": 0,
        "profile": "REMOTE",
        "expected": EXPECTED,
        "asked": ASKED,
        **given,
        "presented": presented,
        "outcome": outcome,
        "step": step,
        "reason": reason,
    }


def sd_jwts() -> Iterator[tuple[str, Vector]]:
    """Yield presentations with their outcome."""
    yield from _judged()
    for name, presented in _unreadable():
        yield f"bad-{name}", vector(presented, "CANNOT_CONFIRM", "unknown_format")


def _judged() -> Iterator[tuple[str, Vector]]:
    issued = make.sdjwt_issued()
    presented = make.sdjwt_shown(issued).decode()

    def cannot(text: str, reason: str, **given: Any) -> Vector:
        return vector(text, "CANNOT_CONFIRM", reason, **given)

    def forged(text: str, reason: str, **given: Any) -> Vector:
        return vector(text, "NOT_GENUINE", reason, **given)

    def no(text: str, reason: str, **given: Any) -> Vector:
        return vector(text, "NOT_VALID", reason, **given)

    yield "good", vector(presented, "VALID", None)
    unasked: Vector = {"expected": None, "asked": None}
    yield "good-as-issued", vector(issued.decode(), "VALID", None, profile="ISSUED_COPY", **unasked)
    unshown: Vector = {"profile": "FILE", "asked": None}
    yield "good-as-a-file", vector(presented, "VALID", None, **unshown)
    yield (
        "good-asked-for-the-whole-namespace",
        vector(
            presented,
            "VALID",
            None,
            asked={**ASKED, "paths": [[mdoc.MDL_NAMESPACE], [mdoc.NATIONAL_NAMESPACE]]},
        ),
    )
    yield (
        "bad-unknown-issuer",
        cannot(presented, "unknown_issuer", roots=[make.root("other").hex()]),
    )
    yield "bad-no-roots", cannot(presented, "unknown_issuer", roots=[])
    stranger = make.sdjwt_signer(root_key="stranger")
    yield (
        "bad-certificate-not-signed-by-the-root-it-names",
        forged(_shown(document_signer=stranger), "signature_mismatch", step=2),
    )
    yield (
        "bad-signer-compromised",
        no(presented, "signer_compromised", compromised=[make.signer().public.point.hex()]),
    )
    late = make.sdjwt_signer(since=NOW)
    yield (
        "bad-signed-before-the-signer-was-valid",
        cannot(_shown(document_signer=late), "signer_outside_validity"),
    )
    yield (
        "bad-issuer-is-not-the-signers",
        cannot(_shown(issuer="https://elsewhere.example"), "issuer_data_mismatch", step=2),
    )
    yield (
        "bad-signer-speaks-for-nobody",
        cannot(_shown(document_signer=make.signer()), "issuer_data_mismatch", step=2),
    )
    for name, country in (
        ("bad-issuing-country-of-another", "DE"),
        ("bad-issuing-country-is-a-list", ["CN"]),
    ):
        elsewhere = {mdoc.MDL_NAMESPACE: {"issuing_country": country}}
        yield name, cannot(_shown(claims=elsewhere), "issuer_data_mismatch", step=2)
    imitated = make.NamedKey("stranger", *make.sdjwt_signer().certificates)
    yield (
        "bad-issuers-signature-of-a-stranger",
        forged(_signed_again(presented, 0, imitated, exp=1 << 32), "signature_mismatch"),
    )
    head, *rest = presented.split("~")
    yield "bad-signature-changed", forged("~".join([_changed(head), *rest]), "signature_mismatch")
    yield "bad-disclosure-of-our-own", forged(_with_disclosure(presented), "digest_mismatch")
    nothing = make.sdjwt_shown(issued.partition(b"~")[0] + b"~").decode()
    yield "bad-nothing-disclosed", cannot(nothing, "nothing_disclosed", **unshown)
    yield "bad-holder-not-shown", cannot(presented.rpartition("~")[0] + "~", "holder_not_shown")
    yield "bad-request-not-known", cannot(presented, "holder_not_shown", expected=None)
    by_other = make.sdjwt_shown(issued, device=make.STRANGER).decode()
    yield "bad-bound-by-another-device", forged(by_other, "holder_signature_mismatch")
    yield (
        "bad-disclosure-left-out-after-binding",
        forged("~".join([head, *rest[1:]]), "holder_signature_mismatch"),
    )
    yield (
        "bad-hash-of-another-presentation",
        forged(_bound(presented, sd_hash="A" * 43), "holder_signature_mismatch"),
    )
    for name, changes in {
        "audience": {"aud": "x509_san_dns:other.example"},
        "nonce": {"nonce": make.NONCE + "x"},
    }.items():
        answer = _bound(presented, **changes)
        yield f"bad-other-{name}", cannot(answer, "answer_to_another_request")
    yield "bad-status-ended", no(presented, "status_ended", status=1)
    yield "bad-status-must-not-drive", no(presented, "status_suspended", status=2)
    yield "bad-status-of-unknown-meaning", cannot(presented, "status_undetermined", status=3)
    yield "bad-status-not-asked", cannot(presented, "status_undetermined", status=None)
    yield "bad-status-none-published", cannot(_shown(status=None), "status_undetermined")
    two = {"status": {"status_list": {"idx": 7, "uri": "https://i.example/1"}, "other": {}}}
    yield (
        "bad-status-in-another-way-too",
        cannot(_with_claims(**two), "status_undetermined", **unshown),
    )
    differs = "answer_differs_from_request"
    yield "bad-another-type-than-asked", cannot(presented, differs, asked={**ASKED, "vct": "x"})
    paths = list(ASKED["paths"])
    more = [*paths, [mdoc.MDL_NAMESPACE, "portrait"]]
    yield "bad-less-than-asked", cannot(presented, differs, asked={**ASKED, "paths": more})
    yield "bad-more-than-asked", cannot(presented, differs, asked={**ASKED, "paths": paths[:2]})
    yield "bad-request-not-kept", cannot(presented, "not_checked", asked=None)


def _unreadable() -> Iterator[tuple[str, str]]:
    presented = make.sdjwt_shown(make.sdjwt_issued()).decode()
    head, *rest = presented.split("~")
    first = rest[0]
    yield "not-one", "hello"
    yield "empty", ""
    yield "no-tilde", head
    yield "not-ascii", presented.replace("~", "～", 1)
    yield "disclosure-twice", "~".join([head, first, *rest])
    for name, text in {
        "disclosure-of-one": ["salt"],
        "disclosure-of-four": ["salt", "name", 1, 2],
        "disclosure-salt-is-a-number": [1, "name", 2],
        "disclosure-with-a-reserved-name": ["salt", "_sd", 1],
        "disclosure-that-is-an-object": {"salt": 1},
    }.items():
        yield name, "~".join([head, _base64url(text), *rest])
    yield "disclosure-padded", presented.replace(first, first + "=", 1)
    header, payload, signature = head.split(".")
    yield "jwt-of-two-parts", "~".join([f"{header}.{payload}", *rest])
    headers: dict[str, dict[str, Any]] = {
        "alg-none": {"alg": "none"},
        "alg-es384": {"alg": "ES384"},
        "typ-jwt": {"typ": "JWT"},
        "crit": {"crit": ["exp"]},
        "x5c-missing": {"x5c": None},
        "x5c-empty": {"x5c": []},
        "x5c-of-five": {"x5c": ["AA=="] * 5},
        "x5c-not-base64": {"x5c": ["A"]},
    }
    for name, members in headers.items():
        own = {"alg": "ES256", "typ": sdjwt.MEDIA_TYPE, "x5c": [_base64(_CERTIFICATE)]}
        changed = _base64url({**own, **members})
        yield name, "~".join([f"{changed}.{payload}.{signature}", *rest])
    key = make.DEVICE.public.to_jwk()
    deep: Any = 1
    for _ in range(16):
        deep = [deep]
    payloads: dict[str, dict[str, Any]] = {
        "exp-missing": {"exp": None},
        "exp-true": {"exp": True},
        "exp-negative": {"exp": -1},
        "vct-missing": {"vct": None},
        "vct-empty": {"vct": ""},
        "cnf-missing": {"cnf": None},
        "key-with-its-private-part": {"cnf": {"jwk": {**key, "d": "AA"}}},
        "key-not-on-the-curve": {"cnf": {"jwk": {**key, "x": key["y"]}}},
        "key-on-another-curve": {"cnf": {"jwk": {**key, "crv": "P-384"}}},
        "sd-alg-sha-512": {"_sd_alg": "sha-512"},
        "sd-is-not-an-array": {"more": {"_sd": "A"}},
        "digest-twice": {"more": {"_sd": ["A", "A"]}},
        "digest-is-a-number": {"more": {"_sd": [1]}},
        "dots-as-a-name": {"more": {"...": "A"}},
        "status-index-negative": {"status": {"status_list": {"idx": -1, "uri": "u"}}},
        "status-index-with-a-fraction": {"status": {"status_list": {"idx": 7.0, "uri": "u"}}},
        "status-is-text": {"status": "valid"},
        "nested-too-deep": {"more": deep},
    }
    for name, claims in payloads.items():
        yield name, _with_claims(**claims)
    read = read_base64url(payload, "payload")
    doubled = read[:-1] + b',"iss":"' + make.ISSUER.encode() + b'"}'
    yield "member-twice", "~".join([f"{header}.{write_base64url(doubled)}.{signature}", *rest])
    yield "claim-disclosed-that-must-not-be", _with_hidden("nbf", 1)
    yield "key-binding-typ", _signed_again(presented, -1, make.DEVICE, typ="JWT")
    for name in ("iat", "aud", "nonce", "sd_hash"):
        yield f"key-binding-without-{name}", _bound(presented, **{name: None})


_CERTIFICATE = make.sdjwt_signer().certificates[0]


def _shown(**changes: Any) -> str:
    return make.sdjwt_shown(make.sdjwt_issued(**changes)).decode()


def _bound(presented: str, **changes: Any) -> str:
    return _signed_again(presented, -1, make.DEVICE, **changes)


def _signed_again(presented: str, part: int, key: Any, typ: str = "", **changes: Any) -> str:
    """Sign one of the two JWTs again with other claims; None leaves one out."""
    parts = presented.split("~")
    own = sdjwt.MEDIA_TYPE if part == 0 else "kb+jwt"
    claims = {**jose.parse(parts[part], expected_typ=own).claims, **changes}
    told = {name: value for name, value in claims.items() if value is not None}
    parts[part] = jose.sign(told, key, typ=typ or own, with_chain=part == 0)
    return "~".join(parts)


def _with_claims(**changes: Any) -> str:
    """Present what is issued with other claims, bound anew."""
    issued = make.sdjwt_issued().decode()
    text = _signed_again(issued, 0, make.sdjwt_signer(), **changes)
    kept = [*text.split("~")[:2], ""]
    return _bind("~".join(kept))


def _with_hidden(name: str, value: object) -> str:
    disclosure = _base64url(["salt", name, value])
    digest = write_base64url(sha256(disclosure.encode()).digest())
    changes: dict[str, Any] = {name: None, "_sd": [digest]}
    issued = _signed_again(make.sdjwt_issued().decode(), 0, make.sdjwt_signer(), **changes)
    return _bind("~".join([issued.split("~")[0], disclosure, ""]))


def _with_disclosure(presented: str) -> str:
    """Slip in a disclosure that nobody signed."""
    head, *rest = presented.split("~")[:-1]
    return _bind("~".join([head, *rest, _base64url(["salt", "given_name", "NIEMAND"]), ""]))


def _bind(shown: str) -> str:
    return sdjwt.bind(
        shown.encode(),
        audience=make.AUDIENCE,
        nonce=make.NONCE,
        now=NOW,
        device_signer=make.DEVICE,
    ).decode()


def _changed(token: str) -> str:
    return token[:-9] + ("B" if token[-9] != "B" else "C") + token[-8:]


def _base64url(value: object) -> str:
    return write_base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode()


def sd_jwt_clocks() -> Iterator[tuple[str, Vector]]:
    """Yield an SD-JWT VC on both sides of each of its edges."""
    presented = make.sdjwt_shown(make.sdjwt_issued()).decode()
    second = timedelta(seconds=1)
    begin, end = make.VALIDITY.valid_from - timedelta(seconds=60), make.VALIDITY.valid_until
    by_itself: Vector = {"profile": "KEPT_COPY", "asked": None, "expected": None}
    for name, now, reason in (
        ("begins-with-skew", begin, None),
        ("bad-begins-in-61-seconds", begin - second, "not_yet_valid"),
        ("last-second", end, None),
        ("bad-lapsed-by-a-second", end + second, "lapsed"),
    ):
        outcome = "NOT_VALID" if reason else "VALID"
        yield (
            f"sd-jwt-{name}",
            vector(presented, outcome, reason, now=now.isoformat(), **by_itself),
        )
    for name, seconds in (
        ("bound-300-seconds-ago", -300),
        ("bad-bound-301-seconds-ago", -301),
        ("bound-60-seconds-ahead", 60),
        ("bad-bound-61-seconds-ahead", 61),
    ):
        text = _bound(presented, iat=int(NOW.timestamp()) + seconds)
        bad = name.startswith("bad")
        yield (
            f"sd-jwt-{name}",
            vector(
                text,
                "CANNOT_CONFIRM" if bad else "VALID",
                "answer_to_another_request" if bad else None,
            ),
        )
