// Keeps the page's own files, so that it opens without a network. The server writes the list of
// the files with their SHA-256 into this script; a new list is a new version. A version is kept
// whole or not at all, and a page is only ever given files of one version. Answers of the service
// are never kept: whatever is not in the list goes to the network as if this script were not here.

/** @typedef {{ request: Request, clientId: string, waitUntil: (work: Promise<unknown>) => void, respondWith: (answer: Promise<Response>) => void }} FetchEvent */
/** @typedef {{ data: unknown, waitUntil: (work: Promise<unknown>) => void }} WorkEvent */
/** @typedef {{ addEventListener: (type: string, listener: (event: any) => void) => void, skipWaiting: () => Promise<void> }} Scope */

(() => {
  const worker = /** @type {Scope} */ (/** @type {unknown} */ (self));
  /** @type {Record<string, string>} */
  const SHELL = JSON.parse(`{{shell}}`);
  const PREFIX = "shell-";
  const KEPT_AS = `${PREFIX}{{version}}`;

  worker.addEventListener("install", (/** @type {WorkEvent} */ event) => event.waitUntil(keep()));
  worker.addEventListener("activate", (/** @type {WorkEvent} */ event) => event.waitUntil(forgetOthers()));
  worker.addEventListener("message", (/** @type {WorkEvent} */ event) => {
    if (event.data === "take-over") event.waitUntil(worker.skipWaiting());
  });
  worker.addEventListener("fetch", (/** @type {FetchEvent} */ event) => {
    const { method, url } = event.request;
    const { origin, pathname } = new URL(url);
    if (method !== "GET" || origin !== location.origin || !Object.hasOwn(SHELL, pathname)) return;
    event.respondWith(answer(pathname));
  });

  /** All files, each the one that the list names; one that differs fails the whole version. */
  async function keep() {
    const cache = await caches.open(KEPT_AS);
    await Promise.all(
      Object.keys(SHELL).map(async (path) => {
        const known = await caches.match(path);
        const response = known && (await isListed(path, known)) ? known : await fetched(path);
        await cache.put(path, response);
      }),
    );
  }

  /** A page that is open keeps the files it came with; the next one that opens gets these. */
  async function forgetOthers() {
    const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== KEPT_AS);
    await Promise.all(names.map((name) => caches.delete(name)));
  }

  /** @param {string} path */
  async function answer(path) {
    const cache = await caches.open(KEPT_AS);
    return (await cache.match(path)) ?? fetched(path);
  }

  /**
   * @param {string} path
   * @returns {Promise<Response>}
   */
  async function fetched(path) {
    const response = await fetch(path, { cache: "no-cache", credentials: "omit", redirect: "error" });
    if (!response.ok || !(await isListed(path, response))) throw new TypeError(`Not of this version: ${path}`);
    return response;
  }

  /**
   * @param {string} path
   * @param {Response} response
   */
  async function isListed(path, response) {
    const octets = await response.clone().arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
    return Array.from(digest, (octet) => octet.toString(16).padStart(2, "0")).join("") === SHELL[path];
  }
})();
