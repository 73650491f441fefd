// A browser of the demonstration becomes a terminal by itself and opens a shift, with a key that
// lasts as long as the page. In production a device is registered with a code of the console.

import { call } from "../shared/api.js";
import { toBase64url } from "../shared/base64url.js";

const CODE = "DEMONSTRATION";

/**
 * Open a shift; raises a `Problem`.
 *
 * @param {import("../shared/clock.js").RegisterClock} clock
 */
export async function openShift(clock) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const made = { aud: location.origin, iat: Math.floor(clock.now() / 1000) };
  const prove = (/** @type {string} */ typ, /** @type {object} */ claims) =>
    sign(pair.privateKey, { alg: "ES256", typ }, { ...made, jti: crypto.randomUUID(), ...claims });
  const { terminal_id } = await call("/terminals", {
    json: {
      registration_code: CODE,
      label: location.host,
      jwk: { kty, crv, x, y },
      proof: await prove("jiazhao-terminal+jwt", { code: CODE }),
    },
  });
  await call("/shifts", { json: { proof: await prove("jiazhao-shift+jwt", { terminal_id }) } });
}

/**
 * A JSON Web Signature, compact (RFC 7515).
 *
 * @param {CryptoKey} key
 * @param {object} header
 * @param {object} claims
 */
async function sign(key, header, claims) {
  const [head, body] = [header, claims].map((part) => toBase64url(new TextEncoder().encode(JSON.stringify(part))));
  const input = new TextEncoder().encode(`${head}.${body}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, input);
  return `${head}.${body}.${toBase64url(new Uint8Array(signature))}`;
}
