// The wallet's side of OpenID4VCI 1.0 with a pre-authorised code: metadata, token, nonce,
// proof, credential; and asking again where a person decides first. Any issuer that follows the standard would do, but only the own origin
// is accepted: the page's policy lets nothing else through.

import { Problem, call, localProblem } from "../shared/api.js";
import { fromBase64url, toBase64url } from "../shared/base64url.js";

const GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const PROOF_TYPE = "openid4vci-proof+jwt"; // appendix F.1

/** @typedef {import("../shared/answers.js").CredentialOffer} CredentialOffer */

/**
 * @typedef {object} ProofKey
 * @property {import("./vault.js").PublicJwk} jwk
 * @property {(bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} sign
 */

/** A token is renewed so many seconds before it lapses: it must last for one request. */
const RENEW_BEFORE = 30;

/** @typedef {import("./vault.js").Waiting} Waiting */

/**
 * The credential's bytes (an mdoc's IssuerSigned), or how to ask for it later.
 *
 * @typedef {{ credential: Uint8Array } | { waiting: Waiting }} Outcome
 */

/**
 * Take the offered credential.
 *
 * @param {CredentialOffer} offer
 * @param {string | null} txCode
 * @param {ProofKey} key
 * @param {{ now: number, cancel: AbortSignal }} options  seconds since 1970 by the register's clock
 * @returns {Promise<Outcome>}
 */
export async function takeCredential(offer, txCode, key, { now, cancel }) {
  const { issuer, server } = await metadata(offer.credential_issuer, cancel);
  const token = await call(own(server.token_endpoint), { form: tokenRequest(offer, txCode), cancel });
  const held = holding({ issuer: offer.credential_issuer, asked: credentialAsked(offer, token) }, token, now);
  return outcome(await request(issuer, held, key, { now, cancel }), held, now);
}

/**
 * Ask for a credential that waits for a person.
 *
 * @param {Waiting} waiting
 * @param {ProofKey} key
 * @param {{ now: number, keep: (waiting: Waiting) => Promise<void> }} options  `keep` is called
 *   with renewed tokens before they are used, for the former ones work no more
 * @returns {Promise<Outcome>}
 */
export async function askAgain(waiting, key, { now, keep }) {
  const { issuer, server } = await metadata(waiting.issuer);
  let held = waiting;
  if (now >= waiting.renewAt) {
    const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: waiting.refreshToken });
    held = holding(waiting, await call(own(server.token_endpoint), { form }), now);
    await keep(held);
  }
  try {
    const answer = await call(own(issuer.deferred_credential_endpoint), {
      json: { transaction_id: held.transactionId },
      headers: bearer(held),
    });
    return outcome(answer, held, now);
  } catch (error) {
    if (!(error instanceof Problem && error.error === "invalid_transaction_id")) throw error;
    // The answer may have been lost on its way: the same key is given the same copy again.
    return outcome(await request(issuer, held, key, { now }), held, now);
  }
}

/**
 * A claim with the tokens that were just given for it.
 *
 * @param {Pick<Waiting, "issuer" | "asked"> & Partial<Waiting>} claim
 * @param {any} token
 * @param {number} now
 * @returns {Waiting}
 */
function holding(claim, token, now) {
  return {
    transactionId: "",
    askAt: now,
    over: false,
    ...claim,
    accessToken: token.access_token,
    refreshToken: token.refresh_token ?? "",
    renewAt: now + (token.expires_in ?? 0) - RENEW_BEFORE,
  };
}

/** @param {Waiting} held */
function bearer({ accessToken }) {
  return { Authorization: `Bearer ${accessToken}` };
}

/**
 * Ask the credential endpoint, with a fresh proof.
 *
 * @param {any} issuer  its metadata
 * @param {Waiting} held
 * @param {ProofKey} key
 * @param {{ now: number, cancel?: AbortSignal }} options
 */
async function request(issuer, held, key, { now, cancel }) {
  const within = cancel ? { cancel } : {};
  const { c_nonce: nonce } = await call(own(issuer.nonce_endpoint), { method: "POST", ...within });
  const jwt = await proof(key, { audience: held.issuer, nonce, now });
  const json = { ...held.asked, proofs: { jwt: [jwt] } };
  return call(own(issuer.credential_endpoint), { json, headers: bearer(held), ...within });
}

/**
 * What an answer of either credential endpoint means.
 *
 * @param {any} answer
 * @param {Waiting} held
 * @param {number} now
 * @returns {Outcome}
 */
export function outcome(answer, held, now) {
  const issued = answer?.credentials?.[0]?.credential;
  if (typeof issued === "string") return { credential: fromBase64url(issued) };
  const { transaction_id: transactionId, interval } = answer ?? {};
  if (typeof transactionId !== "string" || !(interval > 0)) {
    throw localProblem("claim.no_credential", "no_credential");
  }
  return { waiting: { ...held, transactionId, askAt: now + interval } };
}

/**
 * @param {string} issuerName
 * @param {AbortSignal} [cancel]
 */
async function metadata(issuerName, cancel) {
  const within = cancel ? { cancel } : {};
  const issuer = await call(own(wellKnown(issuerName, "openid-credential-issuer")), within);
  const serverName = issuer.authorization_servers?.[0] ?? issuerName;
  const server = await call(own(wellKnown(serverName, "oauth-authorization-server")), within);
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
