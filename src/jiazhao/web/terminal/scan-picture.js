// Reads the text of a code from a picture. The service decodes; a photo from a phone is made
// smaller here first, and kinds that it does not take are redrawn as JPEG.

import { call, localProblem } from "../shared/api.js";

/** Longest side that is sent, in pixels: a code needs some five pixels for each module. */
const LONGEST_SIDE = 1920;
const TAKEN_AS_IT_IS = ["image/png", "image/jpeg"];
const SMALL_ENOUGH = 1_000_000;

/**
 * @param {Blob} picture
 * @param {AbortSignal} cancel
 * @returns {Promise<string>}
 */
export async function textOfPicture(picture, cancel) {
  const blob = await fitting(picture);
  const { text } = await call("/presentation/scans", { blob, cancel });
  return text;
}

/** The first picture among dropped, pasted or chosen files. @param {FileList | undefined | null} files */
export function firstPicture(files) {
  return Array.from(files ?? []).find(({ type }) => type.startsWith("image/")) ?? null;
}

/** @param {Blob} picture */
async function fitting(picture) {
  if (TAKEN_AS_IT_IS.includes(picture.type) && picture.size <= SMALL_ENOUGH) return picture;
  const bitmap = await createImageBitmap(picture).catch(() => {
    throw localProblem("check.no_picture", "no_picture");
  });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  /** @type {Blob | null} */
  const smaller = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  if (smaller === null) throw localProblem("check.no_picture", "no_picture");
  return smaller;
}
