// A hand-held scanner types what it read like a keyboard, faster than anybody can, and ends with
// Enter. It need not care where the cursor is.

/** Milliseconds between two keys: people who type fast take more than twice as long. */
const QUICK = 50;
const SHORTEST = 8;
const LONGEST = 1024;

export class ScannerKeys {
  #typed = "";
  #at = -Infinity;

  /**
   * Take one key; the text, when a scanner has ended it.
   *
   * @param {string} key  as the event names it
   * @param {number} at   milliseconds
   * @returns {string | null}
   */
  take(key, at) {
    const quick = at - this.#at <= QUICK;
    this.#at = at;
    if (key === "Enter") {
      const typed = quick ? this.#typed : "";
      this.#typed = "";
      return typed.length >= SHORTEST ? typed : null;
    }
    if (key.length !== 1) {
      if (key !== "Shift") this.#typed = "";
      return null;
    }
    this.#typed = quick ? (this.#typed + key).slice(-LONGEST) : key;
    return null;
  }
}
