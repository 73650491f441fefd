// Being vouched for, where an issuer asks for that (HAIP 1.0): the wallet provider of this origin
// says that a driver was signed in with this instance of the wallet, and where its keys are kept.
// It says no more than a page can show: a browser made the keys and keeps them, no chip does, and
// they sign without being unlocked. Sources: OpenID4VCI 1.0 appendices D and E; OAuth 2.0
// Attestation-Based Client Authentication (drafts 07 to 10).

import { Problem, call, localProblem } from "../shared/api.js";
import { inBoth } from "../shared/i18n.js";
import { jwt, newName, proofKey } from "./jwt.js";
import { makeKeyPair } from "./vault.js";

const PROVIDER = "/wallet-provider";
const REQUEST_TYPE = "jiazhao-attestation-request+jwt";
const POP_TYPE = "oauth-client-attestation-pop+jwt"; // drafts 07 to 10, section 5.2
const METHOD = "attest_jwt_client_auth"; // section 8

/** What can be said of where these keys are kept; the provider says the same. */
const KEY_STORAGE = "urn:jiazhao:key-storage:browser-software";

/** Vouched for anew so many seconds before it lapses: it must last for one visit to the issuer. */
const RENEW_BEFORE = 3600;

/** What the issuer says of an attestation that it does not take, or not any more. */
const STALE = ["invalid_client_attestation", "use_fresh_attestation"];
export const NEEDS_CHALLENGE = "use_attestation_challenge";

export const NEEDS_SIGN_IN = "vouching_needs_sign_in";
const REASONS = [NEEDS_SIGN_IN, "vouching_refused", "keys_not_enough", "not_vouched_for", "wallets_not_vouched"];

/** @typedef {import("./jwt.js").ProofKey} ProofKey */
/** @typedef {import("./vault.js").Vouched} Vouched */

/**
 * Where it is kept what was said of this instance.
 *
 * @typedef {object} Safe
 * @property {() => Promise<Vouched | null>} recall
 * @property {(vouched: Vouched) => Promise<void>} keep
 */

/** Whether it is for want of an attestation that nothing came. @param {Problem} problem */
export function isUnvouched({ code }) {
  return REASONS.includes(code);
}

/** One instance of the wallet, and what its provider says of it and of its keys. */
export class Vouching {
  #safe;
  #now;
  #limits;

  /**
   * @param {Safe} safe
   * @param {number} now  seconds since 1970 by the register's clock
   * @param {{ cancel?: AbortSignal, patience?: number }} [limits]
   */
  constructor(safe, now, limits = {}) {
    const begun = performance.now();
    this.#safe = safe;
    // The provider takes a proof for a minute, and a batch that was fetched before may take longer.
    this.#now = () => now + (performance.now() - begun) / 1000;
    this.#limits = limits;
  }

  /**
   * Whether to show at a token endpoint who vouches: where nothing else is taken, and where what
   * was given before is bound to this instance.
   *
   * @param {any} server  its metadata
   */
  async isAskedBy(server) {
    const methods = server.token_endpoint_auth_methods_supported ?? [];
    if (!methods.includes(METHOD)) return false;
    return !methods.includes("none") || (await this.#safe.recall()) !== null;
  }

  /**
   * The client that is vouched for, and the fields that show it in one request.
   *
   * @param {{ audience: string, challenge: string }} to
   */
  async client({ audience, challenge }) {
    const { keyPair, attestation, clientId } = await this.#live();
    const claims = { iss: clientId, aud: audience, jti: newName(), iat: this.#seconds(), challenge };
    const proof = await jwt(await proofKey(keyPair), POP_TYPE, claims, {});
    return { clientId, fields: { "OAuth-Client-Attestation": attestation, "OAuth-Client-Attestation-PoP": proof } };
  }

  /**
   * An attestation of keys, for the one request that the issuer's nonce is for.
   *
   * @param {readonly ProofKey[]} keys
   * @param {string} nonce
   * @returns {Promise<string>}
   */
  async keys(keys, nonce) {
    try {
      return await this.#attested(await this.#live(), keys, nonce);
    } catch (error) {
      if (!isRefused(error)) throw error;
      // The provider's key was changed since: what it said before counts no more.
      return this.#attested(await this.renew(), keys, nonce);
    }
  }

  /**
   * Be vouched for anew: by what was said before, else as the driver who is signed in.
   *
   * @returns {Promise<Vouched>}
   */
  async renew() {
    const { keyPair, attestation } = (await this.#safe.recall()) ?? { keyPair: await makeKeyPair(), attestation: null };
    const said = await this.#say(await proofKey(keyPair), attestation);
    const vouched = {
      keyPair,
      attestation: said.client_attestation,
      clientId: said.client_id,
      renewAt: Date.parse(said.expires_at) / 1000 - RENEW_BEFORE,
    };
    await this.#safe.keep(vouched);
    return vouched;
  }

  async #live() {
    const held = await this.#safe.recall();
    return held !== null && this.#now() < held.renewAt ? held : this.renew();
  }

  /**
   * @param {ProofKey} key
   * @param {string | null} former
   */
  async #say(key, former) {
    if (former !== null) {
      try {
        return await this.#call("client-attestations/renewal", { proof: await this.#ask(key), client_attestation: former });
      } catch (error) {
        if (!isRefused(error)) throw error; // too long ago, or by a key that was withdrawn
      }
    }
    try {
      return await this.#call("client-attestations", { proof: await this.#ask(key) });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) throw localProblem("vouching.sign_in", NEEDS_SIGN_IN);
      throw error;
    }
  }

  /**
   * @param {Vouched} vouched
   * @param {readonly ProofKey[]} keys
   * @param {string} nonce
   */
  async #attested({ keyPair, attestation }, keys, nonce) {
    const said = await this.#call("key-attestations", {
      proof: await this.#ask(await proofKey(keyPair), nonce),
      client_attestation: attestation,
      key_proofs: await Promise.all(keys.map((key) => this.#ask(key, nonce))),
    });
    return said.key_attestation;
  }

  /**
   * @param {ProofKey} key
   * @param {string} [nonce]
   */
  #ask(key, nonce) {
    return jwt(key, REQUEST_TYPE, { aud: location.origin, iat: this.#seconds(), ...(nonce === undefined ? {} : { nonce }) });
  }

  /**
   * @param {string} door
   * @param {object} json
   */
  #call(door, json) {
    return call(`${PROVIDER}/${door}`, { json, ...this.#limits });
  }

  #seconds() {
    return Math.floor(this.#now());
  }
}

/** Whether a token endpoint wants an attestation other than the one it was shown. @param {unknown} error */
export function isStale(error) {
  return error instanceof Problem && STALE.includes(error.error);
}

/**
 * What a token endpoint said once more, in words where it is about who vouches.
 *
 * @param {unknown} error
 */
export function inWords(error) {
  if (!(error instanceof Problem)) return error;
  const { error: reason } = error;
  if (![...STALE, NEEDS_CHALLENGE, "invalid_client"].includes(reason)) return error;
  return new Problem({ code: "vouching_refused", error: reason, ...inBoth("vouching.refused", { reason }) });
}

/**
 * Which proofs a credential is asked for with: whether keys are to be vouched for, and whether by
 * a proof of one of them that carries it or by the attestation alone (OpenID4VCI 1.0 appendix F).
 *
 * @param {any} configuration  of the issuer's metadata
 * @returns {"keys" | "vouched_keys" | "attestation"}
 */
export function proofsAskedBy(configuration) {
  const { jwt: byKeys, attestation } = configuration?.proof_types_supported ?? {};
  const asked = byKeys ? byKeys.key_attestations_required : attestation?.key_attestations_required;
  if (asked) requireNoMore(asked);
  if (byKeys || !attestation) return asked ? "vouched_keys" : "keys";
  return "attestation";
}

/**
 * More than a browser's key has would be refused, and would not be true.
 *
 * @param {{ key_storage?: string[], user_authentication?: string[] }} asked
 */
function requireNoMore({ key_storage: storage, user_authentication: unlocking }) {
  if ((storage && !storage.includes(KEY_STORAGE)) || unlocking) throw localProblem("vouching.keys", "keys_not_enough");
}

/** @param {unknown} error */
function isRefused(error) {
  return error instanceof Problem && error.code === "not_vouched_for";
}
