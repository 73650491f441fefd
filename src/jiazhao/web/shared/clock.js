// The register's clock, as far as this device can tell. A phone's own clock may be wrong, so
// every answer that carries `server_time` corrects it; the quickest answer tells it best.

/** How long the best answer counts before a slower one may replace it, in milliseconds. */
const TRUSTED_FOR = 120_000;

export class RegisterClock {
  /** @type {{ offset: number, roundTrip: number, at: number } | null} */
  #best = null;
  #deviceNow;

  /** @param {() => number} [deviceNow] milliseconds since 1970 by this device */
  constructor(deviceNow = () => Date.now()) {
    this.#deviceNow = deviceNow;
  }

  /** Whether the register has told its time since the page was opened. */
  get known() {
    return this.#best !== null;
  }

  /** How far the device's clock is behind (above zero) or ahead, in milliseconds. */
  get offset() {
    return this.#best?.offset ?? 0;
  }

  /**
   * Go by what an earlier visit learned until the register answers.
   *
   * @param {number} offset
   */
  recall(offset) {
    this.#best ??= { offset, roundTrip: Infinity, at: -Infinity };
  }

  /** Milliseconds since 1970 by the register's clock. */
  now() {
    return this.#deviceNow() + this.offset;
  }

  /**
   * Learn from one answer.
   *
   * @param {string} serverTime  as the answer says, ISO 8601
   * @param {number} sentAt      milliseconds by the device's clock
   * @param {number} receivedAt  likewise
   */
  learn(serverTime, sentAt, receivedAt) {
    const told = Date.parse(serverTime);
    const roundTrip = receivedAt - sentAt;
    if (Number.isNaN(told) || roundTrip < 0) return;
    const best = this.#best;
    const offset = told - (sentAt + roundTrip / 2);
    const stale = best === null || receivedAt - best.at > TRUSTED_FOR || receivedAt < best.at;
    const moved = best !== null && Math.abs(offset - best.offset) > roundTrip / 2 + 2000;
    if (stale || moved || roundTrip <= best.roundTrip) {
      this.#best = { offset, roundTrip, at: receivedAt };
    }
  }
}
