// The points of a cycle as dots, one for each: the ones taken are filled, the others are rings.

import { el, svg } from "./dom.js";
import { t } from "./i18n.js";

const PITCH = 10;

/**
 * @param {number} points     taken in this cycle
 * @param {number} fullScore  12 by law (order 163 art. 3)
 */
export function pointsPicture(points, fullScore) {
  const dots = Array.from({ length: fullScore }, (_, i) => dot(i, i < points));
  return el(
    "span",
    { class: "points" },
    el("span", { class: "unseen" }, t("points.spoken", { points, full: fullScore })),
    el("span", { class: "points-count", "aria-hidden": "true" }, `${points} / ${fullScore}`),
    svg(
      "svg",
      { viewBox: `0 0 ${fullScore * PITCH} ${PITCH}`, "aria-hidden": "true", focusable: "false" },
      ...dots,
    ),
  );
}

/**
 * @param {number} position
 * @param {boolean} taken
 */
function dot(position, taken) {
  return svg("circle", {
    cx: position * PITCH + PITCH / 2,
    cy: PITCH / 2,
    r: taken ? 4 : 3.3,
    fill: taken ? "currentColor" : "none",
    stroke: taken ? "none" : "currentColor",
    "stroke-width": 1.2,
  });
}
