// What the wallet keeps besides keys and credentials, under one name each: the licence as the
// register last confirmed it, what the last contact brought, whether the screen is locked.
//
// What is personal lies sealed (AES-GCM) under a key that script can use and not read, so a copy
// of the bare entries names nobody. Who runs as this browser can open them: the phone's own lock
// guards them, as it guards everything in the browser.

import { DeviceStore } from "./device-store.js";

const things = new DeviceStore("jiazhao-kept", "kept", (database) => {
  database.createObjectStore("kept", { keyPath: "name" });
});

const SEAL = "seal";

/**
 * What was kept under a name; null where nothing was.
 *
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function recall(name) {
  const found = await things.read((store) => store.get(name));
  return found?.value ?? null;
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export async function keep(name, value) {
  await things.write((store) => store.put({ name, value }));
}

/** @param {string} name */
export async function forget(name) {
  await things.write((store) => store.delete(name));
}

/**
 * Open what was kept sealed; null where there is nothing, or nothing that the key opens.
 *
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function recallSealed(name) {
  const [key, kept] = await Promise.all([recall(SEAL), recall(name)]);
  if (key === null || kept === null) return null;
  try {
    const algorithm = { name: "AES-GCM", iv: kept.iv, additionalData: named(name) };
    const octets = await crypto.subtle.decrypt(algorithm, key, kept.sealed);
    return JSON.parse(new TextDecoder().decode(octets));
  } catch {
    return null; // altered or of another key: it is asked for anew
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export async function keepSealed(name, value) {
  const key = (await recall(SEAL)) ?? (await makeSeal());
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const algorithm = { name: "AES-GCM", iv, additionalData: named(name) };
  const sealed = await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode(JSON.stringify(value)));
  await keep(name, { iv, sealed });
}

/** Two tabs may make one at once: whoever keeps it first has made it for both. */
async function makeSeal() {
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await things.write((store) => {
    const asked = store.get(SEAL);
    asked.onsuccess = () => {
      if (asked.result === undefined) store.put({ name: SEAL, value: made });
    };
  });
  return recall(SEAL);
}

/** @param {string} name */
function named(name) {
  return new TextEncoder().encode(`jiazhao kept ${name}`);
}
