// A strict, bounded CBOR reader (RFC 8949) for what others send.
//
// Accepted: any order of map keys, any length form, definite or indefinite lengths, for other
// issuers' documents are not canonical. Refused: more than the given octets, items or depth,
// duplicate map keys, octets after the item, and text that is not UTF-8. NaN and the
// infinities, other simple values, tags that the format does not name and keys that are neither
// text nor integer come out as what no check below takes; `inspect` refuses them everywhere.

import { fromUtf8 } from "./octets.js";
import { unreadable } from "./verification-error.js";

export const MAX_OCTETS = 131_072;
export const MAX_DEPTH = 16;
export const MAX_ITEMS = 4096;

/** A date as text, kept as received: tag 0 (tdate) or 1004 (full-date). */
export class DateText {
  /**
   * @param {number} tag
   * @param {string} text
   */
  constructor(tag, text) {
    this.tag = tag;
    this.text = text;
  }
}

/** An encoded item (tag 24); `received` is the whole of it, tag and head as they came. */
export class Embedded {
  /**
   * @param {Uint8Array} content
   * @param {Uint8Array} received
   */
  constructor(content, received) {
    this.content = content;
    this.received = received;
  }
}

/** A number that is not an integer, so that 1.0 is not taken for 1. */
export class Float {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
}

/** What our formats never hold: a simple value, or a tag that is not named. */
export class Unnamed {}

const BYTES = 2;
const TEXT = 3;
const INDEFINITE = -1;
const BREAK = Symbol("break");

/**
 * Read the one item that `octets` hold, in which only the given tags may occur.
 *
 * @param {Uint8Array} octets
 * @param {string} what
 * @param {{ tags?: readonly number[], maxOctets?: number }} [options]
 * @returns {unknown}
 */
export function readCbor(octets, what, { tags = [], maxOctets = MAX_OCTETS } = {}) {
  if (octets.length > maxOctets) throw unreadable(what, `more than ${maxOctets} octets`);
  const reader = new Reader(octets, what, tags);
  const value = reader.item(0);
  if (value === BREAK || reader.at !== octets.length) {
    throw unreadable(what, "does not end where its octets end");
  }
  return value;
}

class Reader {
  /**
   * @param {Uint8Array} octets
   * @param {string} what
   * @param {readonly number[]} tags
   */
  constructor(octets, what, tags) {
    this.octets = octets;
    this.view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    this.what = what;
    this.tags = tags;
    this.at = 0;
    this.items = 0;
  }

  /**
   * @param {number} depth
   * @returns {unknown}
   */
  item(depth) {
    if (depth > MAX_DEPTH) throw this.malformed(`nested deeper than ${MAX_DEPTH}`);
    if (++this.items > MAX_ITEMS) throw this.malformed(`more than ${MAX_ITEMS} items`);
    const start = this.at;
    const first = this.octet();
    const major = first >> 5;
    const info = first & 31;
    if (major === 7) return this.simple(info);
    const argument = this.argument(info, major >= BYTES && major <= 5);
    if (major === 0) return argument;
    if (major === 1) return negative(argument);
    if (major === 6) return this.tagged(argument, start, depth);
    const length = Number(argument);
    if (major === BYTES || major === TEXT) return this.string(major, length);
    return major === 4 ? this.array(length, depth) : this.map(length, depth);
  }

  /**
   * @param {number} info
   * @param {boolean} mayBeIndefinite
   * @returns {number | bigint}
   */
  argument(info, mayBeIndefinite) {
    if (info < 24) return info;
    if (info === 31 && mayBeIndefinite) return INDEFINITE;
    if (info > 27) throw this.malformed("undefined head");
    const size = 1 << (info - 24);
    const at = this.take(size).byteOffset - this.octets.byteOffset;
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at);
    if (size === 4) return this.view.getUint32(at);
    const value = this.view.getBigUint64(at);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  /**
   * @param {number} major
   * @param {number} length
   * @returns {Uint8Array | string}
   */
  string(major, length) {
    if (length !== INDEFINITE) return this.text(major, this.take(length));
    /** @type {(Uint8Array | string)[]} */
    const chunks = [];
    for (let first = this.octet(); first !== 0xff; first = this.octet()) {
      if (++this.items > MAX_ITEMS) throw this.malformed(`more than ${MAX_ITEMS} items`);
      if (first >> 5 !== major) throw this.malformed("chunk of another kind");
      chunks.push(this.text(major, this.take(Number(this.argument(first & 31, false)))));
    }
    if (major === TEXT) return chunks.join("");
    return Uint8Array.from(chunks.flatMap((chunk) => Array.from(/** @type {Uint8Array} */ (chunk))));
  }

  /**
   * @param {number} major
   * @param {Uint8Array} octets
   */
  text(major, octets) {
    if (major === BYTES) return octets;
    try {
      return fromUtf8(octets);
    } catch {
      throw this.malformed("text is not UTF-8");
    }
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  array(length, depth) {
    const items = [];
    while (items.length !== length) {
      const item = this.item(depth + 1);
      if (item === BREAK) {
        if (length === INDEFINITE) break;
        throw this.malformed("stray break");
      }
      items.push(item);
    }
    return items;
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  map(length, depth) {
    /** @type {Map<unknown, unknown>} */
    const members = new Map();
    while (members.size !== length) {
      const key = this.item(depth + 1);
      if (key === BREAK && length === INDEFINITE) break;
      const value = key === BREAK ? BREAK : this.item(depth + 1);
      if (value === BREAK) throw this.malformed("stray break");
      if (members.has(key)) throw this.malformed("duplicate map key");
      members.set(key, value);
    }
    return members;
  }

  /**
   * @param {number | bigint} tag
   * @param {number} start
   * @param {number} depth
   */
  tagged(tag, start, depth) {
    const content = this.item(depth + 1);
    if (content === BREAK) throw this.malformed("stray break");
    if (!this.tags.includes(Number(tag))) return new Unnamed();
    if (tag === 24) {
      if (!(content instanceof Uint8Array)) return new Unnamed();
      return new Embedded(content, this.octets.subarray(start, this.at));
    }
    if (tag === 0 || tag === 1004) {
      if (typeof content === "string") return new DateText(tag, content);
      throw this.malformed(`tag ${tag} is not on text`);
    }
    return content;
  }

  /** @param {number} info */
  simple(info) {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info === 31) return BREAK;
    if (info < 24) return new Unnamed();
    if (info === 24) {
      if (this.octet() < 32) throw this.malformed("undefined head");
      return new Unnamed();
    }
    if (info > 27) throw this.malformed("undefined head");
    const octets = this.take(1 << (info - 24));
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    if (info === 26) return new Float(view.getFloat32(0));
    return new Float(info === 27 ? view.getFloat64(0) : half(view.getUint16(0)));
  }

  octet() {
    const octet = this.octets[this.at];
    if (octet === undefined) throw this.malformed("cut short");
    this.at += 1;
    return octet;
  }

  /** @param {number} length */
  take(length) {
    if (length > this.octets.length - this.at) throw this.malformed("cut short");
    this.at += length;
    return this.octets.subarray(this.at - length, this.at);
  }

  /** @param {string} reason */
  malformed(reason) {
    return unreadable(this.what, reason);
  }
}

/** @param {number | bigint} argument */
function negative(argument) {
  const value = -1n - BigInt(argument);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

/** @param {number} bits  a binary16 number (IEEE 754) */
function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * Refuse what our formats never hold, wherever it stands in a value.
 *
 * @param {unknown} value
 * @param {string} what
 * @returns {void}
 */
export function inspect(value, what) {
  if (value instanceof Map) {
    for (const member of asMap(value, what).values()) inspect(member, what);
  } else if (Array.isArray(value)) {
    for (const member of value) inspect(member, what);
  } else if (value instanceof Unnamed) {
    throw unreadable(what, "tag or simple value that this format does not name");
  } else if (value instanceof Float && !Number.isFinite(value.value)) {
    throw unreadable(what, "NaN or infinity");
  }
}

/**
 * The octets in an encoded item that stands alone.
 *
 * @param {Uint8Array} octets
 * @param {string} what
 */
export function unwrap(octets, what) {
  return asEmbedded(readCbor(octets, what, { tags: [24] }), what).content;
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {ReadonlyMap<string | number | bigint, unknown>}
 */
export function asMap(value, what) {
  if (!(value instanceof Map)) throw unreadable(what, "not a map");
  for (const key of value.keys()) {
    if (!["string", "number", "bigint"].includes(typeof key)) {
      throw unreadable(what, "map key is neither text nor integer");
    }
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} what
 * @param {number} [length]
 * @returns {readonly unknown[]}
 */
export function asArray(value, what, length) {
  if (Array.isArray(value) && (length === undefined || length === value.length)) return value;
  throw unreadable(what, "not an array of that length");
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Uint8Array}
 */
export function asBytes(value, what) {
  if (value instanceof Uint8Array) return value;
  throw unreadable(what, "not a byte string");
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Embedded}
 */
export function asEmbedded(value, what) {
  if (value instanceof Embedded) return value;
  throw unreadable(what, "not an encoded item (tag 24)");
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {string}
 */
export function asText(value, what) {
  if (typeof value === "string") return value;
  throw unreadable(what, "not text");
}

/**
 * An unsigned integer; one beyond 2^53 stays a bigint.
 *
 * @param {unknown} value
 * @param {string} what
 * @returns {number | bigint}
 */
export function asUint(value, what) {
  if ((typeof value === "number" || typeof value === "bigint") && value >= 0) return value;
  throw unreadable(what, "not an unsigned integer");
}

const TDATE = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The instant of a tdate (tag 0, RFC 3339), in milliseconds since 1970.
 *
 * @param {unknown} value
 * @param {string} what
 * @returns {number}
 */
export function asTdate(value, what) {
  if (!(value instanceof DateText) || value.tag !== 0) throw unreadable(what, "not a tdate (tag 0)");
  const [, day, time, fraction = "", zone = ""] = TDATE.exec(value.text) ?? [];
  const instant = day ? instantOf(day, time ?? "", zone) : NaN;
  if (Number.isNaN(instant)) throw unreadable(what, "not an RFC 3339 date-time");
  return instant + Number(`0${fraction}`) * 1000;
}

/**
 * @param {string} day
 * @param {string} time
 * @param {string} zone
 */
function instantOf(day, time, zone) {
  // Date.parse takes 30 February for 2 March, and 24:00:00.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.valueOf()) || midnight.toISOString().slice(0, 10) !== day) return NaN;
  return day < "0001" || time >= "24" ? NaN : Date.parse(`${day}T${time}${zone}`);
}
