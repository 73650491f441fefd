// The verdict in both languages at once: the driver who looks on reads it too.

import { inBoth } from "../shared/i18n.js";

const KNOWN = /** @type {const} */ (["VALID", "NOT_VALID", "NOT_GENUINE", "CANNOT_CONFIRM"]);

/**
 * A word that is not known cannot confirm anything.
 *
 * @param {string} verdict
 */
export function verdictWords(verdict) {
  return inBoth(`verdict.${KNOWN.find((known) => known === verdict) ?? "CANNOT_CONFIRM"}`);
}
