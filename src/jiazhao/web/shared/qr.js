// Draws a QR code (ISO/IEC 18004) as one crisp SVG path. The modules are dark on white in both
// themes, with the quiet zone of four modules that readers need.
//
// A licence code is raw octets in one size and with one mask (docs/specs/licence-code.md), so
// that all codes look alike and none takes longer to draw.

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

const LICENCE_CODE = Object.freeze({ version: 18, mask: 3, ecc: "low", encoding: "byte" });

/**
 * The modules of a licence code with their quiet zone: its octets as they are, never text.
 *
 * @param {Uint8Array} octets
 * @returns {boolean[][]}
 */
export function licenceCodeModules(octets) {
  // The library asks for a text and then for its octets; it is given ours.
  return encodeQR("", "raw", { ...LICENCE_CODE, border: QUIET_ZONE, textEncoder: () => octets });
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

/** @typedef {{ label: string, colour: string }} Options  what it is, for screen readers; its colour */

/**
 * @param {string} text
 * @param {Options} options
 */
export function qrPicture(text, options) {
  return picture(qrModules(text), options);
}

/**
 * @param {Uint8Array} octets
 * @param {Options} options
 */
export function licenceCodePicture(octets, options) {
  return picture(licenceCodeModules(octets), options);
}

/**
 * @param {readonly (readonly boolean[])[]} modules
 * @param {Options} options
 */
function picture(modules, { label, colour }) {
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
