// Keys of vectors and of tests, as WebCrypto takes them.

import { openingKey } from "../../src/jiazhao/web/shared/code-sealing.js";
import { PublicKey } from "../../src/jiazhao/web/shared/public-key.js";

const base64url = (/** @type {Uint8Array} */ octets) => Buffer.from(octets).toString("base64url");
const ECDH = { name: "ECDH", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" };

/**
 * @param {Uint8Array} scalar
 * @param {Uint8Array} point
 */
export function privateJwk(scalar, point) {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64url);
  return { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "", d: base64url(scalar) };
}

/**
 * @param {{ x: string, y: string, d: string }} jwk
 */
export function opening(jwk) {
  return openingKey(jwk, pointOf(jwk));
}

/** @param {{ x: string, y: string }} jwk */
export function pointOf({ x, y }) {
  const coordinates = [x, y].map((text) => new Uint8Array(Buffer.from(text, "base64url")));
  return PublicKey.fromCoordinates(coordinates[0], coordinates[1]).point;
}

/**
 * The ephemeral pair of a vector.
 *
 * @param {{ kty?: string, crv?: string, x: string, y: string, d: string }} jwk
 * @returns {Promise<CryptoKeyPair>}
 */
export async function ephemeralPair({ x, y, d }) {
  const form = { kty: "EC", crv: "P-256", x, y };
  return {
    privateKey: await crypto.subtle.importKey("jwk", { ...form, d }, ECDH, false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("jwk", form, ECDH, true, []),
  };
}

/** A key that seals and opens, made now. */
export async function openingPair() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ECDH, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return { privateKey, point };
}

/** A key that signs, made now. */
export async function signingPair() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ES256, false, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  /** @param {Uint8Array<ArrayBuffer>} message */
  const sign = async (message) => new Uint8Array(await crypto.subtle.sign(ES256, privateKey, message));
  return { key: new PublicKey(point), sign };
}
