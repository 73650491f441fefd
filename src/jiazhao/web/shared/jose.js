// JSON Web Signature, compact (RFC 7515), with ES256 and nothing else. The caller names the
// `typ` that he expects, so that a token of one kind never passes as another; no key is taken
// because a token says so, and any `crit` is refused, for none is known.

import { readJsonObject } from "./json-reader.js";
import { readBase64url } from "./public-key.js";
import { unreadable, VerificationError } from "./verification-error.js";

export const MAX_TOKEN_CHARS = 65_536;
const MAX_CERTIFICATES = 4;

/** A JWS as received: well-formed, of the expected typ and algorithm, not verified. */
export class Token {
  /**
   * @param {string} text
   * @param {string} typ
   * @param {number} [maxChars]
   */
  constructor(text, typ, maxChars = MAX_TOKEN_CHARS) {
    if (text.length > maxChars) throw bad(`more than ${maxChars} characters`);
    const [header, payload, signature, ...more] = text.split(".");
    if (header === undefined || payload === undefined || signature === undefined || more.length) {
      throw bad("not three parts");
    }
    this.header = readJsonObject(readBase64url(header, "JWS header"), "JWS header");
    if (this.header.get("alg") !== "ES256") throw bad("alg is not ES256");
    if (this.header.get("typ") !== typ) throw bad(`typ is not ${typ}`);
    if (this.header.has("crit")) throw bad("unknown critical header");
    this.claims = readJsonObject(readBase64url(payload, "JWS payload"), "JWS payload", maxChars);
    this.signature = readBase64url(signature, "JWS signature");
    this.signingInput = new TextEncoder().encode(`${header}.${payload}`);
  }

  /**
   * Raise `signature_mismatch` unless the key signed the claims.
   *
   * @param {import("./public-key.js").PublicKey} key
   */
  async verify(key) {
    await key.verify(this.signature, this.signingInput);
  }

  /**
   * The certificates of `x5c` in DER, the signer's own first.
   *
   * @returns {Uint8Array[]}
   */
  certificates() {
    const chain = this.header.get("x5c");
    if (!Array.isArray(chain) || !chain.length || chain.length > MAX_CERTIFICATES) {
      throw unreadable("x5c", `not 1 to ${MAX_CERTIFICATES} certificates`);
    }
    return chain.map(certificate);
  }
}

/**
 * Read padded base64, which x5c alone uses (RFC 7515 section 4.1.6).
 *
 * @param {unknown} entry
 */
function certificate(entry) {
  if (typeof entry !== "string" || entry.length > MAX_TOKEN_CHARS || !BASE64.test(entry)) {
    throw unreadable("x5c", "not base64");
  }
  const url = entry.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return readBase64url(url, "x5c");
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @param {string} reason */
function bad(reason) {
  return new VerificationError("bad_token", reason);
}
