// The licence code of version 1, until wallet and service have left it: what the wallet shows as a QR code and the officer's terminal reads.
//
//   "JZ1:" base64url( COSE_Sign1 ), untagged, signed by the device key with ES256 (RFC 9052)
//   payload = [1, instance number, time, counter, nonce, hash of the issuer's part or null]
//
// A code lives 60 seconds; the counter rises with each code, and a use voids every code of the
// key with the same or a lower counter.

import { toBase64url } from "./base64url.js";
import { encodeCbor } from "./cbor.js";

export const PREFIX = "JZ1:";
export const LIFE_SECONDS = 60;
export const NONCE_BYTES = 8;

const VERSION = 1;
const CONTEXT = "jiazhao licence code 1";
const ALGORITHM = 1; // label of the COSE header that names the algorithm
const ES256 = -7;

/**
 * @typedef {object} CodeContent
 * @property {string} instanceNumber  13 digits
 * @property {number} time            seconds since 1970, of the register's clock
 * @property {number} counter         at least 1, higher than any before it
 * @property {Uint8Array} nonce       8 random bytes
 * @property {Uint8Array | null} [issuerPartHash]  SHA-256 of the issuer's part, where there is one
 */

/** @typedef {(bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} Sign  ES256, r and s joined */

/**
 * Build the text of a licence code.
 *
 * @param {CodeContent} content
 * @param {Sign} sign
 * @returns {Promise<string>}
 */
export async function buildLicenceCode(content, sign) {
  const payload = encodePayload(content);
  const signature = await sign(toBeSigned(payload));
  if (signature.length !== 64) throw new RangeError("An ES256 signature has 64 bytes");
  const code = encodeCbor([protectedHeader(), new Map(), payload, signature]);
  return PREFIX + toBase64url(code);
}

/**
 * The payload's bytes.
 *
 * @param {CodeContent} content
 */
export function encodePayload({ instanceNumber, time, counter, nonce, issuerPartHash = null }) {
  if (!/^\d{13}$/.test(instanceNumber)) throw new RangeError("An instance number has 13 digits");
  if (!Number.isSafeInteger(time) || time < 0) throw new RangeError("The time is not usable");
  if (!Number.isSafeInteger(counter) || counter < 1) throw new RangeError("A counter is 1 or more");
  if (nonce.length !== NONCE_BYTES) throw new RangeError("A nonce has 8 bytes");
  return encodeCbor([VERSION, BigInt(instanceNumber), time, counter, nonce, issuerPartHash]);
}

/**
 * The bytes that the device key signs: COSE's Sig_structure over the payload.
 *
 * @param {Uint8Array} payload
 */
export function toBeSigned(payload) {
  const context = new TextEncoder().encode(CONTEXT);
  return encodeCbor(["Signature1", protectedHeader(), context, payload]);
}

function protectedHeader() {
  return encodeCbor(new Map([[ALGORITHM, ES256]]));
}
