// Reading IssuerSigned and DeviceResponse (ISO/IEC 18013-5 section 8.3.2.1.2.2). Nothing is
// verified here: it bounds, checks the shape, and keeps the octets of each item as received,
// for the issuer's digest is over exactly those.

import {
  asArray,
  asBytes,
  asEmbedded,
  asMap,
  asTdate,
  asText,
  asUint,
  inspect,
  readCbor,
  unwrap,
} from "./cbor-reader.js";
import { concatenate, encodeCbor } from "./cbor.js";
import { Sign1 } from "./cose.js";
import { PublicKey } from "./public-key.js";
import { unreadable } from "./verification-error.js";

export const MDL_NAMESPACE = "org.iso.18013.5.1";

const MAX_DOCUMENTS = 4;
const MIN_SALT_OCTETS = 16;
const TAGS = [0, 18, 24, 1004];
const NONE = new Map();

/** @type {Readonly<Record<string, number>>} */
const DIGEST_OCTETS = { "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

/** @typedef {{ uri: string, index: number | bigint }} StatusReference  the list and the place in it */

/**
 * @typedef {object} IssuerSignedItem
 * @property {number | bigint} digestId
 * @property {string} element
 * @property {unknown} value
 * @property {Uint8Array} octets  IssuerSignedItemBytes as received
 */

/**
 * @typedef {object} MobileSecurityObject
 * @property {string} docType
 * @property {string} digestAlgorithm
 * @property {ReadonlyMap<string, ReadonlyMap<unknown, unknown>>} valueDigests
 * @property {PublicKey} deviceKey
 * @property {number} signed      milliseconds since 1970, like the two below
 * @property {number} validFrom
 * @property {number} validUntil
 * @property {StatusReference | null} status
 * @property {boolean} unknownStatus  whether a status is published in another way too
 */

/**
 * @typedef {object} IssuerSigned
 * @property {ReadonlyMap<string, ReadonlyMap<string, IssuerSignedItem>>} nameSpaces
 * @property {Sign1} issuerAuth
 * @property {MobileSecurityObject} mso
 */

/** @typedef {{ nameSpaces: Uint8Array, signature: Sign1 | null }} DeviceSigned  null: a MAC came */

/**
 * @typedef {object} Presented  one document; a bare IssuerSigned has no type and no device
 * @property {IssuerSigned} issued
 * @property {string | null} docType
 * @property {DeviceSigned | null} device
 */

/**
 * Read IssuerSigned, or a DeviceResponse of one document in order.
 *
 * @param {Uint8Array} received
 * @returns {Presented}
 */
export function parseMdoc(received) {
  const root = asMap(readCbor(received, "mdoc", { tags: TAGS }), "mdoc");
  if (root.has("issuerAuth")) return { issued: issuerSigned(root), docType: null, device: null };
  version(root.get("version"), "DeviceResponse");
  const status = asUint(root.get("status"), "DeviceResponse status");
  const documents = asArray(root.has("documents") ? root.get("documents") : [], "documents");
  if (documents.length > MAX_DOCUMENTS) {
    throw unreadable("DeviceResponse", `more than ${MAX_DOCUMENTS} documents`);
  }
  const [only, ...others] = documents.map(document);
  if (!only || others.length || status !== 0) {
    throw unreadable("DeviceResponse", "not one document in order");
  }
  return only;
}

/**
 * DeviceAuthenticationBytes (section 9.1.3.4), which the holder's device signs.
 *
 * @param {Uint8Array} transcript  the encoded SessionTranscript
 * @param {string} docType
 * @param {Uint8Array} nameSpaces  the encoded map of the elements that the device signs
 */
export function deviceAuthentication(transcript, docType, nameSpaces) {
  const head = Uint8Array.of(0x84);
  return embed(
    concatenate([head, encodeCbor("DeviceAuthentication"), transcript, encodeCbor(docType), embed(nameSpaces)]),
  );
}

/** @param {Uint8Array} octets */
function embed(octets) {
  return concatenate([Uint8Array.of(0xd8, 24), encodeCbor(octets)]);
}

/**
 * @param {unknown} value
 * @returns {Presented}
 */
function document(value) {
  const members = asMap(value, "document");
  return {
    docType: asText(members.get("docType"), "docType"),
    issued: issuerSigned(members.get("issuerSigned")),
    device: deviceSigned(members.get("deviceSigned")),
  };
}

/**
 * @param {unknown} value
 * @returns {DeviceSigned}
 */
function deviceSigned(value) {
  const members = asMap(value, "deviceSigned");
  const nameSpaces = asEmbedded(members.get("nameSpaces"), "deviceSigned nameSpaces").content;
  const auth = asMap(members.get("deviceAuth"), "deviceAuth");
  if (auth.size !== 1 || !(auth.has("deviceSignature") || auth.has("deviceMac"))) {
    throw unreadable("deviceAuth", "not one of deviceSignature and deviceMac");
  }
  const signature = auth.has("deviceSignature") ? new Sign1(auth.get("deviceSignature")) : null;
  if (signature && signature.payload !== null) {
    throw unreadable("deviceSignature", "payload is not detached");
  }
  const elements = readCbor(nameSpaces, "deviceSigned", { tags: TAGS });
  inspect(elements, "deviceSigned");
  for (const [namespace, items] of asMap(elements, "deviceSigned")) {
    asText(namespace, "namespace");
    asMap(items, "device-signed items");
  }
  return { nameSpaces, signature };
}

/**
 * @param {unknown} value
 * @returns {IssuerSigned}
 */
function issuerSigned(value) {
  const members = asMap(value, "IssuerSigned");
  const issuerAuth = new Sign1(members.get("issuerAuth"));
  if (issuerAuth.payload === null) throw unreadable("issuerAuth", "payload is missing");
  const mso = unwrap(issuerAuth.payload, "MSO");
  const shown = members.has("nameSpaces") ? members.get("nameSpaces") : NONE;
  return {
    nameSpaces: mapOf(shown, "nameSpaces", items),
    issuerAuth,
    mso: mobileSecurityObject(readCbor(mso, "MSO", { tags: TAGS })),
  };
}

/**
 * A map by text, each of its members read.
 *
 * @template T
 * @param {unknown} value
 * @param {string} what
 * @param {(member: unknown) => T} read
 * @returns {Map<string, T>}
 */
function mapOf(value, what, read) {
  return new Map(Array.from(asMap(value, what), ([key, member]) => [asText(key, what), read(member)]));
}

/** @param {unknown} value */
function items(value) {
  const received = asArray(value, "items");
  if (!received.length) throw unreadable("nameSpaces", "namespace without items");
  const read = received.map(item);
  const byElement = new Map(read.map((each) => [each.element, each]));
  if (byElement.size !== read.length) throw unreadable("items", "element occurs twice");
  return byElement;
}

/**
 * @param {unknown} value
 * @returns {IssuerSignedItem}
 */
function item(value) {
  const { content, received } = asEmbedded(value, "item");
  const members = asMap(readCbor(content, "item", { tags: TAGS }), "item");
  if (members.size !== 4 || !members.has("elementValue")) {
    throw unreadable("item", "not a map of the four members");
  }
  if (asBytes(members.get("random"), "random").length < MIN_SALT_OCTETS) {
    throw unreadable("random", `less than ${MIN_SALT_OCTETS} octets`);
  }
  const elementValue = members.get("elementValue");
  inspect(elementValue, "elementValue");
  return {
    digestId: asUint(members.get("digestID"), "digestID"),
    element: asText(members.get("elementIdentifier"), "elementIdentifier"),
    value: elementValue,
    octets: received,
  };
}

/**
 * @param {unknown} value
 * @returns {MobileSecurityObject}
 */
function mobileSecurityObject(value) {
  const members = asMap(value, "MSO");
  const digestAlgorithm = asText(members.get("digestAlgorithm"), "digestAlgorithm");
  if (!Object.hasOwn(DIGEST_OCTETS, digestAlgorithm)) {
    throw unreadable("digestAlgorithm", "not one of SHA-256, SHA-384, SHA-512");
  }
  version(members.get("version"), "MSO");
  const validity = asMap(members.get("validityInfo"), "validityInfo");
  return {
    docType: asText(members.get("docType"), "docType"),
    digestAlgorithm,
    valueDigests: mapOf(members.get("valueDigests"), "valueDigests", (each) =>
      digests(each, DIGEST_OCTETS[digestAlgorithm]),
    ),
    deviceKey: PublicKey.fromCose(asMap(members.get("deviceKeyInfo"), "deviceKeyInfo").get("deviceKey")),
    signed: asTdate(validity.get("signed"), "signed"),
    validFrom: asTdate(validity.get("validFrom"), "validFrom"),
    validUntil: asTdate(validity.get("validUntil"), "validUntil"),
    ...publishedAt(members.get("status")),
  };
}

/**
 * @param {unknown} value
 * @param {number | undefined} octets
 */
function digests(value, octets) {
  const byId = asMap(value, "digests");
  for (const [id, digest] of byId) {
    if (typeof id === "string" || asBytes(digest, "digests").length !== octets) {
      throw unreadable("digests", `not integers and ${octets} octets`);
    }
  }
  return byId;
}

/** @param {unknown} value */
function publishedAt(value) {
  if (value === undefined || value === null) return { status: null, unknownStatus: false };
  const members = asMap(value, "status");
  if (!members.has("status_list")) return { status: null, unknownStatus: true };
  const entry = asMap(members.get("status_list"), "status_list");
  const status = {
    uri: asText(entry.get("uri"), "status_list uri"),
    index: asUint(entry.get("idx"), "status_list idx"),
  };
  return { status, unknownStatus: members.size > 1 };
}

/**
 * Take version 1 with any minor number: a reader must not fail on a later minor one.
 *
 * @param {unknown} value
 * @param {string} what
 */
function version(value, what) {
  if (!/^1\.[0-9]+$/.test(asText(value, `${what} version`))) throw unreadable(what, "version is not 1");
}
