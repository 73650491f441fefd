// The wallet's side of OpenID4VCI 1.0 with a pre-authorised code: metadata, token, nonce,
// proof, credential. Any issuer that follows the standard would do, but only the own origin
// is accepted: the page's policy lets nothing else through.

import { call, localProblem } from "../shared/api.js";
import { fromBase64url, toBase64url } from "../shared/base64url.js";

const GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const PROOF_TYPE = "openid4vci-proof+jwt"; // appendix F.1

/** @typedef {import("../shared/answers.js").CredentialOffer} CredentialOffer */

/**
 * @typedef {object} ProofKey
 * @property {import("./vault.js").PublicJwk} jwk
 * @property {(bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} sign
 */

/**
 * Take the offered credential; return its bytes (an mdoc's IssuerSigned).
 *
 * @param {CredentialOffer} offer
 * @param {string | null} txCode
 * @param {ProofKey} key
 * @param {{ now: number, cancel: AbortSignal }} options  seconds since 1970 by the register's clock
 * @returns {Promise<Uint8Array>}
 */
export async function takeCredential(offer, txCode, key, { now, cancel }) {
  const { issuer, server } = await metadata(offer.credential_issuer, cancel);
  const token = await call(own(server.token_endpoint), { form: tokenRequest(offer, txCode), cancel });
  const { c_nonce: nonce } = await call(own(issuer.nonce_endpoint), { method: "POST", cancel });
  const jwt = await proof(key, { audience: offer.credential_issuer, nonce, now });
  const answer = await call(own(issuer.credential_endpoint), {
    json: { ...credentialAsked(offer, token), proofs: { jwt: [jwt] } },
    headers: { Authorization: `Bearer ${token.access_token}` },
    cancel,
  });
  const issued = answer?.credentials?.[0]?.credential;
  if (typeof issued !== "string") throw localProblem("claim.no_credential", "no_credential");
  return fromBase64url(issued);
}

/**
 * @param {string} issuerName
 * @param {AbortSignal} cancel
 */
async function metadata(issuerName, cancel) {
  const issuer = await call(own(wellKnown(issuerName, "openid-credential-issuer")), { cancel });
  const serverName = issuer.authorization_servers?.[0] ?? issuerName;
  const server = await call(own(wellKnown(serverName, "oauth-authorization-server")), { cancel });
  return { issuer, server };
}

/**
 * The well-known address of a name: between the host and the path (section 12.2.2; RFC 8414).
 *
 * @param {string} name
 * @param {string} document
 */
export function wellKnown(name, document) {
  const { origin, pathname } = new URL(name);
  return `${origin}/.well-known/${document}${pathname === "/" ? "" : pathname}`;
}

/**
 * @param {CredentialOffer} offer
 * @param {string | null} txCode
 */
function tokenRequest(offer, txCode) {
  const grant = offer.grants[GRANT];
  const form = new URLSearchParams({
    grant_type: GRANT,
    "pre-authorized_code": grant?.["pre-authorized_code"] ?? "",
  });
  if (grant?.tx_code && txCode) form.set("tx_code", txCode);
  return form;
}

/**
 * A token that names credential identifiers wants one of them (section 8.2).
 *
 * @param {CredentialOffer} offer
 * @param {any} token
 */
function credentialAsked(offer, token) {
  const identifier = token.authorization_details?.[0]?.credential_identifiers?.[0];
  return identifier
    ? { credential_identifier: identifier }
    : { credential_configuration_id: offer.credential_configuration_ids[0] };
}

/**
 * Prove that the key is held here: a JWT signed by it over the issuer's nonce.
 *
 * @param {ProofKey} key
 * @param {{ audience: string, nonce: string, now: number }} claims
 * @returns {Promise<string>}
 */
export async function proof(key, { audience, nonce, now }) {
  const header = { typ: PROOF_TYPE, alg: "ES256", jwk: key.jwk };
  const payload = { aud: audience, iat: Math.floor(now), nonce };
  const signed = `${encodeJson(header)}.${encodeJson(payload)}`;
  const signature = await key.sign(new TextEncoder().encode(signed));
  return `${signed}.${toBase64url(signature)}`;
}

/** @param {object} value */
function encodeJson(value) {
  return toBase64url(new TextEncoder().encode(JSON.stringify(value)));
}

/**
 * An address as a path of the own origin, or a problem where it leads elsewhere.
 *
 * @param {string} address
 */
function own(address) {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) throw localProblem("claim.foreign_issuer", "foreign_issuer");
  return url.pathname + url.search;
}
