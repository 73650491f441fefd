// The lamp beside a camera, where the browser lets a page switch it (Image Capture, "torch").

/** @param {MediaStreamTrack | undefined} track */
export function hasTorch(track) {
  const able = /** @type {{ torch?: unknown }} */ (track?.getCapabilities?.() ?? {});
  return able.torch === true;
}

/**
 * @param {MediaStreamTrack} track
 * @param {boolean} on
 * @returns {Promise<boolean>}  whether the lamp did as it was told
 */
export async function switchTorch(track, on) {
  const wanted = /** @type {any} */ ({ advanced: [{ torch: on }] });
  return track.applyConstraints(wanted).then(() => true, () => false);
}
