// One JSON document in, one out: how the tests talk to the peers.

import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

/** The JSON document on standard input. */
export async function readInput() {
  return JSON.parse(await text(process.stdin));
}

/** The version of an installed peer, from its own package.json. */
export function installedVersion(name) {
  const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")).version;
}

/** Octets of a base64url text. */
export function octets(text) {
  return new Uint8Array(Buffer.from(text, "base64url"));
}

/** JSON of verified values: octets as base64url, dates as their text. */
export function plain(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64url");
  if (value instanceof Date || typeof value?.toISOString === "function") return value.toISOString();
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}
