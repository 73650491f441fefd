// JWTs that this device signs with its key, which their header names (RFC 7515; RFC 7519).

import { toBase64url } from "../shared/base64url.js";
import { publicJwk, sign } from "./vault.js";

/**
 * What signs in the device's name.
 *
 * @typedef {object} ProofKey
 * @property {import("./vault.js").PublicJwk} jwk
 * @property {(bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} sign
 */

/**
 * @param {CryptoKeyPair} keyPair
 * @returns {Promise<ProofKey>}
 */
export async function proofKey(keyPair) {
  return { jwk: await publicJwk(keyPair), sign: (bytes) => sign(keyPair, bytes) };
}

/**
 * @param {ProofKey} key
 * @param {string} type
 * @param {object} claims
 * @param {object} [named]  what the header says of the key
 * @returns {Promise<string>}
 */
export async function jwt(key, type, claims, named = { jwk: key.jwk }) {
  const header = { typ: type, alg: "ES256", ...named };
  const signed = `${encodeJson(header)}.${encodeJson(claims)}`;
  const signature = await key.sign(new TextEncoder().encode(signed));
  return `${signed}.${toBase64url(signature)}`;
}

/** A name that nobody guesses, for one JWT. */
export function newName() {
  return toBase64url(crypto.getRandomValues(new Uint8Array(16)));
}

/** @param {object} value */
function encodeJson(value) {
  return toBase64url(new TextEncoder().encode(JSON.stringify(value)));
}
