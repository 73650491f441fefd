// The time beacon in a licence code: what the wallet was last told, which nobody could know
// before. Each value is the hash of the next one, so that whoever holds one can check every
// earlier one, and is told no later one.
//
//   beacon = epoch(3) value(12)       an epoch is ten minutes, counted from 2020-01-01T00:00Z
//   value[e - 1] = the first 12 octets of SHA-256("jiazhao time beacon" epoch e(3) value[e])

import { concatenate } from "./cbor.js";
import { fromAscii, sameOctets } from "./octets.js";

const CONTEXT = fromAscii("jiazhao time beacon");
const EPOCH_ZERO = 1_577_836_800;
const EPOCH_SECONDS = 600;
const EPOCH_OCTETS = 3;
const VALUE_OCTETS = 12;

/** A chain is followed over 31 days, longer than a code part lives; it costs a hash each step. */
export const MAX_STEPS = 31 * 144;

/** @typedef {{ epoch: number, value: Uint8Array }} Beacon */

/**
 * @param {Uint8Array} octets  15
 * @returns {Beacon}
 */
export function readBeacon(octets) {
  if (octets.length !== EPOCH_OCTETS + VALUE_OCTETS) throw new RangeError("A beacon has 15 octets");
  const [high = 0, middle = 0, low = 0] = octets;
  return { epoch: (high << 16) | (middle << 8) | low, value: octets.slice(EPOCH_OCTETS) };
}

/**
 * When a beacon was first told, in seconds since 1970: what carries it is not older.
 *
 * @param {Beacon} beacon
 */
export function toldAt({ epoch }) {
  return EPOCH_ZERO + epoch * EPOCH_SECONDS;
}

/** The beacon of a terminal's last contact, by which it checks those that wallets show. */
export class BeaconAnchor {
  /** @type {Map<number, Uint8Array>}  what was reckoned once is kept: checks of a day are alike */
  #values;

  /** @param {Uint8Array} octets */
  constructor(octets) {
    const { epoch, value } = readBeacon(octets);
    this.epoch = epoch;
    this.value = value;
    this.#values = new Map([[epoch, value]]);
  }

  /**
   * Whether a beacon is near enough to be followed to.
   *
   * @param {Beacon} beacon
   */
  reaches({ epoch }) {
    return Math.abs(epoch - this.epoch) <= MAX_STEPS;
  }

  /**
   * Whether a beacon is of the same chain; not, where it is further away than is followed.
   *
   * @param {Beacon} beacon
   */
  async vouchesFor(beacon) {
    if (!this.reaches(beacon)) return false;
    if (beacon.epoch > this.epoch) {
      let { value } = beacon;
      for (let epoch = beacon.epoch; epoch > this.epoch; epoch--) value = await before(epoch, value);
      return sameOctets(value, this.value);
    }
    return sameOctets(await this.#at(beacon.epoch), beacon.value);
  }

  /** @param {number} wanted  this anchor's epoch or an earlier one */
  async #at(wanted) {
    let epoch = wanted;
    while (!this.#values.has(epoch)) epoch++;
    let value = /** @type {Uint8Array} */ (this.#values.get(epoch));
    for (; epoch > wanted; epoch--) {
      value = await before(epoch, value);
      this.#values.set(epoch - 1, value);
    }
    return value;
  }
}

/**
 * The value before that of an epoch.
 *
 * @param {number} epoch
 * @param {Uint8Array} value
 */
async function before(epoch, value) {
  const number = Uint8Array.of(epoch >> 16, (epoch >> 8) & 0xff, epoch & 0xff);
  const digest = await crypto.subtle.digest("SHA-256", concatenate([CONTEXT, number, value]));
  return new Uint8Array(digest, 0, VALUE_OCTETS);
}
