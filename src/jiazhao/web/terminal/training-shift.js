// What training goes by in the place of a shift: a trust list, rules and a country's list of its own,
// and a key that is made when training begins and gone with the page. The codes of its made-up
// drivers are sealed for that key and judged as any code is. It takes no code from outside, and
// keeps, asks and sends nothing.

import { fromBase64url } from "../shared/base64url.js";
import { BeaconAnchor } from "../shared/beacon.js";
import { ephemeralKey } from "../shared/code-sealing.js";
import { sealContent } from "../shared/licence-code.js";
import { readSnapshot } from "../shared/status-snapshot.js";
import { checkLocally } from "./local-check.js";
import { ShiftClock } from "./shift-clock.js";
import { TRAINING_SET } from "./training-set.js";

/** @typedef {import("../shared/code-sealing.js").OpeningKey} OpeningKey */
/** @typedef {import("../shared/verify-licence-code.js").Checker} Checker */
/** @typedef {import("./local-check.js").Judge} Judge */
/** @typedef {import("./local-check.js").LocalAnswer} LocalAnswer */
/** @typedef {"same" | "differs"} Face */

/** @typedef {{ now: string, kind: number, period: number, content: string }} TrainingCase  content in hexadecimal */

/**
 * @typedef {object} TrainingSet  octets in base64url, where nothing else is said
 * @property {string} root
 * @property {string} signer
 * @property {string} snapshot
 * @property {string} beacon
 * @property {number} challenge
 * @property {import("../shared/verify-licence-code.js").CodeSettings} settings
 * @property {Record<string, any>} rules
 * @property {Record<string, TrainingCase>} cases
 */

/** What is special about a scene. @typedef {{ used?: boolean, clockSet?: boolean, vehicleClass?: string | null }} Circumstances */

/** Four digits that the driver of the set has typed. */
export const { challenge: CHALLENGE } = TRAINING_SET;

/** How far the device's clock is set where a scene says so, in milliseconds. */
const SET_BY = 3_600_000;

export class Training {
  #key;
  #snapshot;
  #checker;

  /**
   * @param {OpeningKey} key
   * @param {import("../shared/status-snapshot.js").StatusSnapshot} snapshot
   */
  constructor(key, snapshot) {
    this.#key = key;
    this.#snapshot = snapshot;
    this.#checker = {
      trust: TRUST,
      signers: [fromBase64url(TRAINING_SET.signer)],
      key: () => key,
      tables: TRAINING_SET.rules,
      beacon: new BeaconAnchor(fromBase64url(TRAINING_SET.beacon)),
      status: (/** @type {Uint8Array} */ handle, /** @type {number} */ issuedAt) => snapshot.lookUp(handle, issuedAt),
      settings: TRAINING_SET.settings,
    };
  }

  /** Make the key of this training. */
  static async begin() {
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const first = /** @type {TrainingCase} */ (TRAINING_SET.cases["valid"]);
    const snapshot = await readSnapshot([fromBase64url(TRAINING_SET.snapshot)], { now: Date.parse(first.now), trust: TRUST });
    return new Training({ privateKey: pair.privateKey, point }, snapshot);
  }

  /**
   * The octets of a code of the set, sealed for this training.
   *
   * @param {string} name
   */
  async code(name) {
    const { kind, period, content } = caseOf(name);
    const octets = Uint8Array.from(content.match(/../g) ?? [], (two) => parseInt(two, 16));
    return sealContent(octets, { kind, period, recipient: this.#key.point, ephemeral: await ephemeralKey() });
  }

  /**
   * What a terminal of training makes of a code of its set.
   *
   * @param {string} name
   * @param {Circumstances & { challenge?: number | null, face?: Face | null }} [given]
   * @returns {Promise<LocalAnswer>}
   */
  async present(name, { challenge = null, face = null, vehicleClass = null, ...circumstances } = {}) {
    const judge = this.judge(name, circumstances);
    const octets = await this.code(name);
    const asked = { checkId: "", vehicleClass, challenge, face };
    if (circumstances.used) await checkLocally(judge, octets, asked);
    const answer = await checkLocally(judge, octets, asked);
    return answer.licence ? { ...answer, licence: { ...answer.licence, specimen: true } } : answer;
  }

  /**
   * A terminal that has met nobody, at the moment of a case.
   *
   * @param {string} name
   * @param {Circumstances} [circumstances]
   * @returns {Judge}
   */
  judge(name, { clockSet = false } = {}) {
    const met = { counter: 0 };
    /** @type {Checker} */
    const checker = { ...this.#checker, lastCounter: () => met.counter };
    return {
      clock: clockAt(Date.parse(caseOf(name).now), clockSet),
      checker,
      snapshot: this.#snapshot,
      met: async (_deviceKey, counter) => {
        met.counter = counter;
      },
    };
  }
}

const TRUST = { roots: [fromBase64url(TRAINING_SET.root)], compromised: [] };

/** @param {string} name */
function caseOf(name) {
  const found = TRAINING_SET.cases[name];
  if (found === undefined) throw new RangeError(`No such case: ${name}`);
  return found;
}

/**
 * The clock of a shift that stands at a moment: training is the same on every day.
 *
 * @param {number} moment
 * @param {boolean} wasSet  whether somebody sets the device's clock after the shift has begun
 */
function clockAt(moment, wasSet) {
  const device = { time: moment, wall: () => device.time, steady: () => 0 };
  const clock = new ShiftClock({ offset: 0, met: moment }, device);
  if (wasSet) device.time += SET_BY;
  return clock;
}
