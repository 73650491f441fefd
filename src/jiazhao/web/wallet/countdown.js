// The ring that empties until the code is renewed. The seconds stand inside it; screen readers
// are left in peace, since nothing has to be done when it ends.

import { el, svg } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const RADIUS = 18;
const ROUND = 2 * Math.PI * RADIUS;

/** @param {number} whole seconds of a full ring */
export function countdownRing(whole) {
  const arc = svg("circle", {
    cx: 22,
    cy: 22,
    r: RADIUS,
    class: "ring-left",
    "stroke-dasharray": ROUND,
    transform: "rotate(-90 22 22)",
  });
  const seconds = svg("text", { x: 22, y: 22, class: "ring-seconds", "text-anchor": "middle", dy: "0.36em" });
  const ring = svg(
    "svg",
    { viewBox: "0 0 44 44", class: "ring" },
    svg("circle", { cx: 22, cy: 22, r: RADIUS, class: "ring-all" }),
    arc,
    seconds,
  );
  return {
    element: el("p", { class: "countdown", "aria-hidden": "true" }, ring, el("span", {}, t("show.renews"))),
    /** @param {number} left seconds until the end */
    draw(left) {
      const shown = Math.max(0, Math.min(whole, left));
      arc.setAttribute("stroke-dashoffset", String(ROUND * (1 - shown / whole)));
      seconds.textContent = String(Math.ceil(shown));
    },
  };
}
