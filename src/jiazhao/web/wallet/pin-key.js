// A phone's key that signs in together with a PIN, for phones without Web Authentication.
//
// The key cannot leave this browser. The PIN is kept nowhere here, not even as a hash: it goes to
// the server each time, which alone tells a right one from a wrong one and counts to five. So who
// takes this phone, or copies it, finds nothing to try PINs on.

import { call } from "../shared/api.js";
import { fromBase64url, toBase64url } from "../shared/base64url.js";
import { DeviceStore } from "./device-store.js";
import { makeKeyPair, publicJwk, sign } from "./vault.js";

/** @typedef {import("../shared/answers.js").PinKey} PinKey */
/** @typedef {{ keyId: string, accountId: string, keyPair: CryptoKeyPair }} KeptPinKey */

const REGISTERS = "jiazhao pin key registers";
const SIGNS_IN = "jiazhao pin key signs in";

const keys = new DeviceStore("jiazhao-pin", "keys", (database) => {
  database.createObjectStore("keys", { keyPath: "keyId" });
});

/** The key of this phone; null where there is none. @returns {Promise<KeptPinKey | null>} */
export async function keptPinKey() {
  const [kept] = await keys.read((store) => store.getAll());
  return kept ?? null;
}

/**
 * Make a key, register it with a PIN, and keep it in the place of a former one.
 *
 * @param {string} label
 * @param {string} pin  six digits
 * @returns {Promise<PinKey>}
 */
export async function registerPinKey(label, pin) {
  const keyPair = await makeKeyPair();
  const { x, y } = await publicJwk(keyPair);
  const { challenge } = await call("/identity/pin-keys/challenge", { method: "POST" });
  const signature = await signed(keyPair, REGISTERS, challenge);
  /** @type {PinKey} */
  const made = await call("/identity/pin-keys", { json: { challenge, label, x, y, signature, pin } });
  await keys.write((store) => {
    store.clear();
    store.put({ keyId: made.key_id, accountId: made.account_id, keyPair });
  });
  return made;
}

/**
 * Open a session with this phone's key and the PIN.
 *
 * @param {KeptPinKey} kept
 * @param {string} pin
 */
export async function signInWithPin({ keyId, accountId, keyPair }, pin) {
  const { challenge } = await call("/sign-in/pin/challenge", { method: "POST" });
  const signature = await signed(keyPair, SIGNS_IN, challenge);
  await call("/sign-in/pin", { json: { challenge, account_id: accountId, key_id: keyId, signature, pin } });
}

/** Remove a key; one of another phone only ends at the server. @param {string} keyId */
export async function removePinKey(keyId) {
  await call("/identity/pin-keys/remove", { json: { key_id: keyId } });
  await keys.write((store) => {
    store.delete(keyId);
  });
}

/**
 * What for, where, and the server's challenge.
 *
 * @param {CryptoKeyPair} keyPair
 * @param {string} says
 * @param {string} challenge
 */
async function signed(keyPair, says, challenge) {
  const where = new TextEncoder().encode(`${says}\0${location.origin}\0`);
  const asked = fromBase64url(challenge);
  const message = new Uint8Array(where.length + asked.length);
  message.set(where);
  message.set(asked, where.length);
  return toBase64url(await sign(keyPair, message));
}
