// Reading an SD-JWT VC within bounds, and putting the disclosures into their places (RFC 9901,
// section 7.1, but for what needs a key). A disclosure of which no digest was signed is counted,
// for only a trusted signature makes it a forgery.

import { DIGEST_ALGORITHM_NAME, NEVER_DISCLOSED, Places, readDisclosures } from "./disclosures.js";
import { MAX_TOKEN_CHARS, Token } from "./jose.js";
import { Fraction } from "./json-reader.js";
import { PublicKey } from "./public-key.js";
import { unreadable } from "./verification-error.js";

const MEDIA_TYPE = "dc+sd-jwt";
const KEY_BINDING_TYPE = "kb+jwt";
const DIGEST_ALGORITHM = "sha-256";
const MAX_CHARS = 262_144;
const MAX_DISCLOSURES = 128;
const MAX_KEY_BINDING_CHARS = 4096;
const FURTHEST = Date.UTC(9999, 11, 31) / 1000;

/** @typedef {import("./json-reader.js").JsonObject} JsonObject */
/** @typedef {import("./mdoc.js").StatusReference} StatusReference */

/**
 * @typedef {object} KeyBinding  what the holder's device signed (RFC 9901, section 4.3)
 * @property {Token} token
 * @property {number} issuedAt  milliseconds since 1970
 * @property {string} audience
 * @property {string} nonce
 * @property {string} sdHash
 */

/**
 * @typedef {object} SdJwt  nothing in it is verified; times are milliseconds since 1970
 * @property {Token} token
 * @property {readonly Uint8Array[]} chain
 * @property {string} vct
 * @property {string | null} issuer
 * @property {number | null} issuedAt
 * @property {number | null} notBefore
 * @property {number} expiresAt
 * @property {PublicKey} deviceKey
 * @property {StatusReference | null} status
 * @property {boolean} unknownStatus  whether a status is published in another way too
 * @property {JsonObject} claims      about the holder, with what was disclosed in its places
 * @property {readonly import("./disclosures.js").Path[]} disclosed
 * @property {number} unreferenced    disclosures of which the issuer signed no digest
 * @property {KeyBinding | null} keyBinding
 * @property {string} presented       all before the key binding: what `sd_hash` is taken over
 */

/**
 * Take an SD-JWT apart, with or without a key binding.
 *
 * @param {string} received
 * @returns {Promise<SdJwt>}
 */
export async function parseSdJwt(received) {
  if (received.length > MAX_CHARS) throw unreadable("SD-JWT", `more than ${MAX_CHARS} characters`);
  if (/[^\0-\x7f]/.test(received)) throw unreadable("SD-JWT", "not ASCII");
  const parts = received.split("~");
  const issued = parts.shift() ?? "";
  const bound = parts.pop();
  if (bound === undefined) throw unreadable("SD-JWT", "no ~ after the JWT");
  if (parts.length > MAX_DISCLOSURES) {
    throw unreadable("SD-JWT", `more than ${MAX_DISCLOSURES} disclosures`);
  }
  const token = new Token(issued, MEDIA_TYPE, MAX_TOKEN_CHARS);
  const payload = token.claims;
  if (payload.has(DIGEST_ALGORITHM_NAME) && payload.get(DIGEST_ALGORITHM_NAME) !== DIGEST_ALGORITHM) {
    throw unreadable("SD-JWT", "_sd_alg is not sha-256");
  }
  const places = new Places(await readDisclosures(parts));
  const claims = places.fill(payload);
  const registered = [...NEVER_DISCLOSED, "iat", DIGEST_ALGORITHM_NAME];
  return {
    token,
    chain: token.certificates(),
    vct: text(payload.get("vct"), "vct"),
    issuer: payload.has("iss") ? text(payload.get("iss"), "iss") : null,
    issuedAt: claims.has("iat") ? instant(claims.get("iat"), "iat") : null,
    notBefore: payload.has("nbf") ? instant(payload.get("nbf"), "nbf") : null,
    expiresAt: instant(payload.get("exp"), "exp"),
    deviceKey: deviceKey(payload.get("cnf")),
    ...publishedAt(payload.get("status")),
    claims: new Map(Array.from(claims).filter(([name]) => !registered.includes(name))),
    disclosed: places.disclosed,
    unreferenced: places.waiting.size,
    keyBinding: bound ? keyBinding(bound) : null,
    presented: received.slice(0, received.length - bound.length),
  };
}

/**
 * @param {string} received
 * @returns {KeyBinding}
 */
function keyBinding(received) {
  const token = new Token(received, KEY_BINDING_TYPE, MAX_KEY_BINDING_CHARS);
  return {
    token,
    issuedAt: instant(token.claims.get("iat"), "iat"),
    audience: text(token.claims.get("aud"), "aud"),
    nonce: text(token.claims.get("nonce"), "nonce"),
    sdHash: text(token.claims.get("sd_hash"), "sd_hash"),
  };
}

/** @param {unknown} confirmation */
function deviceKey(confirmation) {
  if (!(confirmation instanceof Map)) throw unreadable("SD-JWT", "no cnf");
  return PublicKey.fromJwk(confirmation.get("jwk"));
}

/** @param {unknown} value */
function publishedAt(value) {
  if (value === undefined || value === null) return { status: null, unknownStatus: false };
  if (!(value instanceof Map)) throw unreadable("SD-JWT", "status");
  if (!value.has("status_list")) return { status: null, unknownStatus: true };
  const entry = value.get("status_list");
  const index = entry instanceof Map ? entry.get("idx") : null;
  if ((typeof index !== "number" && typeof index !== "bigint") || index < 0) {
    throw unreadable("SD-JWT", "status_list");
  }
  return { status: { uri: text(entry.get("uri"), "status_list"), index }, unknownStatus: value.size > 1 };
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function text(value, name) {
  if (typeof value === "string" && value) return value;
  throw unreadable("SD-JWT", name);
}

/**
 * Seconds, whole or not (RFC 7519, section 2), as milliseconds.
 *
 * @param {unknown} value
 * @param {string} name
 */
function instant(value, name) {
  const seconds = value instanceof Fraction ? value.value : value;
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds < FURTHEST)) {
    throw unreadable("SD-JWT", name);
  }
  return seconds * 1000;
}
