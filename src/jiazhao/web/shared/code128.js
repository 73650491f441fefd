// A bar code of digits: Code 128 (ISO/IEC 15417), for counters and desks whose scanners read bars
// and no squares. Pairs of digits take one symbol each (code set C); a digit over stands first.

import { svg } from "./dom.js";

/** The quiet zone on either side, in modules (section 4.6). */
export const QUIET_ZONE = 10;

const START_B = 104;
const START_C = 105;
const TO_C = 99;
const STOP = 106;
const MODULUS = 103;

/** Widths of bars and gaps by symbol value (table 1): six for a symbol, seven for the stop. */
const WIDTHS = (
  "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 " +
  "122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 " +
  "322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 " +
  "112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 " +
  "331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 " +
  "112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 " +
  "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 " +
  "411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split(" ");

/**
 * The values of the symbols, with start, check symbol and stop.
 *
 * @param {string} digits
 * @returns {number[]}
 */
export function code128Values(digits) {
  if (!/^\d{2,}$/.test(digits)) throw new RangeError("Two digits or more are needed");
  const odd = digits.length % 2;
  const values = odd ? [START_B, Number(digits[0]) + 16, TO_C] : [START_C];
  for (let at = odd; at < digits.length; at += 2) values.push(Number(digits.slice(at, at + 2)));
  const check = values.reduce((sum, value, place) => sum + value * Math.max(place, 1), 0);
  return [...values, check % MODULUS, STOP];
}

/**
 * The bars as one path of height 1, and how many modules it is wide with both quiet zones.
 *
 * @param {string} digits
 * @returns {{ path: string, width: number }}
 */
export function code128Bars(digits) {
  let path = "";
  let x = QUIET_ZONE;
  for (const value of code128Values(digits)) {
    Array.from(WIDTHS[value] ?? "", Number).forEach((width, place) => {
      if (place % 2 === 0) path += `M${x} 0h${width}v1h-${width}z`;
      x += width;
    });
  }
  return { path, width: x + QUIET_ZONE };
}

/**
 * @param {string} digits
 * @param {{ label: string }} options  what it is, for screen readers
 */
export function code128Picture(digits, { label }) {
  const { path, width } = code128Bars(digits);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${width} 1`,
      preserveAspectRatio: "none",
      "shape-rendering": "crispEdges",
      class: "bars",
      role: "img",
      "aria-label": label,
    },
    svg("rect", { width, height: 1, fill: "#ffffff" }),
    svg("path", { d: path, fill: "#000000" }),
  );
}
