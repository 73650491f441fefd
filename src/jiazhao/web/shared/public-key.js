// P-256 public keys and their signatures (ES256), over WebCrypto.

import { fromBase64url, toBase64url } from "./base64url.js";
import { asMap } from "./cbor-reader.js";
import { concatenate } from "./cbor.js";
import { owned, toHex } from "./octets.js";
import { unreadable, VerificationError } from "./verification-error.js";

const ES256 = -7;
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** For a square root modulo P, which is 3 modulo 4. */
const ROOT_EXPONENT = (P + 1n) / 4n;

/** A public key whose point lies on P-256. */
export class PublicKey {
  /** @param {Uint8Array} point  uncompressed: 04, x, y */
  constructor(point) {
    if (point.length !== 65 || point[0] !== 4) {
      throw unreadable("public key", "not an uncompressed point");
    }
    const x = BigInt(`0x${toHex(point.subarray(1, 33))}`);
    const y = BigInt(`0x${toHex(point.subarray(33))}`);
    if (x >= P || y >= P || (y * y - (x * x * x - 3n * x + B)) % P !== 0n) {
      throw unreadable("public key", "point is not on P-256");
    }
    this.point = owned(point);
  }

  /**
   * Read a compressed point (SEC 1 section 2.3.4): 02 or 03 by the parity of y, then x.
   *
   * @param {Uint8Array} octets
   */
  static fromCompressed(octets) {
    const [parity = 0] = octets;
    if (octets.length !== 33 || (parity !== 2 && parity !== 3)) {
      throw unreadable("public key", "not a compressed point");
    }
    const x = BigInt(`0x${toHex(octets.subarray(1))}`);
    const root = power(x * x * x - 3n * x + B, ROOT_EXPONENT);
    const y = (root & 1n) === BigInt(parity & 1) ? root : P - root;
    const point = new Uint8Array(65);
    point[0] = 4;
    point.set(octets.subarray(1), 1);
    for (let at = 64, rest = y; at > 32; at--, rest >>= 8n) point[at] = Number(rest & 0xffn);
    // Where there is no root, the point is not on the curve, and refused as such.
    return new PublicKey(point);
  }

  /** The point in its compressed form, 33 octets. */
  get compressed() {
    return concatenate([Uint8Array.of(2 | ((this.point[64] ?? 0) & 1)), this.point.subarray(1, 33)]);
  }

  /**
   * Read a COSE_Key (RFC 9052 section 7): kty EC2, crv P-256, no private part.
   *
   * @param {unknown} coseKey
   */
  static fromCose(coseKey) {
    const members = asMap(coseKey, "COSE_Key");
    if (members.get(1) !== 2 || members.get(-1) !== 1) {
      throw unreadable("COSE_Key", "not a key on P-256");
    }
    if (members.has(-4)) throw unreadable("COSE_Key", "holds a private key");
    if (members.has(3) && members.get(3) !== ES256) {
      throw unreadable("COSE_Key", "is for another algorithm");
    }
    return PublicKey.fromCoordinates(members.get(-2), members.get(-3));
  }

  /**
   * Read a JWK (RFC 7517): kty EC, crv P-256, no private part.
   *
   * @param {unknown} jwk
   */
  static fromJwk(jwk) {
    if (!(jwk instanceof Map) || jwk.get("kty") !== "EC" || jwk.get("crv") !== "P-256") {
      throw unreadable("JWK", "not a key on P-256");
    }
    if (jwk.has("d")) throw unreadable("JWK", "holds a private key");
    const other = (/** @type {string} */ name, /** @type {string} */ only) =>
      jwk.has(name) && jwk.get(name) !== only;
    if (other("alg", "ES256") || other("use", "sig")) {
      throw unreadable("JWK", "is not for ES256 signatures");
    }
    return PublicKey.fromCoordinates(
      readBase64url(jwk.get("x"), "JWK"),
      readBase64url(jwk.get("y"), "JWK"),
    );
  }

  /**
   * @param {unknown} x
   * @param {unknown} y
   */
  static fromCoordinates(x, y) {
    if (!(x instanceof Uint8Array) || !(y instanceof Uint8Array) || x.length !== 32 || y.length !== 32) {
      throw unreadable("public key", "coordinates are not 32 octets each");
    }
    return new PublicKey(concatenate([Uint8Array.of(4), x, y]));
  }

  /**
   * Raise `signature_mismatch` unless the 64 octets r and s sign the message.
   *
   * @param {Uint8Array} signature
   * @param {Uint8Array} message
   */
  async verify(signature, message) {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", this.point, algorithm, false, ["verify"]);
    const fits =
      signature.length === 64 &&
      (await crypto.subtle.verify(algorithm, key, owned(signature), owned(message)));
    if (!fits) throw new VerificationError("signature_mismatch");
  }
}

/**
 * @param {bigint} base
 * @param {bigint} exponent
 */
function power(base, exponent) {
  let result = 1n;
  let square = ((base % P) + P) % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/**
 * Read base64url from others: `unreadable` for what is none.
 *
 * @param {unknown} text
 * @param {string} what
 */
export function readBase64url(text, what) {
  try {
    if (typeof text === "string") return fromBase64url(text);
  } catch {
    // Told below.
  }
  throw unreadable(what, "not base64url");
}

/**
 * @param {string} text  ASCII, as it is hashed
 * @returns {Promise<string>}  SHA-256 in base64url
 */
export async function sha256Base64url(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toBase64url(new Uint8Array(digest));
}
