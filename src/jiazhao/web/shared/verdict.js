// What came out of checking a presented credential. Each step is passed, failed or unchecked,
// and unchecked is not a pass. The outcome is the first of these that applies:
//
// NOT_GENUINE     a signature or digest was computed with a trusted key and does not fit;
// NOT_VALID       genuine, but validity, status or register say no, or the signer is listed as
//                 compromised;
// CANNOT_CONFIRM  whatever else kept a demanded step from passing;
// VALID           every step that the profile demands has passed, and none has failed.

import { VerificationError } from "./verification-error.js";

/** The steps of a check by number, as the service numbers them. */
export const Step = Object.freeze({
  DECODE: 1,
  TRUST_CHAIN: 2,
  ISSUER_SIGNATURE: 3,
  DIGESTS: 4,
  VALIDITY: 5,
  HOLDER_BINDING: 6,
  STATUS: 7,
  REQUEST_MATCH: 8,
  LIVE_REGISTER: 9,
});

const STEPS = Object.values(Step);
const ISSUED_COPY = [1, 2, 3, 4, 5];

/** The steps that each kind of check demands. */
export const PROFILES = Object.freeze({
  FILE: [...ISSUED_COPY, Step.HOLDER_BINDING, Step.STATUS],
  ISSUED_COPY,
  KEPT_COPY: [...ISSUED_COPY, Step.STATUS],
  REMOTE: [...ISSUED_COPY, Step.HOLDER_BINDING, Step.STATUS, Step.REQUEST_MATCH],
  LICENCE_CODE_ONLINE: [1, 2, 3, Step.HOLDER_BINDING, Step.LIVE_REGISTER],
  LICENCE_CODE_OFFLINE: [1, 2, 3, Step.VALIDITY, Step.HOLDER_BINDING, Step.STATUS],
});

const FORGED = ["signature_mismatch", "digest_mismatch", "holder_signature_mismatch"];
/** @type {readonly number[]} */
const SAYS_NO = [Step.VALIDITY, Step.STATUS, Step.LIVE_REGISTER];

/** @typedef {"passed" | "failed" | "unchecked"} CheckStatus */
/** @typedef {"NOT_GENUINE" | "NOT_VALID" | "CANNOT_CONFIRM" | "VALID"} Outcome */

/** @typedef {Readonly<Record<string, string>>} Values */

/**
 * @typedef {object} Check  one step and what became of it
 * @property {number} step
 * @property {CheckStatus} status
 * @property {string | null} reason  the service's code of why it did not pass
 * @property {Values} values  what the sentence of that code is filled with
 */

/**
 * @param {number} step
 * @returns {Check}
 */
export function passed(step) {
  return { step, status: "passed", reason: null, values: {} };
}

/**
 * @param {number} step
 * @param {string} reason
 * @param {Values} [values]
 * @returns {Check}
 */
export function failed(step, reason, values = {}) {
  return { step, status: "failed", reason, values };
}

/**
 * @param {number} step
 * @param {string | null} [reason]
 * @param {Values} [values]
 * @returns {Check}
 */
export function unchecked(step, reason = null, values = {}) {
  return { step, status: "unchecked", reason, values };
}

/** All nine steps in order, what was demanded, and so the outcome. */
export class Verdict {
  /**
   * @param {readonly Check[]} taken
   * @param {readonly number[]} profile
   * @param {number | null} [lastConfirmedAt]  when the status was last known
   */
  constructor(taken, profile, lastConfirmedAt = null) {
    if (!profile.length) throw new RangeError("A profile that demands nothing would pass everything");
    const byStep = new Map(taken.map((check) => [check.step, check]));
    this.checks = STEPS.map((step) => byStep.get(step) ?? unchecked(step));
    this.profile = profile;
    this.lastConfirmedAt = lastConfirmedAt;
    const { outcome, decided } = ruling(this.checks, profile);
    /** @type {Outcome} */
    this.outcome = outcome;
    /** The step that decided; null if the outcome is VALID. */
    this.step = decided?.step ?? null;
    this.reason = decided && (decided.reason ?? "not_checked");
    this.values = decided?.values ?? {};
    Object.freeze(this);
  }

  /** Raise the reason unless the outcome is VALID. */
  requirePassed() {
    if (this.outcome !== "VALID") throw new VerificationError(this.reason ?? "not_checked");
  }

  /**
   * Refuse to be a number or a text, in which one outcome might be taken for another.
   *
   * @returns {never}
   */
  [Symbol.toPrimitive]() {
    throw new TypeError("A verdict has no truth value; call requirePassed().");
  }
}

/**
 * @param {readonly Check[]} checks
 * @param {readonly number[]} profile
 * @returns {{ outcome: Outcome, decided: Check | null }}  the check that decided, if one did
 */
function ruling(checks, profile) {
  const wrong = checks.filter(({ status }) => status === "failed");
  const forged = wrong.find(({ reason }) => reason !== null && FORGED.includes(reason));
  if (forged) return { outcome: "NOT_GENUINE", decided: forged };
  const no = wrong.find(({ step, reason }) => SAYS_NO.includes(step) || reason === "signer_compromised");
  if (no) return { outcome: "NOT_VALID", decided: no };
  const [first] = wrong;
  const missing = first ?? checks.find(({ step, status }) => profile.includes(step) && status !== "passed");
  return missing ? { outcome: "CANNOT_CONFIRM", decided: missing } : { outcome: "VALID", decided: null };
}
