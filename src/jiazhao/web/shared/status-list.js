// Status lists and their tokens (Token Status List, draft 20, sections 4 and 5), as JWT or CWT.
// Whatever is wrong with a token, its reader learns only that the status is not known: a code
// that begins with `status_`. A damaged list must neither end a licence nor revive one.

import { asBytes, asMap, Float, inspect, readCbor } from "./cbor-reader.js";
import { requireValidity, STATUS_SIGNING, vouchedSigner } from "./chain.js";
import { concatenate } from "./cbor.js";
import { Sign1 } from "./cose.js";
import { Token } from "./jose.js";
import { Fraction } from "./json-reader.js";
import { fromUtf8, owned, sameOctets } from "./octets.js";
import { readBase64url } from "./public-key.js";
import { VerificationError } from "./verification-error.js";
import { CLOCK_SKEW } from "./verify-steps.js";

const MAX_OCTETS = 1 << 22;
const MAX_TOKEN_OCTETS = MAX_OCTETS + MAX_OCTETS / 2;
const WIDTHS = [1, 2, 4, 8];
const FURTHEST = Date.UTC(9999, 0, 1) / 1000;

const JWT_TYPE = "statuslist+jwt";
const CWT_TYPE = "application/statuslist+cwt";
const SIGN1 = 0xd2; // tag 18, which must be there (section 5.2)
const TAGS = [18];
const COSE_TYPE = 16;
const SUB = 2;
const EXP = 4;
const IAT = 6;
const TTL = 65534;
const STATUS_LIST = 65533;

/** @typedef {import("./verify-steps.js").TrustAnchors} TrustAnchors */

/** A list that was read from a verified token; times are milliseconds since 1970. */
export class StatusList {
  /** @param {{ uri: string, issuedAt: number, expiresAt: number, bits: number, octets: Uint8Array }} read */
  constructor({ uri, issuedAt, expiresAt, bits, octets }) {
    this.uri = uri;
    this.issuedAt = issuedAt;
    this.expiresAt = expiresAt;
    this.bits = bits;
    this.octets = octets;
  }

  /**
   * The status at a place of the list.
   *
   * @param {number | bigint} index
   */
  status(index) {
    return readStatus(this.octets, index, this.bits);
  }
}

/**
 * One status of unfolded octets: the first stands in the least significant bits.
 *
 * @param {Uint8Array} octets
 * @param {number | bigint} index
 * @param {number} bits
 */
export function readStatus(octets, index, bits) {
  const perOctet = 8 / bits;
  const place = Number(index);
  const octet = octets[Math.floor(place / perOctet)];
  if (octet === undefined) throw new VerificationError("status_index_out_of_range");
  return (octet >> ((place % perOctet) * bits)) & ((1 << bits) - 1);
}

/**
 * Unfold `lst` (ZLIB, RFC 1950) within bounds.
 *
 * @param {Uint8Array} compressed
 */
export async function decompress(compressed) {
  const stream = new Blob([owned(compressed)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const octets = concatenate(await chunksOf(stream.getReader()));
  // Not every runtime minds octets behind the stream; its checksum must stand last.
  if (!sameOctets(compressed.subarray(-4), adler32(octets))) throw unreadable("zlib");
  return octets;
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function chunksOf(reader) {
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw unreadable("zlib");
    });
    if (done) return chunks;
    chunks.push(value);
    length += value.length;
    if (length > MAX_OCTETS) {
      await reader.cancel();
      throw unreadable("too large");
    }
  }
}

/** @param {Uint8Array} octets */
function adler32(octets) {
  let a = 1;
  let b = 0;
  for (const octet of octets) {
    a = (a + octet) % 65521;
    b = (b + a) % 65521;
  }
  return Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255);
}

/**
 * The list of a JWT or CWT that a trusted root vouches for and that holds at `now`.
 *
 * @param {Uint8Array} token
 * @param {object} given
 * @param {string} given.expectedUri        what the verified credential names
 * @param {number} given.now                milliseconds since 1970
 * @param {TrustAnchors} given.trust
 * @param {number | null} [given.newestSeen]  when the newest list was issued that was met: an
 *   older one may have been put back to hide a change
 * @returns {Promise<StatusList>}
 */
export async function verifyStatusToken(token, { expectedUri, now, trust, newestSeen = null }) {
  const list = await read(token, now, trust).catch((error) => {
    throw undetermined(error);
  });
  if (list.uri !== expectedUri) throw new VerificationError("status_for_another_list");
  if (!(list.issuedAt <= now + CLOCK_SKEW) || now >= list.expiresAt) {
    throw new VerificationError("status_stale");
  }
  if (newestSeen !== null && list.issuedAt < newestSeen) {
    throw new VerificationError("status_rolled_back");
  }
  return list;
}

/** @param {unknown} error */
function undetermined(error) {
  if (!(error instanceof VerificationError) || error.code.startsWith("status_")) return error;
  if (error.code === "unreadable" || error.code === "bad_token") return unreadable(error.reason);
  return new VerificationError("status_not_trusted", error.code);
}

/**
 * @param {Uint8Array} token
 * @param {number} now
 * @param {TrustAnchors} trust
 */
async function read(token, now, trust) {
  if (token.length > MAX_TOKEN_OCTETS) throw unreadable("too large");
  const claims = token[0] === SIGN1 ? await readCwt(token, now, trust) : await readJwt(token, now, trust);
  const { sub, iat, exp, ttl, bits, lst } = claims;
  if (typeof sub !== "string") throw unreadable("sub");
  if (typeof bits !== "number" || !WIDTHS.includes(bits)) throw unreadable("bits");
  if (ttl !== undefined && ttl !== null) instant(ttl, "ttl");
  return new StatusList({
    uri: sub,
    issuedAt: instant(iat, "iat"),
    expiresAt: instant(exp, "exp"),
    bits,
    octets: await decompress(lst),
  });
}

/**
 * @param {Uint8Array} received
 * @param {number} now
 * @param {TrustAnchors} trust
 */
async function readJwt(received, now, trust) {
  if (received.some((octet) => octet > 0x7f)) throw unreadable("neither JWT nor CWT");
  const token = new Token(fromUtf8(received), JWT_TYPE, MAX_TOKEN_OCTETS);
  await token.verify(await signerKey(token.certificates(), now, trust));
  const { claims } = token;
  const inner = asMap(claims.get("status_list"), "status_list");
  const [sub, iat, exp, ttl] = ["sub", "iat", "exp", "ttl"].map((name) => claims.get(name));
  return { sub, iat, exp, ttl, bits: inner.get("bits"), lst: readBase64url(inner.get("lst"), "lst") };
}

/**
 * @param {Uint8Array} received
 * @param {number} now
 * @param {TrustAnchors} trust
 */
async function readCwt(received, now, trust) {
  const signed = new Sign1(readInspected(received, TAGS));
  if (signed.protected.get(COSE_TYPE) !== CWT_TYPE) throw unreadable("type");
  await signed.verify(await signerKey(signed.certificates(), now, trust));
  const claims = asMap(readInspected(asBytes(signed.payload, "CWT"), []), "CWT");
  const inner = asMap(claims.get(STATUS_LIST), "status_list");
  const [sub, iat, exp, ttl] = [SUB, IAT, EXP, TTL].map((label) => claims.get(label));
  return { sub, iat, exp, ttl, bits: inner.get("bits"), lst: asBytes(inner.get("lst"), "lst") };
}

/**
 * @param {Uint8Array} octets
 * @param {readonly number[]} tags
 */
function readInspected(octets, tags) {
  const value = readCbor(octets, "CWT", { tags, maxOctets: MAX_TOKEN_OCTETS });
  inspect(value, "CWT");
  return value;
}

/**
 * @param {readonly Uint8Array[]} chain
 * @param {number} now
 * @param {TrustAnchors} trust
 */
async function signerKey(chain, now, { roots, compromised }) {
  const signer = await vouchedSigner(chain, roots, STATUS_SIGNING);
  requireValidity(signer, now);
  if (compromised.some((point) => sameOctets(point, signer.key.point))) {
    throw new VerificationError("signer_compromised");
  }
  return signer.key;
}

/**
 * Seconds as both forms carry them, as milliseconds.
 *
 * @param {unknown} value
 * @param {string} name
 */
function instant(value, name) {
  const seconds = value instanceof Float || value instanceof Fraction ? value.value : value;
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds < FURTHEST)) throw unreadable(name);
  return seconds * 1000;
}

/** @param {string} reason */
function unreadable(reason) {
  return new VerificationError("status_unreadable", reason);
}
