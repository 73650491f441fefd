// X.509 certificates (RFC 5280), as far as the profile of ISO/IEC 18013-5 annex B asks.

import { Element, objectIdentifier, positive, readDer } from "./der.js";
import { fromUtf8, toHex } from "./octets.js";
import { unreadable, VerificationError } from "./verification-error.js";

const MAX_OCTETS = 4096;

const BOOLEAN = 1;
const INTEGER = 2;
const BIT_STRING = 3;
const OCTET_STRING = 4;
const OBJECT_IDENTIFIER = 6;
const UTC_TIME = 23;
const GENERALIZED_TIME = 24;
const UTF16_STRING = 30;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const TEXTS = [OCTET_STRING, 12, 18, 19, 20, 22, 23, 24, 26];
/** What may stand in a list of names: another name, mail, host, directory, address, IP, registered. */
const NAMES = [0xa0, 0x81, 0x82, 0xa4, 0x86, 0x87, 0x88];
const MAX_NUMBER_OCTETS = 8;

const COUNTRY = "2.5.4.6";
const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAMES = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const INHIBIT_ANY_POLICY = "2.5.29.54";
/**
 * Others of RFC 5280, which say nothing here: each is a sequence of members with these tags.
 *
 * @type {[string, number[], ((member: Element) => unknown)?][]}
 */
const SEQUENCES = [
  ["2.5.29.16", [0x80, 0x81], ({ content }) => instant({ tag: GENERALIZED_TIME, content })],
  ["2.5.29.18", NAMES, nameOf],
  ["2.5.29.30", [0xa0, 0xa1], subtrees],
  ["2.5.29.31", [SEQUENCE], distributionPoint],
  ["2.5.29.32", [SEQUENCE], policy],
  ["2.5.29.36", [0x80, 0x81], ({ content }) => count(content)],
  ["2.5.29.46", [SEQUENCE], distributionPoint],
];
const UNDERSTOOD = [KEY_USAGE, EXTENDED_KEY_USAGE, BASIC_CONSTRAINTS];

/** @typedef {{ oid: string, value: string }} Attribute */
/** @typedef {{ critical: boolean, value: Uint8Array }} Extension */

/** A certificate as received; nothing in it is verified. */
export class Certificate {
  /** @param {Uint8Array} der */
  constructor(der) {
    const [signed, algorithm, signature, ...more] = readDer(der).children(SEQUENCE);
    if (!signed || !algorithm || !signature || more.length) throw malformed();
    const fields = signed.children(SEQUENCE);
    const [version, serial, inner, issuer, validity, subject, key, ...optional] = fields;
    if (!version || !serial || !inner || !issuer || !validity || !subject || !key) throw malformed();
    const [number] = version.children(VERSION);
    if (toHex(number?.as(INTEGER) ?? new Uint8Array()) !== "02") throw malformed();
    positive(serial.as(INTEGER));
    this.signed = signed.encoded;
    this.algorithm = algorithmOf(algorithm);
    /** Whether the algorithm that is signed is the one that stands beside the signature. */
    this.algorithmsAgree = toHex(inner.encoded) === toHex(algorithm.encoded);
    algorithmOf(inner);
    this.signature = signatureOf(signature);
    this.issuer = attributes(issuer);
    this.subject = attributes(subject);
    const [from, until, ...later] = validity.children(SEQUENCE);
    if (!from || !until || later.length) throw malformed();
    this.notBefore = instant(from);
    this.notAfter = instant(until);
    const { curve, point } = publicKey(key);
    /** The curve's identifier; empty for a key that is not on a named curve. */
    this.curve = curve;
    this.point = point;
    this.extensions = extensionsOf(optional);
    // Read now, so that a certificate with a broken extension is none.
    for (const [oid, tags, read] of SEQUENCES) {
      for (const member of this.#value(oid)?.children(SEQUENCE) ?? []) {
        if (!tags.includes(member.tag)) throw malformed();
        read?.(member);
      }
    }
    const skipped = this.#value(INHIBIT_ANY_POLICY);
    if (skipped) count(skipped.as(INTEGER));
    this.digitalSignature = this.#keyUsage();
    this.purposes = this.#purposes();
    this.authority = this.#isAuthority();
    this.keyIdentifier = this.#keyIdentifier();
    this.issuerKeyIdentifier = this.#issuerKeyIdentifier();
    /** Addresses and hosts that the certificate names as its own. */
    this.uris = this.#alternativeNames(0x86);
    this.hosts = this.#alternativeNames(0x82);
  }

  /** Whether an extension is critical and not understood here (RFC 5280 section 4.2). */
  get hasUnknownCritical() {
    return Array.from(this.extensions).some(([oid, { critical }]) => critical && !UNDERSTOOD.includes(oid));
  }

  /** @param {string} oid */
  #value(oid) {
    const extension = this.extensions.get(oid);
    return extension ? readDer(extension.value) : null;
  }

  #keyUsage() {
    const usage = this.#value(KEY_USAGE);
    return usage !== null && ((bitString(usage).octets[0] ?? 0) & 0x80) !== 0;
  }

  #purposes() {
    const purposes = this.#value(EXTENDED_KEY_USAGE)?.children(SEQUENCE) ?? [];
    return purposes.map((purpose) => objectIdentifier(purpose.as(OBJECT_IDENTIFIER)));
  }

  #isAuthority() {
    const parts = this.#value(BASIC_CONSTRAINTS)?.children(SEQUENCE) ?? [];
    const [first] = parts;
    const isSaid = first !== undefined && first.tag === BOOLEAN;
    const [length, ...more] = parts.slice(isSaid ? 1 : 0);
    if (length !== undefined) count(length.as(INTEGER));
    if (more.length) throw malformed();
    return isSaid && boolean(first);
  }

  #keyIdentifier() {
    const identifier = this.#value(SUBJECT_KEY_IDENTIFIER);
    return identifier ? toHex(identifier.as(OCTET_STRING)) : null;
  }

  #issuerKeyIdentifier() {
    const parts = this.#value(AUTHORITY_KEY_IDENTIFIER)?.children(SEQUENCE) ?? [];
    const [identifier, issuer, serial] = [0x80, 0xa1, 0x82].map((kind) =>
      parts.find(({ tag }) => tag === kind),
    );
    const known = [identifier, issuer, serial].filter(Boolean);
    // The issuer's name and its serial number come together or not at all.
    if (known.length !== parts.length || Boolean(issuer) !== Boolean(serial)) throw malformed();
    return identifier ? toHex(identifier.content) : null;
  }

  /** @param {number} kind */
  #alternativeNames(kind) {
    const names = this.#value(ALTERNATIVE_NAMES)?.children(SEQUENCE) ?? [];
    const read = names.map((name) => ({ tag: name.tag, text: nameOf(name) }));
    return new Set(read.filter(({ tag }) => tag === kind).map(({ text }) => text));
  }
}

/**
 * Read a certificate; whatever is wrong with it is `bad_signer_certificate`.
 *
 * @param {Uint8Array} der
 */
export function readCertificate(der) {
  if (der.length > MAX_OCTETS) throw unfit(`more than ${MAX_OCTETS} octets`);
  try {
    return new Certificate(der);
  } catch (error) {
    if (error instanceof VerificationError) throw unfit("not a certificate");
    throw error;
  }
}

/** @param {string} reason */
export function unfit(reason) {
  return new VerificationError("bad_signer_certificate", reason);
}

/** @param {readonly Attribute[]} name */
export function countries(name) {
  return name.filter(({ oid }) => oid === COUNTRY).map(({ value }) => value);
}

/** @param {Element} algorithm */
function algorithmOf(algorithm) {
  const [identifier] = algorithm.children(SEQUENCE);
  if (!identifier) throw malformed();
  return objectIdentifier(identifier.as(OBJECT_IDENTIFIER));
}

/**
 * The attributes of a name in their order; our names have one in each set.
 *
 * @param {Element} name
 * @returns {Attribute[]}
 */
function attributes(name) {
  return name.children(SEQUENCE).flatMap((set) => {
    const members = set.children(SET);
    if (!members.length) throw malformed();
    return members.map(attribute);
  });
}

/**
 * @param {Element} member
 * @returns {Attribute}
 */
function attribute(member) {
  const [kind, value, ...more] = member.children(SEQUENCE);
  if (!kind || !value || more.length) throw malformed();
  const text = attributeText(value);
  if (!text) throw malformed();
  return { oid: objectIdentifier(kind.as(OBJECT_IDENTIFIER)), value: text };
}

/** @param {Element} value */
function attributeText({ tag, content }) {
  if (TEXTS.includes(tag)) return utf8(content);
  if (tag !== UTF16_STRING) throw malformed();
  try {
    return new TextDecoder("utf-16be", { fatal: true }).decode(content);
  } catch {
    throw malformed();
  }
}

/**
 * A general name (RFC 5280 section 4.2.1.6): its text, where it is one.
 *
 * @param {Element} name
 */
function nameOf(name) {
  const { tag, content } = name;
  if (!NAMES.includes(tag)) throw malformed();
  if (tag === 0x88) return objectIdentifier(content);
  if (tag < 0xa0 && tag !== 0x87) return utf8(content);
  if (tag === 0xa4) attributes(readDer(content));
  if (tag === 0xa0) otherName(name);
  // An address of IP version 4 or 6, or one with its mask.
  if (tag === 0x87 && ![4, 8, 16, 32].includes(content.length)) throw malformed();
  return "";
}

/** @param {Element} name of a kind that its identifier tells */
function otherName(name) {
  const [kind, value, ...more] = name.children(0xa0);
  if (!kind || value?.children(0xa0).length !== 1 || more.length) throw malformed();
  objectIdentifier(kind.as(OBJECT_IDENTIFIER));
}

/** @param {Element} trees that are permitted, or excluded */
function subtrees(trees) {
  for (const tree of trees.children(trees.tag)) {
    const [base] = tree.children(SEQUENCE);
    if (!base) throw malformed();
    nameOf(base);
  }
}

/** @param {Element} point */
function distributionPoint(point) {
  if (point.children(SEQUENCE).some(({ tag }) => ![0xa0, 0x81, 0xa2].includes(tag))) throw malformed();
}

/** @param {Element} policy */
function policy(policy) {
  const [identifier, qualifiers, ...more] = policy.children(SEQUENCE);
  if (!identifier || more.length) throw malformed();
  objectIdentifier(identifier.as(OBJECT_IDENTIFIER));
  qualifiers?.as(SEQUENCE);
}

/** @param {Uint8Array} content of an integer that counts something */
function count(content) {
  if (content.length > MAX_NUMBER_OCTETS) throw malformed();
  return toHex(content) === "00" ? content : positive(content);
}

/** @param {Uint8Array} content */
function utf8(content) {
  try {
    return fromUtf8(content);
  } catch {
    throw malformed();
  }
}

/**
 * A bit string; DER leaves no choice but 0 for the unused bits.
 *
 * @param {Element} element
 */
function bitString(element) {
  const [unused = 8, ...octets] = element.as(BIT_STRING);
  const last = octets.at(-1) ?? 0;
  if (unused > 7 || (!octets.length && unused) || last & ((1 << unused) - 1)) throw malformed();
  return { unused, octets: Uint8Array.from(octets) };
}

/**
 * A signature: whole octets, for the count of unused bits is not signed.
 *
 * @param {Element} element
 */
function signatureOf(element) {
  const { unused, octets } = bitString(element);
  if (unused) throw malformed();
  return octets;
}

/**
 * @param {Element} key
 * @returns {{ curve: string, point: Uint8Array }}
 */
function publicKey(key) {
  const [algorithm, point, ...more] = key.children(SEQUENCE);
  if (!algorithm || !point || more.length) throw malformed();
  const [identifier, curve, ...others] = algorithm.children(SEQUENCE);
  if (!identifier || others.length) throw malformed();
  const known = objectIdentifier(identifier.as(OBJECT_IDENTIFIER)) === EC_PUBLIC_KEY;
  if (known && !curve) throw malformed();
  const named = known && curve ? objectIdentifier(curve.as(OBJECT_IDENTIFIER)) : "";
  return { curve: named, point: bitString(point).octets };
}

/** @param {readonly Element[]} optional */
function extensionsOf(optional) {
  /** @type {Map<string, Extension>} */
  const extensions = new Map();
  const [last, ...more] = optional.filter(({ tag }) => tag !== 0x81 && tag !== 0x82);
  if (!last) return extensions;
  if (more.length) throw malformed();
  const [list, ...others] = last.children(EXTENSIONS);
  if (!list || others.length) throw malformed();
  for (const extension of list.children(SEQUENCE)) {
    const parts = extension.children(SEQUENCE);
    const oid = objectIdentifier(parts[0]?.as(OBJECT_IDENTIFIER) ?? new Uint8Array());
    const value = parts.at(-1);
    if (!value || parts.length < 2 || parts.length > 3 || extensions.has(oid)) throw malformed();
    const critical = parts.length === 3 && parts[1] !== undefined && boolean(parts[1]);
    // DER does not write a default, and false is one.
    if (parts.length === 3 && !critical) throw malformed();
    extensions.set(oid, { critical, value: value.as(OCTET_STRING) });
  }
  return extensions;
}

/** @param {Element} element */
function boolean(element) {
  const written = toHex(element.as(BOOLEAN));
  if (written !== "00" && written !== "ff") throw malformed();
  return written === "ff";
}

const TIME = /^(\d{2,4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/**
 * UTCTime or GeneralizedTime in milliseconds since 1970 (RFC 5280 section 4.1.2.5).
 *
 * @param {{ tag: number, content: Uint8Array }} element
 */
function instant({ tag, content }) {
  const text = utf8(content);
  const [, year = "", ...rest] = TIME.exec(text) ?? [];
  const fits = (tag === UTC_TIME && text.length === 13) || (tag === GENERALIZED_TIME && text.length === 15);
  if (!fits) throw malformed();
  const century = year.length === 4 ? "" : Number(year) < 50 ? "20" : "19";
  const [month, day, hour, minute, second] = rest;
  const written = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Date.parse(written);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(time) || new Date(time).toISOString() !== written) throw malformed();
  return time;
}

function malformed() {
  return unreadable("certificate", "not as RFC 5280 has it");
}
