"""The issuer's metadata as a wallet asks for them: signed or not, in the languages it wants.

Sources: OpenID4VCI 1.0 section 12.2; RFC 9110 sections 12.5.1 and 12.5.4; RFC 4647 section 3.3.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from jiazhao.credentials import jose
from jiazhao.credentials.signing import Signer

METADATA_TYPE: Final = "openidvci-issuer-metadata+jwt"
JWT: Final = "application/jwt"
JSON: Final = "application/json"

SIGNED_LIFE: Final = timedelta(days=1)
"""Who keeps signed metadata asks again tomorrow: keys for encryption are among them."""

LANGUAGES: Final = ("zh-CN", "en")
"""Every `display` is in each of them."""

_MAX_FIELD_CHARS: Final = 1024
"""Browsers send about 100; what is longer is passed over, as nothing may fail for it."""


def wants_signed(accept: str | None) -> bool:
    """Whether a wallet names signed metadata, and wants them at least as much as plain ones."""
    wanted = dict(_weighed(accept))
    json = max((wanted.get(one, 0.0) for one in (JSON, "application/*", "*/*")), default=0.0)
    return 0 < wanted.get(JWT, 0.0) >= wanted.get(JSON, json)


def languages_for(accept_language: str | None) -> tuple[str, ...]:
    """The languages of ours that are wanted; all of them where none is."""
    wanted = {language.partition("-")[0]: weight for language, weight in _weighed(accept_language)}
    chosen = [one for one in LANGUAGES if wanted.get(one.partition("-")[0].lower(), 0) > 0]
    return tuple(chosen) or LANGUAGES


def in_languages(document: Any, languages: Iterable[str]) -> Any:
    """A document with the `display` of these languages only, wherever it stands."""
    if isinstance(document, Mapping):
        return {
            name: [one for one in value if one.get("locale") in languages]
            if name == "display"
            else in_languages(value, languages)
            for name, value in document.items()
        }
    if isinstance(document, list):
        return [in_languages(one, languages) for one in document]
    return document


def signed_metadata(metadata: Mapping[str, Any], signer: Signer, now: datetime) -> str:
    """Metadata as a JWT (section 12.2.3), with the chain by which verifiers know the signer."""
    issuer, issued = metadata["credential_issuer"], int(now.timestamp())
    claims = {
        **metadata,
        "iss": issuer,
        "sub": issuer,
        "iat": issued,
        "exp": issued + int(SIGNED_LIFE.total_seconds()),
    }
    return jose.sign(claims, signer, typ=METADATA_TYPE, with_chain=True)


def _weighed(field: str | None) -> Iterator[tuple[str, float]]:
    """What a field lists, in lower case, with its weight; what cannot be read is passed over."""
    if field is None or len(field) > _MAX_FIELD_CHARS:
        return
    for entry in field.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        weights = [one[2:] for one in parameters if one.startswith("q=")]
        try:
            weight = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
        if name and 0 <= weight <= 1:
            yield name, weight
