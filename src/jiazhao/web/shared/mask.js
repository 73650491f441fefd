// Hides the middle of an identity number from whoever looks over the shoulder.

const SHOWN_BEFORE = 4;
const SHOWN_AFTER = 4;

/**
 * The number with its middle hidden; a short one keeps only its last two characters.
 *
 * @param {string} number
 */
export function masked(number) {
  if (number.length <= SHOWN_BEFORE + SHOWN_AFTER) {
    return "*".repeat(Math.max(0, number.length - 2)) + number.slice(-2);
  }
  const hidden = number.length - SHOWN_BEFORE - SHOWN_AFTER;
  return number.slice(0, SHOWN_BEFORE) + "*".repeat(hidden) + number.slice(-SHOWN_AFTER);
}
