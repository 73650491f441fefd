// COSE_Sign1 (RFC 9052 section 4.2) with ES256 and nothing else.

import { asArray, asBytes, asMap, inspect, readCbor } from "./cbor-reader.js";
import { encodeCbor } from "./cbor.js";
import { unreadable } from "./verification-error.js";

const ALGORITHM = 1;
const CRITICAL = 2;
const X5CHAIN = 33;
const ES256 = -7;
const MAX_CERTIFICATES = 4;

/** A COSE_Sign1 as received; nothing in it is verified. */
export class Sign1 {
  /** @param {unknown} value  as it was read, a part of something greater */
  constructor(value) {
    const [encoded, unprotected, payload, signature] = asArray(value, "COSE_Sign1", 4);
    this.encodedHeader = asBytes(encoded, "COSE protected header");
    this.protected = protectedHeader(this.encodedHeader);
    if (this.protected.has(CRITICAL)) throw unreadable("COSE_Sign1", "unknown critical header");
    this.unprotected = asMap(unprotected, "COSE unprotected header");
    for (const label of this.protected.keys()) {
      if (this.unprotected.has(label)) {
        throw unreadable("COSE_Sign1", "header is both protected and unprotected");
      }
    }
    this.payload = payload === null ? null : asBytes(payload, "COSE payload");
    this.signature = asBytes(signature, "COSE signature");
  }

  /**
   * The x5chain (RFC 9360) in DER, the signer's own first; empty if absent.
   *
   * @returns {Uint8Array[]}
   */
  certificates() {
    const chain = this.unprotected.get(X5CHAIN);
    if (chain === undefined || chain === null) return [];
    const certificates = chain instanceof Uint8Array ? [chain] : asArray(chain, "x5chain");
    if (certificates.length < 1 || certificates.length > MAX_CERTIFICATES) {
      throw unreadable("x5chain", `not 1 to ${MAX_CERTIFICATES} certificates`);
    }
    return certificates.map((certificate) => asBytes(certificate, "x5chain"));
  }

  /**
   * Raise `signature_mismatch` unless the key signed this payload, or the detached one.
   *
   * @param {import("./public-key.js").PublicKey} key
   * @param {Uint8Array | null} [detached]
   */
  async verify(key, detached = null) {
    if (this.protected.get(ALGORITHM) !== ES256) {
      throw unreadable("COSE_Sign1", "algorithm is not ES256");
    }
    const payload = detached ?? this.payload;
    if (payload === null) throw unreadable("COSE_Sign1", "payload is missing");
    const signed = encodeCbor(["Signature1", this.encodedHeader, new Uint8Array(), payload]);
    await key.verify(this.signature, signed);
  }
}

/** @param {Uint8Array} encoded */
function protectedHeader(encoded) {
  if (encoded.length === 0) return asMap(new Map(), "COSE header");
  const header = readCbor(encoded, "COSE protected header");
  inspect(header, "COSE protected header");
  return asMap(header, "COSE header");
}
