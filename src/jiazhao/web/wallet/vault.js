// What this device keeps: for each claimed licence a key pair that cannot leave the browser, the
// credential, copies that are used once, the issuer's part of the licence code, and the counter;
// what the last contact brought, and how to ask for more. IndexedDB holds it; tabs share it.
//
// Who can change this store can lose the licence on this device or make codes void, but cannot
// read the key: the private half is not extractable. Tokens are of no use without it. Who copies
// the whole profile of the browser has a second device with the same key: the counter and the
// number of contacts rise with each use, so the service notices two that go on from one state.

import { localProblem } from "../shared/api.js";
import { toBase64url } from "../shared/base64url.js";
import { DeviceStore } from "./device-store.js";
import { mark } from "./marker.js";

const BY_ARCHIVE = "archiveNumber";
const instances = new DeviceStore("jiazhao-wallet", "instances", (database) => {
  const store = database.createObjectStore("instances", { keyPath: "deviceKey" });
  store.createIndex(BY_ARCHIVE, BY_ARCHIVE);
});
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/**
 * @typedef {object} KeptInstance
 * @property {string} deviceKey       RFC 7638 thumbprint of the public key
 * @property {string} archiveNumber   whose licence it is; it stays the same over reissue
 * @property {CryptoKeyPair} keyPair
 * @property {Uint8Array | null} credential  null until it was issued
 * @property {number} counter         of the last code or contact
 * @property {Waiting | null} [waiting]  while a person decides
 * @property {Tokens | null} [tokens]   to come back for more
 * @property {Vouched} [vouched]        where an issuer asked who vouches for this wallet
 * @property {string} [facts]           what the copies say of the licence
 * @property {CodePart | null} [codePart]
 * @property {Copy[]} [copies]          not used yet
 * @property {Contact | null} [contact]  the last one
 * @property {{ jti: string, n: number } | null} [pending]  a contact whose answer has not come
 */

/**
 * @typedef {object} Tokens
 * @property {string} issuer
 * @property {string} accessToken
 * @property {string} refreshToken
 * @property {number} renewAt  when the access token is to be renewed: seconds since 1970
 */

/**
 * What the wallet provider said of this instance of the wallet. It has a key of its own, for the
 * device key signs what officers read, too.
 *
 * @typedef {object} Vouched
 * @property {CryptoKeyPair} keyPair
 * @property {string} attestation
 * @property {string} clientId
 * @property {number} renewAt  when it is to be renewed: seconds since 1970
 */

/** @typedef {{ encoded: Uint8Array<ArrayBuffer>, askedAt: number }} CodePart  milliseconds since 1970 */

/** @typedef {{ format: string, keyPair: CryptoKeyPair, credential: string }} Copy */

/**
 * What the last contact brought (times by the register's clock).
 *
 * @typedef {object} Contact
 * @property {"live" | "frozen" | "copied" | "ended"} state
 * @property {number} n            what the next contact names
 * @property {number} at           milliseconds since 1970
 * @property {{ day: number, point: Uint8Array<ArrayBuffer> }[]} dayKeys
 * @property {Uint8Array<ArrayBuffer> | null} beacon
 */

/**
 * A claim that waits for a person, and what it takes to ask for it (OpenID4VCI 1.0 section 9).
 *
 * @typedef {object} Waiting
 * @property {string} issuer
 * @property {object} asked           which credential was asked for
 * @property {string} [configuration]  of what kind it is
 * @property {string} transactionId
 * @property {string} accessToken
 * @property {string} refreshToken    works once
 * @property {number} renewAt         when the access token is to be renewed: seconds since 1970
 * @property {number} askAt           when to ask next: seconds since 1970
 * @property {boolean} over           the claim was denied, or nobody knows it any more
 */

/** @typedef {{ kty: string, crv: string, x: string, y: string }} PublicJwk */

/** A key pair that cannot leave this browser. @returns {Promise<CryptoKeyPair>} */
export async function makeKeyPair() {
  if (!globalThis.isSecureContext) throw localProblem("vault.insecure", "insecure_context");
  // Asks the browser not to evict the key; some browsers ask the reader, and none is waited for.
  void navigator.storage?.persist?.().catch(() => false);
  return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
}

/**
 * Make the key pair for a new claim and keep it before anything is asked of the issuer.
 *
 * @param {string} archiveNumber
 * @returns {Promise<KeptInstance>}
 */
export async function createInstance(archiveNumber) {
  const keyPair = await makeKeyPair();
  const deviceKey = await thumbprint(await publicJwk(keyPair));
  const kept = { deviceKey, archiveNumber, keyPair, credential: null, counter: 0 };
  await instances.write((store) => store.put(kept));
  return kept;
}

/**
 * Keep the issued credential with the tokens for more, and drop what this device kept of the
 * same licence before.
 *
 * @param {KeptInstance} instance
 * @param {Uint8Array} credential
 * @param {Tokens} tokens
 */
export async function keepCredential(instance, credential, tokens) {
  const former = await instancesOf(instance.archiveNumber);
  await change(instance.deviceKey, (kept) => ({ ...kept, credential, tokens, waiting: null }));
  mark(instance.deviceKey);
  await drop(former.filter(({ deviceKey }) => deviceKey !== instance.deviceKey));
}

/**
 * Keep how to ask for a claim that waits; an earlier one that never got a credential is over.
 *
 * @param {KeptInstance} instance
 * @param {Waiting} waiting
 */
export async function keepWaiting(instance, waiting) {
  const former = await instancesOf(instance.archiveNumber);
  await change(instance.deviceKey, (kept) => ({ ...kept, waiting }));
  await drop(former.filter((one) => one.deviceKey !== instance.deviceKey && one.credential === null));
}

/** @param {readonly KeptInstance[]} over */
async function drop(over) {
  if (over.length === 0) return;
  await instances.write((store) => {
    for (const { deviceKey } of over) store.delete(deviceKey);
  });
}

/**
 * Change what is kept of one key. Reading and writing are one transaction, so that no tab undoes
 * what another did, and a counter never falls.
 *
 * @param {string} deviceKey
 * @param {(kept: KeptInstance) => KeptInstance} by
 * @returns {Promise<KeptInstance>}
 */
export async function change(deviceKey, by) {
  /** @type {KeptInstance[]} */
  const changed = [];
  await instances.write((store) => {
    const asked = store.get(deviceKey);
    asked.onsuccess = () => {
      if (asked.result === undefined) return;
      changed.push(by(asked.result));
      store.put(changed[0]);
    };
  });
  if (changed[0] === undefined) throw localProblem("vault.lost", "key_lost");
  return changed[0];
}

/**
 * All that this device keeps of one licence.
 *
 * @param {string} archiveNumber
 * @returns {Promise<KeptInstance[]>}
 */
export function instancesOf(archiveNumber) {
  return instances.read((store) => store.index(BY_ARCHIVE).getAll(archiveNumber));
}

/** What is kept of one key. @param {string} deviceKey @returns {Promise<KeptInstance>} */
export async function keptInstance(deviceKey) {
  const kept = await instances.read((store) => store.get(deviceKey));
  if (kept === undefined) throw localProblem("vault.lost", "key_lost");
  return kept;
}

/**
 * Where it is kept what is said of the instance of one key.
 *
 * @param {string} deviceKey
 * @returns {import("./vouching.js").Safe}
 */
export function vouchedOf(deviceKey) {
  return {
    recall: async () => (await keptInstance(deviceKey)).vouched ?? null,
    keep: async (vouched) => {
      await change(deviceKey, (kept) => ({ ...kept, vouched }));
    },
  };
}

/** Whether anything is kept of a key. @param {string} deviceKey */
export async function holds(deviceKey) {
  return (await instances.read((store) => store.getKey(deviceKey))) !== undefined;
}

/**
 * Take the next counter, for a code or a contact. It is this store's alone: a counter raised to
 * what the service knows would hide a copy of this profile behind it.
 *
 * @param {string} deviceKey
 * @returns {Promise<KeptInstance>}  with the counter taken
 */
export function takeCounter(deviceKey) {
  return change(deviceKey, (kept) => ({ ...kept, counter: kept.counter + 1 }));
}

/**
 * Sign with the device key: ES256, r and s joined.
 *
 * @param {CryptoKeyPair} keyPair
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function sign(keyPair, bytes) {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return new Uint8Array(await crypto.subtle.sign(algorithm, keyPair.privateKey, bytes));
}

/**
 * @param {CryptoKeyPair} keyPair
 * @returns {Promise<PublicJwk>}
 */
export async function publicJwk(keyPair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keyPair.publicKey);
  return { kty: kty ?? "", crv: crv ?? "", x: x ?? "", y: y ?? "" };
}

/**
 * The key's name: SHA-256 over its required members in lexical order (RFC 7638 section 3).
 *
 * @param {PublicJwk} jwk
 */
export async function thumbprint({ kty, crv, x, y }) {
  const canonical = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", canonical)));
}
