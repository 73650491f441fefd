// Makes the codes that are shown: each with a new counter, a new nonce and the register's time.

import { buildLicenceCode, LIFE_SECONDS, NONCE_BYTES } from "../shared/licence-code-1.js";
import { sign, takeCounter } from "./vault.js";

/** A code is replaced when half of its life is over, so that none is read too late. */
export const RENEW_SECONDS = 30;

/** @typedef {{ text: string, counter: number, madeAt: number, voidAt: number }} ShownCode */

/**
 * @param {import("./vault.js").KeptInstance} kept
 * @param {import("../shared/answers.js").Instance} instance
 * @param {number} now  milliseconds by the register's clock
 * @returns {Promise<ShownCode>}
 */
export async function makeCode(kept, instance, now) {
  const { counter } = await takeCounter(kept.deviceKey);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const text = await buildLicenceCode(
    { instanceNumber: instance.instance_number, time: Math.floor(now / 1000), counter, nonce },
    (bytes) => sign(kept.keyPair, bytes),
  );
  return { text, counter, madeAt: now, voidAt: now + LIFE_SECONDS * 1000 };
}
