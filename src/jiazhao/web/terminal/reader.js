// Finds codes in a picture or a video frame. One is read at a time; who asks while one is being
// read waits for it.

import { ownScript } from "../shared/own-scripts.js";

/** @typedef {import("./reader-worker.js").Answered} Answered */

/** A picture that takes longer has stopped the thread; a new one is started. */
const PATIENCE = 8000;

/** @type {Worker | null} */
let worker = null;
let last = 0;
/** @type {Promise<unknown>} */
let before = Promise.resolve();

/**
 * The octets of every QR code in the picture.
 *
 * @param {ImageBitmapSource} source
 * @returns {Promise<Uint8Array[]>}
 */
export function codesIn(source) {
  const reading = before.then(() => read(source));
  before = reading.catch(() => null);
  return reading;
}

/** Have the engine ready before the first picture comes. */
export function warmUp() {
  worker ??= started();
}

/** @param {ImageBitmapSource} source */
async function read(source) {
  const picture = await createImageBitmap(source);
  const thread = (worker ??= started());
  const id = ++last;
  try {
    return await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("The reader does not answer")), PATIENCE);
      thread.onmessage = (/** @type {MessageEvent<Answered>} */ { data }) => {
        if (data.id !== id) return;
        clearTimeout(late);
        if ("codes" in data) resolve(data.codes);
        else reject(new Error(data.error));
      };
      thread.onerror = () => {
        clearTimeout(late);
        reject(new Error("The reader did not start"));
      };
      thread.postMessage({ id, picture }, [picture]);
    });
  } catch (error) {
    thread.terminate();
    if (worker === thread) worker = null;
    throw error;
  }
}

function started() {
  return new Worker(ownScript("/assets/terminal/reader-worker.js"), { type: "module", name: "reader" });
}
