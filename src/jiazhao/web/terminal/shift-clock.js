// The register's time as the terminal goes by it without a network. It learns it at each contact.
// While the page is open it counts on by the processor's clock, which nobody sets; after a restart
// it goes by the device's clock, which must not stand before a moment that was already met.

/** How far the two may part before the device's clock is taken to have been set. */
const TOLERANCE = 30_000;

/** @typedef {{ wall: () => number, steady: () => number }} DeviceClocks  milliseconds */
/** @typedef {{ offset: number, met: number }} KeptTime  register minus device; the last moment met */

/** @type {DeviceClocks} */
const DEVICE = { wall: () => Date.now(), steady: () => performance.now() };

export class ShiftClock {
  #clocks;
  #offset;
  #met;
  /** Register's time minus the steady clock. */
  #base;

  /**
   * @param {KeptTime} known
   * @param {DeviceClocks} [clocks]
   */
  constructor({ offset, met }, clocks = DEVICE) {
    this.#clocks = clocks;
    this.#offset = offset;
    this.#met = met;
    this.#base = Math.max(clocks.wall() + offset, met) - clocks.steady();
    this.#wasBehind = clocks.wall() + offset < met - TOLERANCE;
  }

  #wasBehind;

  /** Milliseconds since 1970 by the register's clock, as far as it is known. */
  now() {
    const now = this.#base + this.#clocks.steady();
    this.#met = Math.max(this.#met, now);
    return now;
  }

  /** Whether the device's clock was set since the last contact. */
  get wasSet() {
    const byWall = this.#clocks.wall() + this.#offset;
    return this.#wasBehind || Math.abs(byWall - this.now()) > TOLERANCE;
  }

  /** @returns {KeptTime} to be kept over a restart */
  get kept() {
    return { offset: this.#offset, met: this.now() };
  }

  /**
   * The register told its time.
   *
   * @param {number} offset  register minus device, in milliseconds
   */
  learn(offset) {
    const now = this.#clocks.wall() + offset;
    this.#offset = offset;
    this.#met = now;
    this.#base = now - this.#clocks.steady();
    this.#wasBehind = false;
  }
}
