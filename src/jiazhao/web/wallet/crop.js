// A chosen picture as it is handed in: the file itself where its proportions fit, with what the
// camera wrote in it; otherwise a part of it, drawn anew here, which the reader can adjust.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

/** The proportions and the width that are suggested for the electronic licence, twice as large. */
const WIDTH = 1040;
const HEIGHT = 1512;
const LARGEST_ZOOM = 3;

/**
 * @typedef {object} Picture
 * @property {HTMLElement} element
 * @property {HTMLElement[]} controls
 * @property {() => Promise<Blob>} blob
 */

/**
 * Open a picture; rejects where the browser cannot.
 *
 * @param {File} file
 * @returns {Promise<Picture>}
 */
export async function croppedPicture(file) {
  const drawn = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = el("canvas", { class: "claim-photo", role: "img", "aria-label": t("photo.preview") });
  const ratio = drawn.width / drawn.height;
  const fits = ratio > 2 / 3 && ratio < 3 / 4;
  if (fits) {
    draw(canvas, drawn, { left: 0, top: 0, width: drawn.width, height: drawn.height });
    return { element: canvas, controls: [], blob: async () => file };
  }
  const zoom = slider("photo-zoom", "1", String(LARGEST_ZOOM), "1");
  const height = slider("photo-height", "0", "1", "0.3");
  const redraw = () => draw(canvas, drawn, part(drawn, Number(zoom.value), Number(height.value)));
  zoom.oninput = redraw;
  height.oninput = redraw;
  redraw();
  return {
    element: canvas,
    controls: [
      el("p", { class: "small soft" }, t("photo.cropped")),
      el("div", { class: "field" }, el("label", { for: "photo-zoom" }, t("photo.zoom")), zoom),
      el("div", { class: "field" }, el("label", { for: "photo-height" }, t("photo.height")), height),
    ],
    blob: () => encoded(canvas),
  };
}

/**
 * The part that is kept: centred from side to side.
 *
 * @param {{ width: number, height: number }} whole
 * @param {number} zoom
 * @param {number} down  0 is the top, 1 the bottom
 */
export function part(whole, zoom, down) {
  const width = Math.min(whole.width, (whole.height * WIDTH) / HEIGHT) / zoom;
  const height = (width * HEIGHT) / WIDTH;
  return { left: (whole.width - width) / 2, top: (whole.height - height) * down, width, height };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} picture
 * @param {{ left: number, top: number, width: number, height: number }} kept
 */
function draw(canvas, picture, { left, top, width, height }) {
  // Never larger than it is: too few pixels must be seen, not made up.
  canvas.width = Math.min(WIDTH, Math.round(width));
  canvas.height = Math.round((canvas.width * height) / width);
  canvas.getContext("2d")?.drawImage(picture, left, top, width, height, 0, 0, canvas.width, canvas.height);
}

/**
 * @param {string} id
 * @param {string} min
 * @param {string} max
 * @param {string} value
 */
function slider(id, min, max, value) {
  return el("input", { type: "range", id, min, max, step: "0.05", value });
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function encoded(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.92);
  });
}
