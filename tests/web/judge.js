// Judges a vector with the browser's verifier, by the kind of what it holds.

import { verifyStatusToken } from "../../src/jiazhao/web/shared/status-list.js";
import { PROFILES, Step, Verdict } from "../../src/jiazhao/web/shared/verdict.js";
import { verifyMdoc } from "../../src/jiazhao/web/shared/verify.js";
import { publishedStatus, trustedSigner } from "../../src/jiazhao/web/shared/verify-steps.js";
import { verifySdJwt } from "../../src/jiazhao/web/shared/verify-sd-jwt.js";

/** @param {string} text */
export const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));

/** @param {any} vector */
const trustOf = ({ roots, compromised }) => ({
  roots: roots.map(fromHex),
  compromised: compromised.map(fromHex),
});

/** @param {any} vector */
function given(vector) {
  const { now, status, profile } = vector;
  const at = Date.parse(now);
  return {
    now: at,
    trust: trustOf(vector),
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

/** @param {any} vector */
async function judgeStatusToken(vector) {
  const { presented, uri, index, now, newest_seen: seen } = vector;
  const given = {
    expectedUri: uri,
    now: Date.parse(now),
    trust: trustOf(vector),
    newestSeen: seen === null ? null : Date.parse(seen),
  };
  const lookUp = async () => {
    const list = await verifyStatusToken(fromHex(presented), given);
    return { value: list.status(index), confirmedAt: list.issuedAt };
  };
  const { check } = await publishedStatus({ uri, index }, lookUp, false);
  return new Verdict([check], [Step.STATUS]);
}

/** @param {any} vector */
async function judgeCertificate(vector) {
  const { check } = await trustedSigner(
    vector.presented.map(fromHex),
    Date.parse(vector.now),
    trustOf(vector),
  );
  return new Verdict([check], [Step.TRUST_CHAIN]);
}

/** @type {Record<string, (vector: any) => Promise<Verdict>>} */
const JUDGES = {
  mdoc: judgeMdoc,
  "sd-jwt": judgeSdJwt,
  "status-token": judgeStatusToken,
  certificate: judgeCertificate,
};

/**
 * What came of a vector: outcome, step and reason.
 *
 * @param {any} vector
 */
export async function judge(vector) {
  const { outcome, step, reason } = await /** @type {any} */ (JUDGES[vector.kind ?? "mdoc"])(vector);
  return { outcome, step, reason };
}
