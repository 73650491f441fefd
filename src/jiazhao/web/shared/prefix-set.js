// A set of random 64-bit numbers, told by the shortest prefixes that no other number has; the form
// is written down in docs/specs/status-snapshot.md. Numbers come as two halves of 32 bits, so that
// a look-up needs no big integers: it reads half a bucket, some hundred prefixes.

import { VerificationError } from "./verification-error.js";

const NUMBER_BITS = 64;
const MAX_DEPTH = 52; // numbers of cells stay exact
const MAX_RICE = 31;
const MAX_BUCKET_BITS = 24;
const OFFSET_OCTETS = 4;
const ROOM = 16; // octets: what the longest prefix asks for beyond the end
const PADDING = 8; // fewer bits than this fill the last octet of a bucket

/**
 * @typedef {object} Form  how the prefixes of a set are written
 * @property {number} depth       bits that every prefix has
 * @property {number} rice        bits of a gap that are written as they are
 * @property {number} bucketBits  first bits of a number that choose its bucket
 */

export class PrefixSet {
  /**
   * @param {Form} form
   * @param {Uint8Array} octets
   */
  constructor({ depth, rice, bucketBits }, octets) {
    if (depth < 1 || depth > MAX_DEPTH || rice > MAX_RICE) throw unreadable("form");
    if (bucketBits > Math.min(depth, MAX_BUCKET_BITS)) throw unreadable("form");
    this.depth = depth;
    this.rice = rice;
    this.bucketBits = bucketBits;
    const buckets = 2 ** bucketBits;
    const begin = OFFSET_OCTETS * (buckets + 1);
    if (octets.length < begin) throw unreadable("directory");
    const directory = new DataView(octets.buffer, octets.byteOffset, begin);
    this.offsets = new Uint32Array(buckets + 1);
    for (let place = 0; place <= buckets; place++) {
      const offset = directory.getUint32(OFFSET_OCTETS * place);
      if (place > 0 && offset < (this.offsets[place - 1] ?? 0)) throw unreadable("directory");
      this.offsets[place] = offset;
    }
    const length = octets.length - begin;
    if (this.offsets[0] !== 0 || this.offsets[buckets] !== length) throw unreadable("directory");
    // With room behind, so that a look-up reads whole windows up to the end.
    const roomy = new Uint8Array(length + ROOM);
    roomy.set(octets.subarray(begin));
    this.octets = new DataView(roomy.buffer);
  }

  /**
   * Whether a prefix of this number is in the set.
   *
   * @param {number} high  its first 32 bits
   * @param {number} low
   */
  has(high, low) {
    const { octets, depth, rice, bucketBits } = this;
    const bucket = firstBits(high, low, bucketBits);
    const cells = 2 ** (depth - bucketBits);
    const wanted = firstBits(high, low, depth) - bucket * cells;
    const end = 8 * (this.offsets[bucket + 1] ?? 0);
    let place = 8 * (this.offsets[bucket] ?? 0);
    const whole = 2 ** rice;
    let cell = 0;
    for (;;) {
      const begin = place;
      place = endOfOnes(octets, place, end);
      if (place === end) {
        if (end - begin >= PADDING) throw unreadable("padding");
        return false;
      }
      const ones = place - begin;
      place += 1;
      if (place + rice > end) throw unreadable("prefix");
      // A shift by 32 would be one by nothing.
      const rest = rice === 0 ? 0 : window32(octets, place) >>> (32 - rice);
      place += rice;
      cell += ones * whole + rest;
      const beyond = endOfOnes(octets, place, end) - place;
      place += beyond + 1;
      if (place + beyond > end || beyond > NUMBER_BITS - depth) throw unreadable("prefix");
      if (cell >= cells) throw unreadable("prefix outside of its bucket");
      if (cell > wanted) return false;
      if (cell === wanted && sameBits(octets, place, high, low, depth, beyond)) return true;
      place += beyond;
    }
  }
}

/**
 * The 32 bits from `place` on.
 *
 * @param {DataView} octets
 * @param {number} place
 */
function window32(octets, place) {
  const at = place >>> 3;
  const shift = place & 7;
  // A shift by eight leaves nothing of the fifth octet, where none is wanted.
  return (octets.getUint32(at) << shift) | (octets.getUint8(at + 4) >>> (8 - shift));
}

/**
 * Where the first zero stands from `place` on, or `end`.
 *
 * @param {DataView} octets
 * @param {number} place
 * @param {number} end
 */
function endOfOnes(octets, place, end) {
  for (;;) {
    const ones = Math.clz32(~window32(octets, place));
    place += ones;
    if (place >= end) return end;
    if (ones < 32) return place;
  }
}

/**
 * The first bits of a number, as a number.
 *
 * @param {number} high
 * @param {number} low
 * @param {number} count  up to 52
 */
function firstBits(high, low, count) {
  if (count === 0) return 0;
  if (count <= 32) return high >>> (32 - count);
  return high * 2 ** (count - 32) + (low >>> (NUMBER_BITS - count));
}

/**
 * Whether the bits at `place` are those of the number from `first` on.
 *
 * @param {DataView} octets
 * @param {number} place
 * @param {number} high
 * @param {number} low
 * @param {number} first
 * @param {number} count
 */
function sameBits(octets, place, high, low, first, count) {
  for (let bit = first; bit < first + count; bit++, place++) {
    const own = bit < 32 ? (high >>> (31 - bit)) & 1 : (low >>> (63 - bit)) & 1;
    if (own !== window32(octets, place) >>> 31) return false;
  }
  return true;
}

/** @param {string} reason */
function unreadable(reason) {
  return new VerificationError("status_unreadable", reason);
}
