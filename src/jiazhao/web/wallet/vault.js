// What this device keeps: for each claimed licence a key pair that cannot leave the browser,
// the credential, and the counter of shown codes; and how to ask for a claim that waits.
// IndexedDB holds it; tabs share it.
//
// Who can change this store can lose the licence on this device or make codes void, but cannot
// copy the key: the private half is not extractable. Who reads the tokens of a claim that waits
// gets a copy for this device's key, which is of no use elsewhere.

import { localProblem } from "../shared/api.js";
import { toBase64url } from "../shared/base64url.js";
import { DeviceStore } from "./device-store.js";

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
 * @property {number} counter         of the last code made
 * @property {Waiting | null} [waiting]  while a person decides
 */

/**
 * A claim that waits for a person, and what it takes to ask for it (OpenID4VCI 1.0 section 9).
 *
 * @typedef {object} Waiting
 * @property {string} issuer
 * @property {object} asked           which credential was asked for
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
 * Keep the issued credential, and drop what this device kept of the same licence before.
 *
 * @param {KeptInstance} instance
 * @param {Uint8Array} credential
 */
export async function keepCredential(instance, credential) {
  const former = await instancesOf(instance.archiveNumber);
  await instances.write((store) => {
    store.put({ ...instance, credential, waiting: null });
    for (const { deviceKey } of former) {
      if (deviceKey !== instance.deviceKey) store.delete(deviceKey);
    }
  });
}

/**
 * Keep how to ask for a claim that waits; an earlier one that never got a credential is over.
 *
 * @param {KeptInstance} instance
 * @param {Waiting} waiting
 */
export async function keepWaiting(instance, waiting) {
  const former = await instancesOf(instance.archiveNumber);
  await instances.write((store) => {
    store.put({ ...instance, waiting });
    for (const { deviceKey, credential } of former) {
      if (deviceKey !== instance.deviceKey && credential === null) store.delete(deviceKey);
    }
  });
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

/**
 * The next counter for a code, above every one that was used or made before. Reading and
 * writing are one transaction, so two tabs never get the same.
 *
 * @param {string} deviceKey
 * @param {number} lastUsed  as the register knows it; a restored backup may lag behind
 * @returns {Promise<number>}
 */
export async function nextCounter(deviceKey, lastUsed) {
  let counter = 0;
  await instances.write((store) => {
    const asked = store.get(deviceKey);
    asked.onsuccess = () => {
      if (asked.result === undefined) return;
      counter = Math.max(asked.result.counter, lastUsed) + 1;
      store.put({ ...asked.result, counter });
    };
  });
  if (counter === 0) throw localProblem("vault.lost", "key_lost");
  return counter;
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
