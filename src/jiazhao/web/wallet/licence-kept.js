// The licence as the register last confirmed it, with the time of that: what is on the screen
// before the register has answered, and where no network is.

import { forget, keepSealed, recallSealed } from "./kept.js";

const NAME = "licence";

/** @typedef {import("../shared/answers.js").WalletAnswer} WalletAnswer */
/** @typedef {import("../shared/answers.js").Words} Words */

/**
 * @typedef {object} KeptLicence
 * @property {WalletAnswer} answer
 * @property {Words | null} banner     what stands above every page (a demonstration says so)
 * @property {string | null} photo     a data address
 * @property {string} photoOf          of which copy the photo is
 * @property {number} confirmedAt      milliseconds by the register's clock
 */

/** @returns {Promise<KeptLicence | null>} */
export async function recallLicence() {
  return recallSealed(NAME).catch(() => null); // without storage nothing was kept
}

/** @param {KeptLicence} kept */
export async function keepLicence(kept) {
  await keepSealed(NAME, kept).catch(() => undefined); // the page works on without it
}

export async function forgetLicence() {
  await forget(NAME).catch(() => undefined);
}

/**
 * A picture as an address that can be kept.
 *
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export function dataAddress(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
