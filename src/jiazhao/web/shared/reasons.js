// Why a check did not pass, and what to do now, in the sentences of the service: for a terminal
// that has no network to ask for them.

import { ADVICE, REASONS } from "./reason-table.js";

/** @typedef {import("./reason-table.js").Words} Words */

/**
 * The sentence of a verdict's reason, or of a check's; null where there is none.
 *
 * @param {{ reason: string | null, values: Readonly<Record<string, string>> }} of
 * @returns {Words | null}
 */
export function reasonSentence({ reason, values }) {
  if (reason === null) return null;
  const sentence = REASONS[reason];
  if (!sentence) throw new RangeError(`No sentence for ${reason}`);
  return { zh: fill(sentence.zh, values), en: fill(sentence.en, values) };
}

/**
 * What the person who checks should do now: what helps with this reason, else what the outcome
 * asks for.
 *
 * @param {{ outcome: string, reason: string | null }} verdict
 * @returns {Words}
 */
export function whatToDo({ outcome, reason }) {
  const byOutcome = /** @type {Words} */ (ADVICE[outcome]);
  if (outcome === "NOT_GENUINE" || reason === null) return byOutcome;
  return REASONS[reason]?.todo ?? byOutcome;
}

/**
 * @param {string} sentence
 * @param {Readonly<Record<string, string>>} values
 */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_whole, name) => values[name] ?? "—");
}
