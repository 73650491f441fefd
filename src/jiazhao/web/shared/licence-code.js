// The licence code (亮证码), version 2: 718 octets that the wallet shows as a QR code and that
// only the enforcement terminals of its day can open (docs/specs/licence-code.md).
//
//   kind(1) period(2) enc(33) ciphertext(666) tag(16)
//   plaintext = [issuer's part, holder's part or null], padded with 80 and zeros
//
// Each part is an untagged COSE_Sign1 (RFC 9052) with ES256. Parsing verifies nothing, and what
// the issuer's part says about a person is kept back until its signature was checked: `verify`
// is the only way to it, and so to the portrait.

import { asArray, asBytes, asMap, readCbor } from "./cbor-reader.js";
import { concatenate, encodeCbor } from "./cbor.js";
import { open, seal } from "./code-sealing.js";
import { MAX_TIME, octets, parseFacts, uint } from "./licence-facts.js";
import { fromAscii, owned, sameOctets } from "./octets.js";
import { PublicKey } from "./public-key.js";
import { unreadable, VerificationError } from "./verification-error.js";

/** @typedef {import("./code-sealing.js").OpeningKey} OpeningKey */
/** @typedef {import("./licence-facts.js").LicenceFacts} LicenceFacts */

export const CODE_OCTETS = 718;
export const LIFE_SECONDS = 60;
export const NONCE_OCTETS = 8;
export const BEACON_OCTETS = 15;
export const MAX_CHALLENGE = 9999;
export const MAX_COUNTER = 2 ** 32 - 1;

/** A code that a wallet shows, for the key of a day; and one on paper, for that of a year. */
export const Kind = Object.freeze({ SHOWN: 2, BACKUP: 3 });

const HEAD_OCTETS = 3;
const POINT_OCTETS = 33;
const PLAINTEXT_OCTETS = 666;
const SIGNATURE_OCTETS = 64;
const KEY_ID_OCTETS = 4;
const WHAT = "licence code";
const INFO = fromAscii("jiazhao licence code 2");
const ISSUER_CONTEXT = fromAscii("jiazhao licence code 2 issuer");
const HOLDER_CONTEXT = fromAscii("jiazhao licence code 2 holder");
const ISSUER_HEADER = Uint8Array.of(0xa2, 0x01, 0x26, 0x04, 0x44); // {1: -7, 4: h'kid'}
const HOLDER_HEADER = Uint8Array.of(0xa1, 0x01, 0x26); // {1: -7}
const PADDING = 0x80;

const DAY_SECONDS = 86_400;
/** Asia/Shanghai has been UTC+8 without summer time since 1991. */
const SHANGHAI_SECONDS = 8 * 3600;

/**
 * The day in Asia/Shanghai, in days since 1970-01-01.
 *
 * @param {number} time  seconds since 1970
 */
export function dayOf(time) {
  return Math.floor((time + SHANGHAI_SECONDS) / DAY_SECONDS);
}

// -- the outer form

/**
 * @typedef {object} SealedCode  a code as anybody reads it: it names nobody
 * @property {number} kind
 * @property {number} period  a day since 1970-01-01, or a year
 * @property {Uint8Array} head  kind and period, which the seal covers
 * @property {Uint8Array} enc  a compressed point
 * @property {Uint8Array} ciphertext  with its tag
 */

/**
 * Read what anybody can read of a code.
 *
 * @param {Uint8Array} code
 * @returns {SealedCode}
 */
export function parseSealedCode(code) {
  if (code.length !== CODE_OCTETS) throw unreadable(WHAT, `not ${CODE_OCTETS} octets`);
  const head = code.subarray(0, HEAD_OCTETS);
  const [kind = 0, high = 0, low = 0] = head;
  if (kind !== Kind.SHOWN && kind !== Kind.BACKUP) throw unreadable(WHAT, "another kind");
  const body = HEAD_OCTETS + POINT_OCTETS;
  const enc = code.subarray(HEAD_OCTETS, body);
  return { kind, period: (high << 8) | low, head, enc, ciphertext: code.subarray(body) };
}

/**
 * Open a code with the key of its period, and read its parts.
 *
 * @param {SealedCode} sealed
 * @param {OpeningKey} key
 */
export async function openLicenceCode({ kind, head, enc, ciphertext }, key) {
  const { point } = PublicKey.fromCompressed(enc);
  const plaintext = await open(key, point, ciphertext, { info: INFO, aad: head });
  return parsePlaintext(plaintext, kind);
}

/**
 * Read the parts of an opened code.
 *
 * @param {Uint8Array} plaintext
 * @param {number} kind
 * @returns {{ issuerPart: IssuerPart, holderPart: HolderPart | null }}
 */
export function parsePlaintext(plaintext, kind) {
  const code = withoutPadding(plaintext);
  const [issuer, holder] = asArray(readCbor(code, WHAT), WHAT, 2);
  const issuerPart = new IssuerPart(issuer);
  const holderPart = holder === null ? null : new HolderPart(holder);
  const encoded = concatenate([
    Uint8Array.of(0x82),
    issuerPart.encoded,
    holderPart?.encoded ?? encodeCbor(null),
  ]);
  if (!sameOctets(encoded, code)) throw unreadable(WHAT, "not the one spelling");
  const shown = kind === Kind.SHOWN;
  if ((issuerPart.deviceKey !== null) !== shown || (holderPart !== null) !== shown) {
    throw unreadable(WHAT, "a code that is shown has a device, a printed one has none");
  }
  return { issuerPart, holderPart };
}

/** @param {Uint8Array} plaintext */
function withoutPadding(plaintext) {
  const end = plaintext.findLastIndex((octet) => octet !== 0);
  if (plaintext[end] !== PADDING) throw unreadable(WHAT, "not padded");
  return plaintext.subarray(0, end);
}

// -- its parts

/** A COSE_Sign1 of a code, with its one header; what it holds is for its kind to say. */
class SignedPart {
  /**
   * @param {unknown} value
   * @param {Uint8Array} header  what its protected header begins with
   * @param {number} rest        how many octets more it has
   */
  constructor(value, header, rest) {
    const [encodedHeader, unprotected, payload, signature] = asArray(value, WHAT, 4);
    this.header = octets(encodedHeader, header.length + rest);
    if (!sameOctets(this.header.subarray(0, header.length), header)) throw unreadable(WHAT, "another header");
    if (asMap(unprotected, WHAT).size) throw unreadable(WHAT, "unprotected header");
    this.signature = octets(signature, SIGNATURE_OCTETS);
    this.encoded = encodeCbor([this.header, new Map(), asBytes(payload, WHAT), this.signature]);
  }
}

/** The part that the issuer signed. */
export class IssuerPart extends SignedPart {
  /** @type {Uint8Array} */
  #payload;
  /** @type {LicenceFacts} */
  #facts;

  /** @param {unknown} value  as it was read, a part of something greater */
  constructor(value) {
    super(value, ISSUER_HEADER, KEY_ID_OCTETS);
    this.#payload = asBytes(asArray(value, WHAT)[2], WHAT);
    this.#facts = parseFacts(this.#payload);
    /** The first octets of SHA-256 of the signer's certificate. */
    this.keyId = this.header.subarray(ISSUER_HEADER.length);
    /** When it was signed, and until when it can be shown, in seconds since 1970. */
    this.signed = this.#facts.signed;
    this.endsAt = this.#facts.signed + this.#facts.life * 3600;
    this.deviceKey = this.#facts.deviceKey;
  }

  /**
   * Read a part that stands alone, as the wallet is issued it.
   *
   * @param {Uint8Array} encoded
   */
  static parse(encoded) {
    const part = new IssuerPart(readCbor(encoded, WHAT));
    if (!sameOctets(part.encoded, encoded)) throw unreadable(WHAT, "not the one spelling");
    return part;
  }

  /**
   * What the issuer says; raises `signature_mismatch` unless the key signed it.
   *
   * @param {PublicKey} key
   * @returns {Promise<LicenceFacts>}
   */
  async verify(key) {
    await key.verify(this.signature, signedMessage(this.header, ISSUER_CONTEXT, this.#payload));
    return this.#facts;
  }

  /** SHA-256 of the part, to which the holder's part is bound. */
  async digest() {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", owned(this.encoded)));
  }
}

/**
 * @typedef {object} HolderContent
 * @property {number} time      seconds since 1970, of the register's clock
 * @property {number} counter   at least 1, higher than any before it
 * @property {Uint8Array} nonce
 * @property {number | null} challenge      four digits that a terminal showed
 * @property {Uint8Array | null} beacon     of the last contact
 */

/** The part that the holder's device signed, for this issuer's part and this moment. */
export class HolderPart extends SignedPart {
  /** @param {unknown} value */
  constructor(value) {
    super(value, HOLDER_HEADER, 0);
    this.payload = asBytes(asArray(value, WHAT)[2], WHAT);
    this.content = parseHolderContent(this.payload);
  }

  /**
   * Raise `holder_signature_mismatch` unless the device signed this for that issuer's part.
   *
   * @param {PublicKey} deviceKey
   * @param {IssuerPart} issuerPart
   */
  async verify(deviceKey, issuerPart) {
    const message = holderMessage(this.payload, await issuerPart.digest());
    try {
      await deviceKey.verify(this.signature, message);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      throw new VerificationError("holder_signature_mismatch");
    }
  }
}

/**
 * @param {Uint8Array} payload
 * @returns {HolderContent}
 */
function parseHolderContent(payload) {
  const [time, counter, nonce, challenge, beacon] = asArray(readCbor(payload, WHAT), WHAT, 5);
  const content = {
    time: uint(time, MAX_TIME),
    counter: uint(counter, MAX_COUNTER),
    nonce: octets(nonce, NONCE_OCTETS),
    challenge: challenge === null ? null : uint(challenge, MAX_CHALLENGE),
    beacon: beacon === null ? null : octets(beacon, BEACON_OCTETS),
  };
  if (content.counter < 1) throw unreadable(WHAT, "a counter is 1 or more");
  if (!sameOctets(encodeHolderContent(content), payload)) throw unreadable(WHAT, "not the one spelling");
  return content;
}

/** @param {HolderContent} content */
function encodeHolderContent({ time, counter, nonce, challenge, beacon }) {
  return encodeCbor([time, counter, nonce, challenge, beacon]);
}

/**
 * @param {Uint8Array} payload
 * @param {Uint8Array} issuerPartDigest
 */
function holderMessage(payload, issuerPartDigest) {
  return signedMessage(HOLDER_HEADER, concatenate([HOLDER_CONTEXT, issuerPartDigest]), payload);
}

/**
 * The Sig_structure of RFC 9052 section 4.4.
 *
 * @param {Uint8Array} header
 * @param {Uint8Array} context
 * @param {Uint8Array} payload
 */
function signedMessage(header, context, payload) {
  return encodeCbor(["Signature1", header, context, payload]);
}

// -- making one

/** @typedef {(message: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} Sign  ES256, r and s joined */
/** @typedef {{ day: number, point: Uint8Array }} DayKey  days since 1970-01-01; compressed point */

/**
 * Build the code that a wallet shows. Without the key of its day there is none: a code is never
 * shown unsealed, nor for another day's terminals.
 *
 * @param {IssuerPart} issuerPart
 * @param {HolderContent} content
 * @param {object} by
 * @param {Sign} by.sign             the device key
 * @param {DayKey} by.dayKey
 * @param {CryptoKeyPair} by.ephemeral  fresh, from `ephemeralKey()`
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function buildLicenceCode(issuerPart, content, { sign, dayKey, ephemeral }) {
  if (dayKey.day !== dayOf(content.time)) throw new RangeError("The key is of another day");
  const payload = encodeHolderContent(content);
  parseHolderContent(payload);
  const signature = await sign(holderMessage(payload, await issuerPart.digest()));
  const holder = encodeCbor([HOLDER_HEADER, new Map(), payload, octets(signature, SIGNATURE_OCTETS)]);
  const both = concatenate([Uint8Array.of(0x82), issuerPart.encoded, holder]);
  const recipient = PublicKey.fromCompressed(dayKey.point).point;
  return sealContent(both, { kind: Kind.SHOWN, period: dayKey.day, recipient, ephemeral });
}

/**
 * Pad and seal what a code holds.
 *
 * @param {Uint8Array} content  the array of the two parts
 * @param {{ kind: number, period: number, recipient: Uint8Array, ephemeral: CryptoKeyPair }} to
 *   `recipient` is a point of 65 octets
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function sealContent(content, { kind, period, recipient, ephemeral }) {
  if (content.length >= PLAINTEXT_OCTETS) throw new RangeError("The code is too long");
  const plaintext = new Uint8Array(PLAINTEXT_OCTETS);
  plaintext.set(content);
  plaintext[content.length] = PADDING;

  const head = Uint8Array.of(kind, period >> 8, period & 0xff);
  const { enc, ciphertext } = await seal(recipient, plaintext, { info: INFO, aad: head }, ephemeral);
  return concatenate([head, new PublicKey(enc).compressed, ciphertext]);
}
