// A mark outside of the store that this browser held a licence. A browser that runs out of space
// deletes the store and leaves this: then it can be told from a browser that never held one.

const NAME = "jiazhao-holds";

/** @param {string} deviceKey */
export function mark(deviceKey) {
  try {
    localStorage.setItem(NAME, deviceKey);
  } catch {
    // Storage may be switched off; then nothing else is kept either.
  }
}

/** The key that this browser held last; null where it never did. @returns {string | null} */
export function marked() {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
