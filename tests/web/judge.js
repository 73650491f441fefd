// Judges a vector with the browser's verifier, by the kind of what it holds.

import { PROFILES } from "../../src/jiazhao/web/shared/verdict.js";
import { verifyMdoc } from "../../src/jiazhao/web/shared/verify.js";
import { verifySdJwt } from "../../src/jiazhao/web/shared/verify-sd-jwt.js";

/** @param {string} text */
export const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));

/** @param {any} vector */
function given({ now, roots, compromised, status, profile }) {
  const at = Date.parse(now);
  return {
    now: at,
    trust: { roots: roots.map(fromHex), compromised: compromised.map(fromHex) },
    status: status === null ? null : () => ({ value: status, confirmedAt: at }),
    profile: PROFILES[/** @type {keyof typeof PROFILES} */ (profile)],
  };
}

/** @param {any} vector */
async function judgeMdoc(vector) {
  const { transcript, asked, presented } = vector;
  const { verdict } = await verifyMdoc(fromHex(presented), {
    ...given(vector),
    transcript: transcript === null ? null : fromHex(transcript),
    asked: asked ? { docType: asked.doc_type, elements: asked.elements } : null,
  });
  return verdict;
}

/** @param {any} vector */
async function judgeSdJwt(vector) {
  const { presented, expected, asked } = vector;
  const { verdict } = await verifySdJwt(presented, {
    ...given(vector),
    expected: expected ? { ...expected, maxAge: expected.max_age * 1000 } : null,
    asked,
  });
  return verdict;
}

/** @type {Record<string, (vector: any) => Promise<import("../../src/jiazhao/web/shared/verdict.js").Verdict>>} */
const JUDGES = { mdoc: judgeMdoc, "sd-jwt": judgeSdJwt };

/**
 * What came of a vector: outcome, step and reason.
 *
 * @param {any} vector
 */
export async function judge(vector) {
  const { outcome, step, reason } = await /** @type {any} */ (JUDGES[vector.kind ?? "mdoc"])(vector);
  return { outcome, step, reason };
}
