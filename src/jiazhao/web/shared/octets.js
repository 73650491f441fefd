// Comparing and writing octets.

/**
 * Whether two are alike; for public values only, it stops at the first difference.
 *
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function sameOctets(one, other) {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}

/** @param {Uint8Array} octets */
export function toHex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/**
 * Text of octets that must be UTF-8; a TypeError otherwise.
 *
 * @param {Uint8Array} octets
 */
export function fromUtf8(octets) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
}

/**
 * Octets of text that is ASCII.
 *
 * @param {string} text
 */
export function fromAscii(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * A copy in memory of its own, which is what WebCrypto takes.
 *
 * @param {Uint8Array} octets
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function owned(octets) {
  return new Uint8Array(octets);
}
