// Proofs that a request comes from this terminal: tokens signed by its key, each for one request.

import { toBase64url } from "../shared/base64url.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** A key pair that cannot leave this browser. @returns {Promise<CryptoKeyPair>} */
export function makeTerminalKey() {
  return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
}

/** @param {CryptoKeyPair} keyPair */
export async function publicJwk({ publicKey }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { kty, crv, x, y };
}

/**
 * @param {CryptoKeyPair} keyPair
 * @param {"jiazhao-terminal+jwt" | "jiazhao-shift+jwt" | "jiazhao-records+jwt"} typ
 * @param {number} now  milliseconds since 1970 by the register's clock
 * @param {Record<string, string>} claims
 */
export async function proofBy({ privateKey }, typ, now, claims) {
  const told = { aud: location.origin, iat: Math.floor(now / 1000), jti: crypto.randomUUID(), ...claims };
  const input = `${part({ alg: "ES256", typ })}.${part(told)}`;
  const octets = new TextEncoder().encode(input);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, octets);
  return `${input}.${toBase64url(new Uint8Array(signature))}`;
}

/** @param {object} value */
function part(value) {
  return toBase64url(new TextEncoder().encode(JSON.stringify(value)));
}
