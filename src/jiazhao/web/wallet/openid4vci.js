// The wallet's side of OpenID4VCI 1.0 with a pre-authorised code: metadata, token, nonce, proof,
// credential; asking again where a person decides first; and coming back for more. Tokens are
// bound to the device key (DPoP, RFC 9449); where the issuer's metadata ask who vouches for the
// wallet and for its keys, that is shown (HAIP 1.0). Any issuer that follows the standards would do, but
// only the own origin is accepted: the page's policy lets nothing else through.

import { Problem, call, localProblem } from "../shared/api.js";
import { fromBase64url, toBase64url } from "../shared/base64url.js";
import { jwt, newName } from "./jwt.js";
import { NEEDS_CHALLENGE, inWords, isStale, proofsAskedBy } from "./vouching.js";

const GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const PROOF_TYPE = "openid4vci-proof+jwt"; // appendix F.1
const DPOP_TYPE = "dpop+jwt"; // RFC 9449 section 4.2

/** @typedef {import("../shared/answers.js").CredentialOffer} CredentialOffer */
/** @typedef {import("./jwt.js").ProofKey} ProofKey */
/** @typedef {import("./vault.js").Waiting} Waiting */
/** @typedef {import("./vault.js").Tokens} Tokens */
/** @typedef {import("./vouching.js").Vouching} Vouching */

/** A token is renewed so many seconds before it lapses: it must last for one request. */
const RENEW_BEFORE = 30;

/** Nobody waits for what is fetched in the background; a batch takes a busy issuer a while. */
export const IN_THE_BACKGROUND = 60_000;

/**
 * The credential's bytes (an mdoc's IssuerSigned), or how to ask for it later.
 *
 * @typedef {{ credential: Uint8Array, tokens: Tokens } | { waiting: Waiting }} Outcome
 */

/**
 * Take the offered credential.
 *
 * @param {CredentialOffer} offer
 * @param {string | null} txCode
 * @param {ProofKey} key
 * @param {{ now: number, vouching: Vouching, cancel: AbortSignal }} options  seconds since 1970 by
 *   the register's clock
 * @returns {Promise<Outcome>}
 */
export async function takeCredential(offer, txCode, key, { now, vouching, cancel }) {
  const line = new Line(await metadata(offer.credential_issuer, cancel), key, vouching, now, { cancel });
  const first = offer.credential_configuration_ids[0];
  line.proofsFor(first); // what cannot be proven is known before the offer is used up
  const token = await line.token(tokenRequest(offer, txCode));
  const held = holding({ issuer: offer.credential_issuer, ...credentialAsked(first, token) }, token, now);
  return outcome(await request(held, [key], held, line), held, now);
}

/**
 * Ask for a credential that waits for a person.
 *
 * @param {Waiting} waiting
 * @param {ProofKey} key
 * @param {{ now: number, vouching: Vouching, keep: (waiting: Waiting) => Promise<void> }} options
 *   `keep` is called with renewed tokens before they are used, for the former ones work no more
 * @returns {Promise<Outcome>}
 */
export async function askAgain(waiting, key, { now, vouching, keep }) {
  const line = new Line(await metadata(waiting.issuer), key, vouching, now);
  let held = waiting;
  if (now >= waiting.renewAt) {
    held = holding(waiting, await line.token(refreshRequest(waiting)), now);
    await keep(held);
  }
  try {
    const json = { transaction_id: held.transactionId };
    const answer = await line.post(line.issuer.deferred_credential_endpoint, { json, token: held.accessToken });
    return outcome(answer, held, now);
  } catch (error) {
    if (!(error instanceof Problem && error.error === "invalid_transaction_id")) throw error;
    // The answer may have been lost on its way: the same key is given the same copy again.
    return outcome(await request(held, [key], held, line), held, now);
  }
}

/**
 * What to ask for when coming back: the configuration, by its format, and a key for each copy.
 *
 * @typedef {object} Wish
 * @property {string} format
 * @property {(most: number) => Promise<ProofKey[]>} keys   given how many one request may bring
 * @property {(credentials: string[]) => Promise<void>} take  in the order of the keys
 */

/**
 * Come back for more while the electronic licence lives.
 *
 * @param {Tokens} tokens
 * @param {ProofKey} key
 * @param {readonly Wish[]} wishes
 * @param {{ now: number, vouching: Vouching, keep: (tokens: Tokens) => Promise<void> }} options  as
 *   for `askAgain`
 */
export async function comeBack(tokens, key, wishes, { now, vouching, keep }) {
  const line = new Line(await metadata(tokens.issuer), key, vouching, now, { patience: IN_THE_BACKGROUND });
  const { issuer } = line;
  const token = await line.token(refreshRequest(tokens));
  const held = tokensOf(tokens.issuer, token, now, tokens.refreshToken);
  await keep(held);
  const most = issuer.batch_credential_issuance?.batch_size ?? 1;
  const offered = Object.entries(issuer.credential_configurations_supported ?? {});
  for (const { format, keys, take } of wishes) {
    const configuration = offered.find(([, one]) => one.format === format)?.[0];
    if (configuration === undefined) continue; // this issuer has no such credential
    const wanted = { asked: { credential_configuration_id: configuration }, configuration };
    const answer = await request(held, await keys(most), wanted, line);
    const credentials = (answer?.credentials ?? []).map((/** @type {any} */ one) => one?.credential);
    if (credentials.length === 0) throw localProblem("claim.no_credential", "no_credential");
    await take(credentials);
  }
}

/**
 * A claim with the tokens that were just given for it.
 *
 * @param {Pick<Waiting, "issuer" | "asked" | "configuration"> & Partial<Waiting>} claim
 * @param {any} token
 * @param {number} now
 * @returns {Waiting}
 */
function holding(claim, token, now) {
  const tokens = tokensOf(claim.issuer, token, now, claim.refreshToken);
  return { transactionId: "", askAt: now, over: false, ...claim, ...tokens };
}

/**
 * @param {string} issuer
 * @param {any} token
 * @param {number} now
 * @param {string} [former]  a refresh token may stay the same, and then need not be repeated
 * @returns {Tokens}
 */
function tokensOf(issuer, token, now, former = "") {
  return {
    issuer,
    accessToken: token.access_token,
    refreshToken: token.refresh_token ?? former,
    renewAt: now + (token.expires_in ?? 0) - RENEW_BEFORE,
  };
}

/**
 * @typedef {object} Content
 * @property {URLSearchParams} [form]
 * @property {unknown} [json]
 * @property {string} [token]
 * @property {() => Promise<Record<string, string>>} [fields]  headers, made anew for each try
 */

/** Requests of one key to one issuer, each with its proof, and the issuer's nonce for the next. */
class Line {
  #key;
  #limits;
  #server;
  #nonce = "";
  #challenge = "";

  /**
   * @param {{ issuer: any, server: any }} metadata
   * @param {ProofKey} key
   * @param {Vouching} vouching
   * @param {number} now  seconds since 1970 by the register's clock
   * @param {{ cancel?: AbortSignal, patience?: number }} [limits]
   */
  constructor({ issuer, server }, key, vouching, now, limits = {}) {
    this.issuer = issuer;
    this.vouching = vouching;
    this.now = now;
    this.#server = server;
    this.#key = key;
    this.#limits = limits;
  }

  /** What proofs a kind of credential wants. @param {string | undefined} configuration */
  proofsFor(configuration) {
    return proofsAskedBy(this.issuer.credential_configurations_supported?.[configuration ?? ""]);
  }

  /**
   * Ask for tokens, as a wallet that is vouched for where that is asked.
   *
   * @param {URLSearchParams} form
   * @returns {Promise<any>}
   */
  async token(form) {
    const { token_endpoint: address } = this.#server;
    if (!(await this.vouching.isAskedBy(this.#server))) return this.post(address, { form });
    const fields = async () => {
      if (this.#challenge === "") await this.#fetchChallenge();
      const to = { audience: this.#server.issuer, challenge: this.#challenge };
      const client = await this.vouching.client(to);
      form.set("client_id", client.clientId);
      return client.fields;
    };
    try {
      return await this.post(address, { form, fields });
    } catch (error) {
      if (isStale(error)) await this.vouching.renew();
      else if (!(error instanceof Problem && error.error === NEEDS_CHALLENGE)) throw inWords(error);
    }
    return this.post(address, { form, fields }).catch((error) => {
      throw inWords(error);
    });
  }

  /** The next one comes with each answer (draft 10, section 6). */
  async #fetchChallenge() {
    const answer = await this.#send(this.#server.challenge_endpoint, {}, {});
    this.#challenge = answer.attestation_challenge;
  }

  /**
   * @param {string} address
   * @param {Content} content
   * @returns {Promise<any>}
   */
  async post(address, content) {
    // The first proof, too, names a nonce: one that is asked for is not refused first.
    if (this.#nonce === "") await this.nonce();
    try {
      return await this.#prove(address, content);
    } catch (error) {
      // The nonce has grown old (RFC 9449 section 8).
      if (!(error instanceof Problem && error.error === "use_dpop_nonce")) throw error;
      return this.#prove(address, content);
    }
  }

  /** A nonce for a key proof (section 7); the next DPoP proof's comes with it. @returns {Promise<string>} */
  async nonce() {
    const { c_nonce: nonce } = await this.#send(this.issuer.nonce_endpoint, {}, {});
    return nonce;
  }

  /**
   * @param {string} address
   * @param {Content} content
   */
  async #prove(address, { token, fields, ...body }) {
    const proved = { ...(await fields?.()), DPoP: await this.#proof(address, token) };
    return this.#send(address, body, token ? { ...proved, Authorization: `DPoP ${token}` } : proved);
  }

  /**
   * @param {string} address
   * @param {{ form?: URLSearchParams, json?: unknown }} body
   * @param {Record<string, string>} headers
   */
  #send(address, body, headers) {
    return call(own(address), {
      method: "POST",
      ...body,
      headers,
      ...this.#limits,
      heard: (answered) => {
        this.#nonce = answered.get("dpop-nonce") ?? this.#nonce;
        this.#challenge = answered.get("oauth-client-attestation-challenge") ?? this.#challenge;
      },
    });
  }

  /**
   * @param {string} address
   * @param {string} [token]
   */
  async #proof(address, token) {
    return jwt(this.#key, DPOP_TYPE, {
      jti: newName(),
      htm: "POST",
      htu: address,
      iat: Math.floor(this.now),
      ...(this.#nonce ? { nonce: this.#nonce } : {}),
      ...(token ? { ath: await hashOf(token) } : {}),
    });
  }
}

/** @param {string} token */
async function hashOf(token) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return toBase64url(new Uint8Array(digest));
}

/**
 * Ask the credential endpoint, with a fresh proof of each key.
 *
 * @param {Tokens} held
 * @param {readonly ProofKey[]} keys
 * @param {Pick<Waiting, "asked" | "configuration">} wanted  which credential
 * @param {Line} line
 */
async function request(held, keys, { asked, configuration }, line) {
  const way = line.proofsFor(configuration ?? /** @type {any} */ (asked).credential_configuration_id);
  const nonce = await line.nonce();
  const claims = { audience: held.issuer, nonce, now: line.now };
  const proofs = way === "keys" ? { jwt: await Promise.all(keys.map((key) => proof(key, claims))) } : await vouchedProofs();
  return line.post(line.issuer.credential_endpoint, { json: { ...asked, proofs }, token: held.accessToken });

  async function vouchedProofs() {
    const attestation = await line.vouching.keys(keys, nonce);
    const [first] = keys;
    if (way === "attestation" || first === undefined) return { attestation: [attestation] };
    return { jwt: [await proof(first, claims, { jwk: first.jwk, key_attestation: attestation })] };
  }
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
  if (typeof issued === "string") {
    const { issuer, accessToken, refreshToken, renewAt } = held;
    return { credential: fromBase64url(issued), tokens: { issuer, accessToken, refreshToken, renewAt } };
  }
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

/** @param {Tokens} tokens */
function refreshRequest({ refreshToken }) {
  return new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
}

/**
 * A token that names credential identifiers wants one of them (section 8.2).
 *
 * @param {string | undefined} first  configuration that is offered
 * @param {any} token
 */
function credentialAsked(first, token) {
  const [detail] = token.authorization_details ?? [];
  const identifier = detail?.credential_identifiers?.[0];
  return identifier
    ? { asked: { credential_identifier: identifier }, configuration: detail.credential_configuration_id ?? first }
    : { asked: { credential_configuration_id: first }, configuration: first };
}

/**
 * Prove that the key is held here: a JWT signed by it over the issuer's nonce.
 *
 * @param {ProofKey} key
 * @param {{ audience: string, nonce: string, now: number }} claims
 * @param {object} [named]  what the header says of the key
 * @returns {Promise<string>}
 */
export async function proof(key, { audience, nonce, now }, named) {
  return jwt(key, PROOF_TYPE, { aud: audience, iat: Math.floor(now), nonce }, named);
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
