// Reads QR codes in a thread of its own, so that the page never waits for it. What comes back
// are the code's octets: a licence code is no text. A picture is dropped as soon as it was read.

import { prepareZXingModule, readBarcodes } from "../vendor/zxing/reader/index.js";

/** @typedef {{ id: number, picture: ImageBitmap }} Asked */
/** @typedef {{ id: number, codes: Uint8Array[] } | { id: number, error: string }} Answered */

/** The wallet shows the licence code and, beside it, its short code. */
const MOST_CODES = 4;

// The library would ask another site for its engine.
const engine = prepareZXingModule({
  overrides: { locateFile: (file) => `/assets/vendor/zxing/reader/${file}` },
  fireImmediately: true,
});

/** @typedef {{ onmessage: ((event: MessageEvent<Asked>) => void) | null, postMessage: (answer: Answered) => void }} Thread */
const thread = /** @type {Thread} */ (/** @type {unknown} */ (self));

/** @type {OffscreenCanvas | null} one for all pictures of a size */
let canvas = null;

thread.onmessage = async (/** @type {MessageEvent<Asked>} */ { data: { id, picture } }) => {
  try {
    const pixels = pixelsOf(picture);
    await engine;
    const results = await readBarcodes(pixels, {
      formats: ["QRCode"],
      tryHarder: true,
      tryRotate: true,
      tryDownscale: true,
      tryInvert: false, // ours are dark on white
      maxNumberOfSymbols: MOST_CODES,
    });
    const codes = results.filter(({ isValid }) => isValid).map(({ bytes }) => new Uint8Array(bytes));
    thread.postMessage({ id, codes });
  } catch (error) {
    thread.postMessage({ id, error: error instanceof Error ? error.name : "Error" });
  }
};

/** @param {ImageBitmap} picture */
function pixelsOf(picture) {
  const { width, height } = picture;
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new TypeError("No canvas");
  context.drawImage(picture, 0, 0);
  picture.close();
  const pixels = context.getImageData(0, 0, width, height);
  context.clearRect(0, 0, width, height);
  return pixels;
}
