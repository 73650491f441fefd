// What the service pushes to a terminal while its page is open: that something is, never what.

/**
 * @typedef {object} Told
 * @property {() => void} killed
 * @property {() => void} snapshot  a newer list of the country's is there
 * @property {() => void} followUp  something became known of a check
 */

export class Events {
  /** @type {EventSource | null} */
  #events = null;
  #told;

  /** @param {Told} told */
  constructor(told) {
    this.#told = told;
  }

  /** Listen, where that is not done already; the browser does not begin again after a refusal. */
  listen() {
    if (this.#events !== null && this.#events.readyState !== EventSource.CLOSED) return;
    const { killed, snapshot, followUp } = this.#told;
    this.#events = new EventSource("/events");
    this.#events.addEventListener("killed", killed);
    this.#events.addEventListener("snapshot", snapshot);
    this.#events.addEventListener("follow_up", followUp);
    this.#events.addEventListener("open", () => {
      // What was told before the way was open, or while it was broken, is not told again.
      snapshot();
      followUp();
    });
  }

  close() {
    this.#events?.close();
    this.#events = null;
  }
}
