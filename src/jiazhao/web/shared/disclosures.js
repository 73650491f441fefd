// Disclosures, and their places among the claims (RFC 9901, sections 4.2 and 7.1).

import { MAX_DEPTH, readJson } from "./json-reader.js";
import { readBase64url, sha256Base64url } from "./public-key.js";
import { unreadable } from "./verification-error.js";

export const DIGEST_ALGORITHM_NAME = "_sd_alg";
/** What a holder must not be able to leave out. */
export const NEVER_DISCLOSED = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];

const DIGESTS = "_sd";
const ARRAY_DIGEST = "...";
const MAX_OCTETS = 196_608;

/** @typedef {readonly (string | number)[]} Path  names of members and places in arrays */
/** @typedef {{ name: string | null, value: unknown }} Disclosure  no name: an element of an array */

/**
 * The disclosures by their digest.
 *
 * @param {readonly string[]} texts
 * @returns {Promise<Map<string, Disclosure>>}
 */
export async function readDisclosures(texts) {
  const read = texts.map(disclosure);
  const digests = await Promise.all(texts.map(sha256Base64url));
  const byDigest = new Map(read.map((each, at) => [digests[at] ?? "", each]));
  if (byDigest.size !== texts.length) throw unreadable("SD-JWT", "a disclosure came twice");
  return byDigest;
}

/**
 * @param {string} text
 * @returns {Disclosure}
 */
function disclosure(text) {
  const parts = readJson(readBase64url(text, "disclosure"), "disclosure", MAX_OCTETS);
  if (!Array.isArray(parts) || parts.length < 2 || parts.length > 3) {
    throw unreadable("disclosure", "not an array of two or three");
  }
  if (typeof parts[0] !== "string") throw unreadable("disclosure", "salt is not text");
  if (parts.length === 2) return { name: null, value: parts[1] };
  const [, name, value] = parts;
  if (typeof name !== "string" || name === DIGESTS || name === ARRAY_DIGEST) {
    throw unreadable("disclosure", "bad name of a claim");
  }
  return { name, value };
}

/** Puts disclosures where their digests stand (RFC 9901, section 7.1, step 3). */
export class Places {
  /** @param {Map<string, Disclosure>} disclosures */
  constructor(disclosures) {
    /** Those that have found no place yet. */
    this.waiting = disclosures;
    /** @type {Path[]} */
    this.disclosed = [];
    /** @type {Set<string>} */
    this.met = new Set();
  }

  /**
   * The payload with what was disclosed and without digests.
   *
   * @param {import("./json-reader.js").JsonObject} payload
   */
  fill(payload) {
    const filled = this.object(payload, []);
    for (const [first] of this.disclosed) {
      if ([...NEVER_DISCLOSED, DIGEST_ALGORITHM_NAME].includes(String(first))) {
        throw unreadable("disclosure", "of a claim that must not be one");
      }
    }
    return filled;
  }

  /**
   * @param {unknown} value
   * @param {Path} path
   * @returns {unknown}
   */
  value(value, path) {
    if (value instanceof Map) return this.object(value, path);
    return Array.isArray(value) ? this.array(value, path) : value;
  }

  /**
   * @param {import("./json-reader.js").JsonObject} members
   * @param {Path} path
   */
  object(members, path) {
    boundDepth(path);
    if (members.has(ARRAY_DIGEST)) throw unreadable("SD-JWT", "... is no name for a claim");
    /** @type {Map<string, unknown>} */
    const filled = new Map();
    for (const [name, value] of members) {
      if (name !== DIGESTS) filled.set(name, this.value(value, [...path, name]));
    }
    const digests = members.has(DIGESTS) ? members.get(DIGESTS) : [];
    if (!Array.isArray(digests)) throw unreadable("SD-JWT", "_sd is not an array");
    for (const digest of digests) {
      const shown = this.take(digest);
      if (!shown) continue;
      const { name, value } = shown;
      if (name === null) throw unreadable("disclosure", "of an element where a member belongs");
      if (filled.has(name)) throw unreadable("disclosure", "of a claim that is there already");
      this.disclosed.push([...path, name]);
      filled.set(name, this.value(value, [...path, name]));
    }
    return filled;
  }

  /**
   * @param {readonly unknown[]} elements
   * @param {Path} path
   */
  array(elements, path) {
    boundDepth(path);
    /** @type {unknown[]} */
    const filled = [];
    for (const element of elements) {
      const place = [...path, filled.length];
      if (!(element instanceof Map) || !element.has(ARRAY_DIGEST)) {
        filled.push(this.value(element, place));
        continue;
      }
      if (element.size !== 1) throw unreadable("SD-JWT", "... does not stand alone");
      const shown = this.take(element.get(ARRAY_DIGEST));
      if (!shown) continue;
      if (shown.name !== null) throw unreadable("disclosure", "of a member where an element belongs");
      this.disclosed.push(place);
      filled.push(this.value(shown.value, place));
    }
    return filled;
  }

  /**
   * The disclosure of a digest; undefined where the holder did not show it.
   *
   * @param {unknown} digest
   */
  take(digest) {
    if (typeof digest !== "string") throw unreadable("SD-JWT", "digest is not text");
    if (this.met.has(digest)) throw unreadable("SD-JWT", "digest occurs twice");
    this.met.add(digest);
    const shown = this.waiting.get(digest);
    this.waiting.delete(digest);
    return shown;
  }
}

/**
 * Disclosures within disclosures are each within the bounds of JSON; together they might go
 * deeper than a program can follow.
 *
 * @param {Path} path
 */
function boundDepth(path) {
  if (path.length > MAX_DEPTH) throw unreadable("SD-JWT", `nested deeper than ${MAX_DEPTH}`);
}
