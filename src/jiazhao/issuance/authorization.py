"""What a wallet asks the driver to agree to: the authorization request, read in bounds (pure).

Sources: OpenID4VCI 1.0 section 5; RFC 6749 section 4.1.1; RFC 7636 (S256 only); RFC 9126;
RFC 9396 (`authorization_details`); RFC 8252 (what redirect addresses a native wallet may have).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from jiazhao.config import WalletClient, is_loopback
from jiazhao.credentials.json_reading import read_json
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import JiazhaoError
from jiazhao.issuance.protocol import ProtocolError, WireError

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"
DETAILS_TYPE = "openid_credential"

MAX_REQUEST_CHARS = 8192
"""All parameters together; one with details of every configuration has about 2 kB."""

MAX_CLIENT_ID_CHARS = 255
MAX_REDIRECT_CHARS = 1024
MAX_STATE_CHARS = 1024
MAX_DETAILS = 8

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_THUMBPRINT = _CHALLENGE
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""A reversed domain name (RFC 8252 section 7.1): another application cannot hold it by chance."""


class AuthorizationRequest(Struct, frozen=True):
    """A request that may be shown to a person: every member was checked."""

    client_id: str
    redirect_uri: str
    code_challenge: str
    configurations: tuple[str, ...]
    by_details: bool
    """Asked for with `authorization_details`: the token answer names credential identifiers."""
    state: str | None = None
    issuer_state: str | None = None
    dpop_jkt: str | None = None
    client_jkt: str | None = None
    """The key of the instance of an attested wallet: the code is for it alone."""

    def answered(self, issuer: str, **members: str) -> str:
        """Where the browser goes with the answer: `iss` always (RFC 9207), `state` as it came."""
        query = {**members, "iss": issuer}
        if self.state is not None:
            query["state"] = self.state
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{joint}{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class ClientRules:
    """Which wallets may ask, and where they may be answered.

    A registered wallet is answered at exactly one of its addresses. Where `admits_unregistered`,
    any other may be named by its own address: its `client_id` is the origin of an https or
    loopback redirect address, or the private scheme of one, so that the name that the driver
    is shown is where the answer goes. An attested wallet was named by its attester and may be
    answered at any such address (RFC 9126 section 2.4).
    """

    registered: Mapping[str, WalletClient]
    admits_unregistered: bool

    def check(self, client_id: str, redirect_uri: str, *, attested: bool) -> None:
        """Raise `ProtocolError` unless this wallet may be answered at that address."""
        known = self.registered.get(client_id)
        if known is not None:
            if redirect_uri not in known.redirect_uris:
                raise _invalid("redirect_uri is not registered for this client.")
            return
        name = own_name(redirect_uri)
        if name is None:
            raise _invalid(
                "redirect_uri is not https, http on loopback, or of a private scheme with a dot."
            )
        if attested:
            return
        if not self.admits_unregistered:
            raise ProtocolError(WireError.INVALID_CLIENT, "The client is not known.")
        if client_id != name:
            raise ProtocolError(
                WireError.INVALID_CLIENT,
                "An unregistered client_id is the origin or the private scheme of redirect_uri.",
            )


def own_name(redirect_uri: str) -> str | None:
    """The origin or private scheme of an address that a wallet may be answered at."""
    if len(redirect_uri) > MAX_REDIRECT_CHARS or not _VISIBLE.fullmatch(redirect_uri):
        return None
    try:
        parts = urlsplit(redirect_uri)
        _ = parts.port
    except ValueError:
        return None
    if "#" in redirect_uri or "\\" in redirect_uri or parts.username is not None:
        return None
    if _PRIVATE_SCHEME.fullmatch(parts.scheme):
        return parts.scheme
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        return None
    return f"{parts.scheme}://{parts.netloc}".lower()


def read_client(form: Mapping[str, str], rules: ClientRules, *, attested: bool) -> tuple[str, str]:
    """The client and where it is answered; a fault here is never told to that address."""
    client_id = _needed(form, "client_id")
    if len(client_id) > MAX_CLIENT_ID_CHARS or not _VISIBLE.fullmatch(client_id):
        raise _invalid("client_id is too long or not printable.")
    redirect_uri = _needed(form, "redirect_uri")
    rules.check(client_id, redirect_uri, attested=attested)
    return client_id, redirect_uri


def read_request(
    form: Mapping[str, str],
    *,
    rules: ClientRules,
    scopes: Mapping[str, str],
    issuer: str,
    client_jkt: str | None = None,
    dpop_jkt: str | None = None,
) -> AuthorizationRequest:
    """Check an authorization request, or raise `ProtocolError`.

    `scopes` are those offered, each with its credential configuration; `dpop_jkt` and
    `client_jkt` are the keys of the DPoP proof and of the client attestation that came with a
    pushed request.

    1 client and address · 2 what this server does not take · 3 PKCE · 4 what is asked for ·
    5 what is handed through.
    """
    # 1
    client_id, redirect_uri = read_client(form, rules, attested=client_jkt is not None)
    # 2
    if sum(map(len, form.values())) > MAX_REQUEST_CHARS:
        raise _invalid("The request is too long.")
    for name in ("request", "request_uri"):
        if name in form:
            raise _invalid(f"{name} is not taken here.")
    response_type = _needed(form, "response_type")
    if response_type != "code":
        raise ProtocolError(WireError.UNSUPPORTED_RESPONSE_TYPE, "response_type is code.")
    if form.get("response_mode", "query") != "query":
        raise _invalid("response_mode is query.")
    if form.get("resource", issuer).rstrip("/") != issuer:
        raise _invalid("resource is this issuer.")
    # 3
    challenge = _needed(form, "code_challenge")
    if form.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise _invalid("code_challenge_method is S256, with its code_challenge.")
    # 4
    configurations, by_details = _asked_for(form, scopes)
    # 5
    state = form.get("state")
    if state is not None and len(state) > MAX_STATE_CHARS:
        raise _invalid("state is too long.")
    named_jkt = form.get("dpop_jkt")
    if named_jkt is not None and not _THUMBPRINT.fullmatch(named_jkt):
        raise _invalid("dpop_jkt is not the SHA-256 thumbprint of a key.")
    if named_jkt is not None and dpop_jkt is not None and named_jkt != dpop_jkt:
        raise _invalid("dpop_jkt is not the key of the DPoP proof.")
    return AuthorizationRequest(
        client_id=client_id,
        redirect_uri=redirect_uri,
        code_challenge=challenge,
        configurations=configurations,
        by_details=by_details,
        state=state,
        issuer_state=form.get("issuer_state"),
        dpop_jkt=dpop_jkt or named_jkt,
        client_jkt=client_jkt,
    )


def _asked_for(form: Mapping[str, str], scopes: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """Configurations by `authorization_details` or by `scope`; unknown scopes are passed over."""
    by_scope = [scopes[one] for one in form.get("scope", "").split(" ") if one in scopes]
    if "authorization_details" in form:
        named = read_details(form["authorization_details"], set(scopes.values()))
        return tuple(dict.fromkeys([*named, *by_scope])), True
    if not by_scope:
        raise ProtocolError(WireError.INVALID_SCOPE, "No scope is one that is offered here.")
    return tuple(dict.fromkeys(by_scope)), False


def read_details(text: str, offered: Collection[str]) -> tuple[str, ...]:
    """The configurations that `authorization_details` asks for (OpenID4VCI 1.0 section 5.1.1)."""
    try:
        details = read_json(text.encode(), "authorization_details", max_octets=MAX_REQUEST_CHARS)
    except JiazhaoError as error:
        raise _wrong_details("They cannot be read.") from error
    if not isinstance(details, list) or not 0 < len(details) <= MAX_DETAILS:
        raise _wrong_details(f"They are a list of 1 to {MAX_DETAILS}.")
    return tuple(dict.fromkeys(_configuration_of(detail, offered) for detail in details))


def _configuration_of(detail: Any, offered: Collection[str]) -> str:
    if not isinstance(detail, dict) or detail.get("type") != DETAILS_TYPE:
        raise _wrong_details(f"The type is {DETAILS_TYPE}.")
    configuration = detail.get("credential_configuration_id")
    if not isinstance(configuration, str) or configuration not in offered:
        raise _wrong_details("credential_configuration_id is not one that is offered.")
    return configuration


def fits_challenge(verifier: str, challenge: str) -> bool:
    """Whether S256 of the verifier is the challenge (RFC 7636 section 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = write_base64url(sha256(verifier.encode()).digest())
    return compare_digest(made, challenge)


def identifier_of(configuration: str) -> str:
    """The credential identifier of a configuration: each holder has one licence in each."""
    return f"{configuration}/licence"


def _needed(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise _invalid(f"{name} is missing.")
    return value


def _invalid(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_REQUEST, description)


def _wrong_details(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_AUTHORIZATION_DETAILS, description)
