// Signs drawn here, so that no font or picture is fetched. All are decoration: the word that
// says the same stands beside them, so they are hidden from screen readers.

import { svg } from "./dom.js";

/** @typedef {import("./status-picture.js").Picture} Picture */

const SHAPES = {
  circle: "M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22z",
  octagon: "M7.45 1h9.1L23 7.45v9.1L16.55 23h-9.1L1 16.55v-9.1z",
  triangle: "M12 1.3 23.7 22a.7.7 0 0 1-.6 1H.9a.7.7 0 0 1-.6-1z",
  diamond: "M12 .5 23.5 12 12 23.5.5 12z",
};

const SIGNS = {
  tick: "M6.7 12.4l3.6 3.7 7-8",
  cross: "M7.8 7.8l8.4 8.4M16.2 7.8l-8.4 8.4",
  bang: "M12 8.5v7M12 19v.1",
  question: "M9.2 9.3a2.8 2.8 0 1 1 4.4 2.3c-1.1.8-1.6 1.3-1.6 2.5M12 17.7v.1",
  info: "M12 11.2v5.6M12 7.3v.1",
  dash: "M7.8 12h8.4",
};

const LINES = {
  back: "M14.5 5l-7 7 7 7",
  flip: "M4 12a8 8 0 0 1 13.7-5.6L20 8.7M20 4v4.7h-4.7M20 12a8 8 0 0 1-13.7 5.6L4 15.3M4 20v-4.7h4.7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  eye: "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9a3 3 0 1 1 0 6a3 3 0 1 1 0-6z",
  hidden: "M4 4l16 16M9.5 5.8A10 10 0 0 1 12 5.5c6.4 0 10 6.5 10 6.5a17 17 0 0 1-3.2 3.9M6.3 7.3A16 16 0 0 0 2 12s3.6 6.5 10 6.5a10 10 0 0 0 4.3-.9",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
  keyboard: "M3 6h18v12H3zM7 10h.1M11 10h.1M15 10h.1M8 14h8",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10.2a3.2 3.2 0 1 1 0 6.4a3.2 3.2 0 1 1 0-6.4z",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 8.5v.1",
  list: "M8 6h12M8 12h12M8 18h12M4 6v.1M4 12v.1M4 18v.1",
  hand: "M7 12V6.5a1.4 1.4 0 0 1 2.8 0V11V4.5a1.4 1.4 0 0 1 2.8 0V11V5.5a1.4 1.4 0 0 1 2.8 0V12V8.5a1.4 1.4 0 0 1 2.8 0V15a6 6 0 0 1-6 6h-.8a6 6 0 0 1-4.7-2.3L3.5 14.5a1.5 1.5 0 0 1 2.2-2z",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM15.5 15.5L21 21",
  torch: "M8 3h8v4l-2 3v11h-4V10L8 7zM8 7h8M12 12.5v2",
  next: "M9.5 5l7 7-7 7",
  pause: "M8 5v14M16 5v14",
  paper: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
  phone: "M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5zM11 18.5h2",
  printer: "M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z",
  flag: "M5 21V4h13l-3 4.5L18 13H5",
  lock: "M6 11h12v10H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11M12 15v2",
  key: "M14.5 4a5.5 5.5 0 1 1-4.9 8L4 17.6V20h3v-2h2v-2h1.5l1-1.1M15.7 8.3h.1",
};

/**
 * A shape filled with the current colour and its sign cut out of it.
 *
 * @param {Picture} picture
 */
export function pictureIcon({ shape, sign }) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: "picture", focusable: "false" },
    svg("path", { d: SHAPES[shape], fill: "currentColor", class: "picture-shape" }),
    svg("path", {
      d: SIGNS[sign],
      class: "picture-sign",
      fill: "none",
      "stroke-width": 2.6,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

/**
 * A drawn sign for a button.
 *
 * @param {keyof typeof LINES} name
 */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    svg("path", {
      d: LINES[name],
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.9,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

/** The mark of the system, a steering wheel; drawn here so that it is there offline too. */
export function mark() {
  const line = { fill: "none", stroke: "#ffffff" };
  return svg(
    "svg",
    { viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    svg("rect", { width: 32, height: 32, rx: 8, fill: "#123f78" }),
    svg("circle", { cx: 16, cy: 16, r: 9.4, "stroke-width": 2.7, ...line }),
    svg("path", {
      d: "M7.2 14.2c5-2.2 12.6-2.2 17.6 0M16 18.2V25",
      "stroke-width": 2.5,
      ...line,
    }),
    svg("circle", { cx: 16, cy: 16.8, r: 2.7, fill: "#ffffff" }),
  );
}
