// Hears from the service that something changed, while the page is seen. An event says that there
// is something to ask for, never what.

export class Listening {
  /** @type {EventSource | null} */
  #events = null;
  #heard;
  #lost;

  /**
   * @param {() => void} heard  called for each event
   * @param {() => void} lost   called where the way broke off, or the session has ended
   */
  constructor(heard, lost) {
    this.#heard = heard;
    this.#lost = lost;
  }

  /** Whether events come: so that it need not be asked often. */
  get open() {
    return this.#events?.readyState === EventSource.OPEN;
  }

  /**
   * Listen or stop listening. A page that nobody sees gives its connection back, of which a browser
   * has few for all tabs together.
   *
   * @param {boolean} wanted
   */
  want(wanted) {
    if (!wanted) {
      this.#events?.close();
      this.#events = null;
      return;
    }
    // The browser connects again by itself, but not where the service refused once.
    if (this.#events !== null && this.#events.readyState !== EventSource.CLOSED) return;
    this.#events = new EventSource("/events");
    this.#events.addEventListener("changed", this.#heard);
    this.#events.addEventListener("used", this.#heard);
    this.#events.addEventListener("error", this.#lost);
  }
}
