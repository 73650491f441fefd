// One store of IndexedDB on this device. Tabs share it; a change is on the disk when its promise
// settles. Keys lie there as objects that script can use and not read.

import { localProblem } from "../shared/api.js";

let closed = false;

/** From now on nothing is kept or read by this page: what is deleted does not come back. */
export function closeStores() {
  closed = true;
}

export class DeviceStore {
  #database;
  #store;
  #make;

  /**
   * @param {string} database
   * @param {string} store
   * @param {(database: IDBDatabase) => void} make  makes the store on the first use
   */
  constructor(database, store, make) {
    this.#database = database;
    this.#store = store;
    this.#make = make;
  }

  /**
   * @template T
   * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
   * @returns {Promise<T>}
   */
  async read(ask) {
    const database = await this.#open();
    const found = await settled(ask(database.transaction(this.#store).objectStore(this.#store)));
    database.close();
    return found;
  }

  /**
   * Run changes as one transaction.
   *
   * @param {(store: IDBObjectStore) => void} change
   * @returns {Promise<void>}
   */
  async write(change) {
    const database = await this.#open();
    const transaction = database.transaction(this.#store, "readwrite", { durability: "strict" });
    change(transaction.objectStore(this.#store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => {
        database.close();
        resolve();
      };
      transaction.onabort = () => reject(unusable());
    });
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      if (closed) {
        reject(unusable());
        return;
      }
      const asked = indexedDB.open(this.#database, 1);
      asked.onupgradeneeded = () => this.#make(asked.result);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(unusable());
      asked.onblocked = asked.onerror;
    });
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(unusable());
  });
}

function unusable() {
  return localProblem("vault.unusable", "storage_unusable");
}
