// Chromium keeps IndexedDB in LevelDB, whose log a crash can cut in the middle of an entry. The
// next start reads it well and goes on writing in that log; the start after it finds the cut
// entry inside, takes the log for damaged, and throws away all that the origin has stored
// (github.com/google/leveldb/issues/1287). So whatever starts here writes more than one log
// holds: LevelDB then puts what it has read into a table and begins a new log.

const NAME = "jiazhao-terminal-filling";
const STORE = "filling";
/** LevelDB begins a new log after 4 MiB. */
const VALUES = 84;
/** Chromium puts values from 64 KiB on into files of their own; it packs what can be packed. */
const OCTETS = 60_000;

/** Go on in a log that no crash has cut. Nothing is lost where that cannot be done. */
export async function beginFreshLog() {
  try {
    const opening = indexedDB.open(NAME);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await answered(opening);
    try {
      const filling = database.transaction([STORE], "readwrite", { durability: "strict" });
      for (let key = 0; key < VALUES; key++) {
        filling.objectStore(STORE).put(crypto.getRandomValues(new Uint8Array(OCTETS)), key);
      }
      await new Promise((resolve, reject) => {
        filling.oncomplete = resolve;
        filling.onabort = reject;
      });
    } finally {
      database.close(); // an open one would keep every later start from deleting it
    }
    await answered(indexedDB.deleteDatabase(NAME));
  } catch {
    // A full disk, or another tab that does the same.
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
    if ("onblocked" in request) request.onblocked = reject;
  });
}
