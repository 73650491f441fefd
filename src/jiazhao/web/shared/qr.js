// Draws a QR code (ISO/IEC 18004) as one crisp SVG path. The modules are dark on white in both
// themes, with the quiet zone of four modules that readers need.

import { encodeQR } from "../vendor/qr.js";
import { svg } from "./dom.js";

export const QUIET_ZONE = 4;

/**
 * The modules of a text with their quiet zone: rows of dark (true) and light. Medium error
 * correction: a cracked screen hides more than the few modules it costs.
 *
 * @param {string} text
 * @returns {boolean[][]}
 */
export function qrModules(text) {
  return encodeQR(text, "raw", { ecc: "medium", border: QUIET_ZONE });
}

/**
 * The dark modules as one path, each run of a row as one rectangle.
 *
 * @param {readonly (readonly boolean[])[]} modules
 * @returns {string}
 */
export function modulesPath(modules) {
  let path = "";
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; ) {
      const start = x;
      while (row[x]) x++;
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
      else x++;
    }
  });
  return path;
}

/**
 * @param {string} text
 * @param {{ label: string, colour: string }} options  what it is, for screen readers; its colour
 */
export function qrPicture(text, { label, colour }) {
  const modules = qrModules(text);
  const size = modules.length;
  return svg(
    "svg",
    {
      viewBox: `0 0 ${size} ${size}`,
      "shape-rendering": "crispEdges",
      class: "qr",
      role: "img",
      "aria-label": label,
    },
    svg("rect", { width: size, height: size, fill: "#ffffff" }),
    svg("path", { d: modulesPath(modules), fill: colour }),
  );
}
