// Judges a vector, by the kind of what it holds, with the browser's verifier.

import { verifyMdoc } from "../../src/jiazhao/web/shared/verify.js";
import { PROFILES } from "../../src/jiazhao/web/shared/verdict.js";
import { fromHex } from "./verification-vectors.js";

/** @param {any} vector */
export function given(vector) {
  const { now, roots, compromised, status, profile } = vector;
  return {
    now: Date.parse(now),
    trust: { roots: roots.map(fromHex), compromised: compromised.map(fromHex) },
    status: status === null ? null : () => ({ value: status, confirmedAt: Date.parse(now) }),
    profile: PROFILES[/** @type {keyof typeof PROFILES} */ (profile)],
  };
}

/** @param {any} vector */
export async function judgeMdoc(vector) {
  const { transcript, asked, presented } = vector;
  const { verdict } = await verifyMdoc(fromHex(presented), {
    ...given(vector),
    transcript: transcript === null ? null : fromHex(transcript),
    asked: asked ? { docType: asked.doc_type, elements: asked.elements } : null,
  });
  return verdict;
}
