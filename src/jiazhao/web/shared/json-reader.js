// JSON (RFC 8259) from others: strict and bounded. Refused: more than the given octets, nesting
// deeper than MAX_DEPTH, members that stand twice, numbers beyond what a double holds, lone
// surrogates, and text that is not UTF-8. Objects come out as maps, so that no member is taken
// for a property; a number with a fraction or an exponent as `Fraction`, so that 1.0 is not 1.

import { fromUtf8 } from "./octets.js";
import { unreadable, VerificationError } from "./verification-error.js";

export const MAX_DEPTH = 16;
const MAX_OCTETS = 65_536;
const MAX_DIGITS = 4300;

/** @typedef {ReadonlyMap<string, unknown>} JsonObject */

/** A number that was not written as an integer. */
export class Fraction {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
}

/**
 * @param {Uint8Array} octets
 * @param {string} what
 * @param {number} [maxOctets]
 * @returns {unknown}
 */
export function readJson(octets, what, maxOctets = MAX_OCTETS) {
  if (octets.length > maxOctets) throw unreadable(what, `more than ${maxOctets} octets`);
  try {
    const reader = new Reader(fromUtf8(octets));
    const value = reader.value(1);
    reader.skip(BLANK);
    if (reader.at === reader.text.length) return value;
  } catch (error) {
    // TypeError: not UTF-8. SyntaxError: a text with a bad escape or a control character.
    const told = [VerificationError, TypeError, SyntaxError].some((kind) => error instanceof kind);
    if (!told) throw error;
  }
  throw unreadable(what, "not JSON within bounds");
}

/**
 * @param {Uint8Array} octets
 * @param {string} what
 * @param {number} [maxOctets]
 * @returns {JsonObject}
 */
export function readJsonObject(octets, what, maxOctets = MAX_OCTETS) {
  const value = readJson(octets, what, maxOctets);
  if (value instanceof Map) return value;
  throw unreadable(what, "not a JSON object");
}

const BLANK = /[ \t\n\r]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /**
   * @param {number} depth  of a container that begins here
   * @returns {unknown}
   */
  value(depth) {
    this.skip(BLANK);
    const first = this.text[this.at];
    if (first === "{" || first === "[") {
      if (depth > MAX_DEPTH) throw malformed();
      return first === "{" ? this.object(depth) : this.array(depth);
    }
    if (first === '"') return this.string();
    const literal = this.match(LITERAL);
    if (literal) return JSON.parse(literal[0]);
    return number(this.match(NUMBER));
  }

  /** @param {number} depth */
  object(depth) {
    /** @type {Map<string, unknown>} */
    const members = new Map();
    this.at += 1;
    if (this.takes("}")) return members;
    do {
      this.skip(BLANK);
      const name = this.string();
      if (members.has(name) || !this.takes(":")) throw malformed();
      members.set(name, this.value(depth + 1));
    } while (this.takes(","));
    if (!this.takes("}")) throw malformed();
    return members;
  }

  /** @param {number} depth */
  array(depth) {
    /** @type {unknown[]} */
    const elements = [];
    this.at += 1;
    if (this.takes("]")) return elements;
    do elements.push(this.value(depth + 1));
    while (this.takes(","));
    if (!this.takes("]")) throw malformed();
    return elements;
  }

  /** @returns {string} */
  string() {
    const { text, at } = this;
    if (text[at] !== '"') throw malformed();
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    this.at = end + 1;
    const read = JSON.parse(text.slice(at, this.at));
    if (!read.isWellFormed()) throw malformed();
    return read;
  }

  /** @param {string} sign */
  takes(sign) {
    this.skip(BLANK);
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  /** @param {RegExp} pattern */
  skip(pattern) {
    this.match(pattern);
  }

  /** @param {RegExp} pattern */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}

/** @param {RegExpExecArray | null} found */
function number(found) {
  if (!found) throw malformed();
  const [text, whole = "", fraction, exponent] = found;
  if (fraction === undefined && exponent === undefined) {
    if (whole.length > MAX_DIGITS) throw malformed();
    const value = BigInt(whole);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (!Number.isFinite(Number(text))) throw malformed();
  return new Fraction(Number(text));
}

function malformed() {
  return unreadable("JSON", "not well-formed");
}
