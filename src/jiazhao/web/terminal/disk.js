// What the terminal keeps on its disk. `own` is the terminal itself and stays; `shift` is all
// that a shift brought and is gone when it ends; `counters` are those that the shift has seen;
// `queue` holds records that only the service can open, until it has them. A terminal that was
// switched off keeps its queue and, to hand that in, the key that signs for it: nothing readable.

import { localProblem } from "../shared/api.js";

const NAME = "jiazhao-terminal";
const VERSION = 1;
const SEQUENCE = "sequence";
const STORES = /** @type {const} */ (["own", "shift", "counters", "queue"]);

/** @typedef {(typeof STORES)[number]} StoreName */

/**
 * Run requests as one transaction; what `act` returns is the answer once it is on the disk.
 *
 * @template T
 * @param {readonly StoreName[]} names
 * @param {"readonly" | "readwrite"} mode
 * @param {(stores: Record<StoreName, IDBObjectStore>) => { result: T } | null} act
 * @returns {Promise<T | null>}
 */
async function transact(names, mode, act) {
  const database = await open();
  try {
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
    const request = act(/** @type {Record<StoreName, IDBObjectStore>} */ (stores));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(unusable());
    });
    return request?.result ?? null;
  } finally {
    database.close();
  }
}

/**
 * @param {StoreName} name
 * @param {IDBValidKey} key
 * @returns {Promise<any>} null where there is none
 */
export function kept(name, key) {
  return transact([name], "readonly", (stores) => stores[name].get(key));
}

/**
 * @param {StoreName} name
 * @param {number} [most]
 * @returns {Promise<any[]>} in the order of their keys
 */
export async function allKept(name, most) {
  return (await transact([name], "readonly", (stores) => stores[name].getAll(null, most))) ?? [];
}

/** @param {StoreName} name @returns {Promise<number>} */
export async function countKept(name) {
  return (await transact([name], "readonly", (stores) => stores[name].count())) ?? 0;
}

/**
 * @param {StoreName} name
 * @param {IDBValidKey} key
 * @param {unknown} value
 */
export async function keep(name, key, value) {
  await transact([name], "readwrite", (stores) => stores[name].put(value, key));
}

/**
 * The next number of a record, which never comes twice.
 *
 * @returns {Promise<number>}
 */
export async function nextNumber() {
  let number = 0;
  await transact(["own"], "readwrite", ({ own }) => {
    const asked = own.get(SEQUENCE);
    asked.onsuccess = () => {
      number = (asked.result ?? 0) + 1;
      own.put(number, SEQUENCE);
    };
    return null;
  });
  return number;
}

/**
 * @param {StoreName} name
 * @param {readonly IDBValidKey[]} keys
 */
export async function drop(name, keys) {
  await transact([name], "readwrite", (stores) => {
    for (const key of keys) stores[name].delete(key);
    return null;
  });
}

/**
 * Raise a kept number, in one transaction for all tabs.
 *
 * @param {StoreName} name
 * @param {IDBValidKey} key
 * @param {number} value
 */
export async function raise(name, key, value) {
  await transact([name], "readwrite", (stores) => {
    const asked = stores[name].get(key);
    asked.onsuccess = () => {
      if (!(asked.result >= value)) stores[name].put(value, key);
    };
    return null;
  });
}

/** @param {readonly StoreName[]} names */
export async function empty(names) {
  await transact(names, "readwrite", (stores) => {
    for (const name of names) stores[name].clear();
    return null;
  });
}

/** Where the terminal itself is kept, and those that it was before it was switched off. */
export const OWN = "terminal";
export const RETIRED = "retired";

/** The terminal is none any more; what waits in its queue can still be handed in, and no more. */
export async function retire() {
  await transact(STORES, "readwrite", ({ own, shift, counters, queue }) => {
    shift.clear();
    counters.clear();
    const [waiting, terminal, retired, sequence] = [queue.count(), own.get(OWN), own.get(RETIRED), own.get(SEQUENCE)];
    sequence.onsuccess = () => {
      own.clear();
      if (waiting.result === 0) return;
      own.put(sequence.result, SEQUENCE); // a new terminal must not write over what waits
      own.put([...(retired.result ?? []), ...(terminal.result ? [terminal.result] : [])], RETIRED);
    };
    return null;
  });
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      for (const name of STORES) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(unusable());
    asked.onblocked = asked.onerror;
  });
}

function unusable() {
  return localProblem("terminal.disk", "storage_unusable");
}
