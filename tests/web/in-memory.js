// What a browser gives a page and Node does not, as far as the modules under test use it:
// IndexedDB in memory, a page without a screen, a service that answers.

/**
 * IndexedDB: transactions of a database run one after another, and others come in between two
 * of them. What belongs together must be one transaction here, too.
 */
class MemoryDatabase {
  /** @type {Map<string, { records: Map<IDBValidKey, any>, keyPath: string | null, indexes: Map<string, string> }>} */
  stores = new Map();
  before = Promise.resolve();

  /** @param {string} name @param {{ keyPath?: string }} [options] */
  createObjectStore(name, { keyPath } = {}) {
    const store = { records: new Map(), keyPath: keyPath ?? null, indexes: new Map() };
    this.stores.set(name, store);
    return { createIndex: (/** @type {string} */ index, /** @type {string} */ path) => store.indexes.set(index, path) };
  }

  /** @param {string | readonly string[]} _names @param {string} [mode] */
  transaction(_names, mode = "readonly") {
    const transaction = new MemoryTransaction(this, mode);
    this.before = this.before.then(() => transaction.run());
    return transaction;
  }

  close() {}
}

class MemoryTransaction {
  /** @type {(() => void) | null} */
  oncomplete = null;
  onabort = null;
  /** @type {(() => void)[]} */
  #asked = [];

  /** @param {MemoryDatabase} database @param {string} mode */
  constructor(database, mode) {
    this.database = database;
    this.mode = mode;
  }

  /** @param {string} name */
  objectStore(name) {
    const store = this.database.stores.get(name);
    if (store === undefined) throw new DOMException(name, "NotFoundError");
    const { records, keyPath, indexes } = store;
    const change = (/** @type {() => any} */ act) => {
      if (this.mode !== "readwrite") throw new DOMException(name, "ReadOnlyError");
      return this.#ask(act);
    };
    const sorted = () => [...records].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
    return {
      get: (/** @type {IDBValidKey} */ key) => this.#ask(() => records.get(key)),
      getKey: (/** @type {IDBValidKey} */ key) => this.#ask(() => (records.has(key) ? key : undefined)),
      getAll: (/** @type {null} */ _range, /** @type {number} */ most = Infinity) => this.#ask(() => sorted().slice(0, most)),
      count: () => this.#ask(() => records.size),
      put: (/** @type {any} */ value, /** @type {IDBValidKey} */ key) => change(() => void records.set(keyPath === null ? key : value[keyPath], value)),
      delete: (/** @type {IDBValidKey} */ key) => change(() => void records.delete(key)),
      clear: () => change(() => records.clear()),
      index: (/** @type {string} */ index) => ({
        getAll: (/** @type {any} */ wanted) => this.#ask(() => sorted().filter((value) => value[indexes.get(index) ?? ""] === wanted)),
      }),
    };
  }

  /** @param {() => any} act */
  #ask(act) {
    const request = { result: /** @type {any} */ (undefined), onsuccess: /** @type {(() => void) | null} */ (null) };
    this.#asked.push(() => {
      request.result = act();
      request.onsuccess?.();
    });
    return request;
  }

  async run() {
    for (let act = this.#asked.shift(); act !== undefined; act = this.#asked.shift()) {
      await passing();
      act();
    }
    await passing();
    this.oncomplete?.();
  }
}

/** Let everything else that is ready go on first. */
export const passing = () => new Promise((resolve) => setImmediate(resolve));

/** Databases by name, for modules that ask `indexedDB`; each call begins with none. */
export function memoryDisk() {
  /** @type {Map<string, MemoryDatabase>} */
  const databases = new Map();
  const open = (/** @type {string} */ name) => {
    const known = databases.get(name);
    const result = known ?? new MemoryDatabase();
    databases.set(name, result);
    const request = { result, onsuccess: /** @type {(() => void) | null} */ (null), onupgradeneeded: /** @type {(() => void) | null} */ (null) };
    setImmediate(() => {
      if (known === undefined) request.onupgradeneeded?.();
      request.onsuccess?.();
    });
    return request;
  };
  put("indexedDB", { open });
}

/**
 * Answer what the modules ask of the service, by path; JSON, or octets as they are.
 *
 * @param {Record<string, unknown>} answers
 * @returns {string[]} the paths that were asked, as they are asked
 */
export function service(answers) {
  /** @type {string[]} */
  const asked = [];
  put("fetch", async (/** @type {string} */ path) => {
    asked.push(path);
    const said = answers[path];
    if (said === undefined) throw new TypeError(`nobody answers ${path}`);
    return new Response(said instanceof Uint8Array ? said : JSON.stringify(said), { status: 200 });
  });
  return asked;
}

/** An element that draws nothing. */
class Element extends EventTarget {
  /** @type {Map<string, string>} */
  attributes = new Map();
  /** @type {any[]} */
  children = [];
  dataset = /** @type {Record<string, string>} */ ({});
  hidden = false;
  textContent = "";
  onclick = /** @type {(() => Promise<void>) | null} */ (null);
  videoWidth = 0;
  videoHeight = 0;

  /** @param {string} name */
  constructor(name) {
    super();
    this.name = name;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes.set(name, value);
    if (name === "hidden") this.hidden = true;
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  /** @param {...any} children */
  append(...children) {
    this.children.push(...children);
  }

  /** @param {string} className @returns {any} the first element below that has this class */
  below(className) {
    const found = this.children.filter((child) => child instanceof Element);
    const own = found.find((child) => (child.getAttribute("class") ?? "").split(" ").includes(className));
    return own ?? found.map((child) => child.below(className)).find(Boolean);
  }

  async play() {}
}

/** A page without a screen, for modules that make elements. */
export function screenlessPage() {
  const make = (/** @type {string} */ name) => new Element(name);
  const page = Object.assign(new EventTarget(), {
    createElement: make,
    createElementNS: (/** @type {string} */ _space, /** @type {string} */ name) => make(name),
    documentElement: make("html"),
    hidden: false,
  });
  put("Node", Element);
  put("document", page);
}

/** @param {string} name @param {unknown} value  stands for what a browser has under that name */
export function put(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
