// DER (ITU-T X.690) within bounds: one element at a time, lengths definite and shortest.

import { unreadable } from "./verification-error.js";

const MAX_LENGTH_OCTETS = 3;

/** One element; `encoded` is all of it, `content` what its length counts. */
export class Element {
  /**
   * @param {number} tag
   * @param {Uint8Array} content
   * @param {Uint8Array} encoded
   */
  constructor(tag, content, encoded) {
    this.tag = tag;
    this.content = content;
    this.encoded = encoded;
  }

  /**
   * The elements inside, where the tag is this one.
   *
   * @param {number} tag
   */
  children(tag) {
    return elements(this.as(tag));
  }

  /**
   * The content, where the tag is this one.
   *
   * @param {number} tag
   */
  as(tag) {
    if (this.tag !== tag) throw unreadable("DER", `tag is not ${tag}`);
    return this.content;
  }
}

/**
 * Read the one element that the octets hold.
 *
 * @param {Uint8Array} octets
 */
export function readDer(octets) {
  const [only, ...more] = elements(octets);
  if (!only || more.length) throw unreadable("DER", "not one element");
  return only;
}

/**
 * Read the elements that follow each other.
 *
 * @param {Uint8Array} octets
 * @returns {Element[]}
 */
function elements(octets) {
  const found = [];
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at] ?? 0;
    if ((tag & 31) === 31) throw unreadable("DER", "long tag");
    const { length, behind } = lengthAt(octets, at + 1);
    const end = behind + length;
    if (end > octets.length) throw unreadable("DER", "cut short");
    found.push(new Element(tag, octets.subarray(behind, end), octets.subarray(at, end)));
    at = end;
  }
  return found;
}

/**
 * @param {Uint8Array} octets
 * @param {number} at
 */
function lengthAt(octets, at) {
  const first = octets[at] ?? 0x80;
  if (first < 0x80) return { length: first, behind: at + 1 };
  const size = first & 0x7f;
  const behind = at + 1 + size;
  if (size < 1 || size > MAX_LENGTH_OCTETS || behind > octets.length) {
    throw unreadable("DER", "length");
  }
  const length = octets.subarray(at + 1, behind).reduce((sum, octet) => sum * 256 + octet, 0);
  if (length < 0x80 || octets[at + 1] === 0) throw unreadable("DER", "length is not the shortest");
  return { length, behind };
}

/**
 * The dotted form of an object identifier's content.
 *
 * @param {Uint8Array} content
 */
export function objectIdentifier(content) {
  /** @type {bigint[]} */
  const arcs = [];
  let arc = 0n;
  let begins = true;
  for (const octet of content) {
    if (begins && octet === 0x80) throw unreadable("DER", "object identifier");
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    begins = octet < 0x80;
    if (begins) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [first, ...rest] = arcs;
  if (first === undefined || !begins) throw unreadable("DER", "object identifier");
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}

/**
 * The integer's content if it is positive and in its shortest form.
 *
 * @param {Uint8Array} content
 */
export function positive(content) {
  const [first, second] = content;
  const shortest = first !== 0 || (second !== undefined && second >= 0x80);
  if (first === undefined || first >= 0x80 || !shortest) {
    throw unreadable("DER", "not a positive integer");
  }
  return content;
}
