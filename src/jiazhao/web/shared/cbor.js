// A small deterministic CBOR encoder (RFC 8949 section 4.2.1): shortest lengths, definite
// sizes, map keys in bytewise order. It knows what the licence code needs and no more.

/** @typedef {number | bigint | string | boolean | null | Uint8Array | CborArray | CborMap} CborValue */
/** @typedef {readonly CborValue[]} CborArray */
/** @typedef {ReadonlyMap<CborValue, any>} CborMap */

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const LIMIT = 1n << 64n;

/**
 * Encode a value. Numbers are safe integers or big integers below 2^64 in magnitude.
 *
 * @param {CborValue} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeCbor(value) {
  if (value === null) return Uint8Array.of(NULL);
  if (value === true) return Uint8Array.of(TRUE);
  if (value === false) return Uint8Array.of(FALSE);
  if (typeof value === "number" || typeof value === "bigint") return integer(value);
  if (typeof value === "string") {
    const utf8 = new TextEncoder().encode(value);
    return concatenate([head(TEXT, BigInt(utf8.length)), utf8]);
  }
  if (value instanceof Uint8Array) {
    return concatenate([head(BYTES, BigInt(value.length)), value]);
  }
  if (value instanceof Map) return map(value);
  if (Array.isArray(value)) {
    return concatenate([head(ARRAY, BigInt(value.length)), ...value.map(encodeCbor)]);
  }
  throw new TypeError("No CBOR form is known for this value");
}

/**
 * @param {readonly Uint8Array[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concatenate(parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** @param {number | bigint} value */
function integer(value) {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError("Only safe integers are encoded");
  }
  const whole = BigInt(value);
  return whole >= 0n ? head(UNSIGNED, whole) : head(NEGATIVE, -1n - whole);
}

/** @param {CborMap} entries */
function map(entries) {
  const encoded = Array.from(entries, ([key, value]) => ({
    key: encodeCbor(key),
    value: encodeCbor(value),
  }));
  encoded.sort((one, other) => compareBytes(one.key, other.key));
  const parts = encoded.flatMap(({ key, value }) => [key, value]);
  return concatenate([head(MAP, BigInt(encoded.length)), ...parts]);
}

/**
 * The first bytes of an item: its kind in three bits and its argument in as few as will do.
 *
 * @param {number} kind
 * @param {bigint} argument
 */
function head(kind, argument) {
  if (argument >= LIMIT) throw new RangeError("The number does not fit 64 bits");
  const first = kind << 5;
  if (argument < 24n) return Uint8Array.of(first | Number(argument));
  const size = [1, 2, 4, 8].find((bytes) => argument < 1n << BigInt(8 * bytes)) ?? 8;
  const bytes = new Uint8Array(1 + size);
  bytes[0] = first | (24 + Math.log2(size));
  for (let i = size, rest = argument; i > 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function compareBytes(one, other) {
  const shared = Math.min(one.length, other.length);
  for (let i = 0; i < shared; i++) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
