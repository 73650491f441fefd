// The fine lines behind the licence: interlaced waves, as on paper that is hard to copy. They
// are decoration. Security lies in the signature, not in the pattern.

import { svg } from "../shared/dom.js";

/** @typedef {{ colour: string, level: number, swing: number, length: number, shift: number }} Band */

/** @type {Band[]} */
const BANDS = [
  { colour: "#2f78b7", level: 70, swing: 46, length: 300, shift: 0 },
  { colour: "#2f9a86", level: 150, swing: 52, length: 340, shift: 2 },
  { colour: "#b0698a", level: 215, swing: 38, length: 260, shift: 4 },
];

const LINES = 22;
const WIDTH = 400;
const HEIGHT = 250;
const STEP = 5;

export function guilloche() {
  return svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "xMidYMid slice",
      class: "guilloche",
      "aria-hidden": "true",
      focusable: "false",
    },
    ...BANDS.map((band) =>
      svg("path", {
        d: Array.from({ length: LINES }, (_, line) => wave(band, line / (LINES - 1))).join(""),
        fill: "none",
        stroke: band.colour,
        "stroke-width": 0.35,
        opacity: 0.38,
      }),
    ),
  );
}

/**
 * One line of a ribbon: all lines meet in the knots of the slow wave and spread between them.
 *
 * @param {Band} band
 * @param {number} place  0 to 1 across the ribbon
 */
function wave({ level, swing, length, shift }, place) {
  const points = [];
  for (let x = 0; x <= WIDTH; x += STEP) {
    const turn = (x / length) * 2 * Math.PI + shift;
    const spread = (place - 0.5) * 2 * Math.sin(turn * 1.5);
    const y = level + swing * Math.sin(turn) * 0.5 + swing * spread;
    points.push(`${x} ${y.toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}
