// Hides the middle of an identity number from whoever looks over the shoulder.

/**
 * The number with its middle hidden: a citizen number keeps four characters at each end, a
 * shorter one (a passport's) two, so that no more than half is ever shown.
 *
 * @param {string} number
 */
export function masked(number) {
  const shown = Math.min(4, Math.floor(number.length / 4));
  const hidden = "*".repeat(number.length - 2 * shown);
  return number.slice(0, shown) + hidden + number.slice(number.length - shown);
}
