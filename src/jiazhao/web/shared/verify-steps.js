// The steps of a check that are alike in every format.

import { DOCUMENT_SIGNING, requireValidity, vouchedSigner } from "./chain.js";
import { sameOctets } from "./octets.js";
import { failed, passed, Step, unchecked } from "./verdict.js";
import { VerificationError } from "./verification-error.js";

/** A copy issued a moment ago by a clock slightly ahead is taken as valid already. */
export const CLOCK_SKEW = 60_000;

/** @typedef {import("./chain.js").VouchedSigner} VouchedSigner */
/** @typedef {import("./verdict.js").Check} Check */
/** @typedef {import("./mdoc.js").StatusReference} StatusReference */

/**
 * @typedef {object} TrustAnchors
 * @property {readonly Uint8Array[]} roots        IACA root certificates in DER
 * @property {readonly Uint8Array[]} compromised  points of signers' keys that prove nothing more
 */

/**
 * @typedef {object} StatusFinding
 * @property {number} value
 * @property {number} confirmedAt  when the list was issued, in milliseconds since 1970
 */

/**
 * Looks a reference up; raises a `VerificationError` where it is not known.
 *
 * @callback StatusCheck
 * @param {StatusReference} reference
 * @returns {StatusFinding | Promise<StatusFinding>}
 */

/**
 * What was raised as the refusal that it is; a fault of our own goes on.
 *
 * @param {unknown} error
 */
export function asRefusal(error) {
  if (error instanceof VerificationError) return error;
  throw error;
}

/**
 * What a check reads of a refusal.
 *
 * @param {unknown} error
 */
export function codeOf(error) {
  return asRefusal(error).code;
}

/**
 * Take step 2; the signer is null unless its key may be computed with.
 *
 * @param {readonly Uint8Array[]} chain
 * @param {number} now
 * @param {TrustAnchors} trust
 * @returns {Promise<{ signer: VouchedSigner | null, check: Check }>}
 */
export async function trustedSigner(chain, now, { roots, compromised }) {
  const step = Step.TRUST_CHAIN;
  try {
    const signer = await vouchedSigner(chain, roots, DOCUMENT_SIGNING);
    requireValidity(signer, now);
    const listed = compromised.some((point) => sameOctets(point, signer.key.point));
    return { signer, check: listed ? failed(step, "signer_compromised") : passed(step) };
  } catch (error) {
    const { code, values } = asRefusal(error);
    return { signer: null, check: failed(step, code, values) };
  }
}

/**
 * Check the signer against what it signed (ISO/IEC 18013-5 sections 9.1.2.4 and 7.2.1).
 *
 * @param {VouchedSigner} signer
 * @param {number | null} signedAt
 * @param {unknown} country
 * @returns {Check}
 */
export function entitled(signer, signedAt, country) {
  try {
    if (signedAt !== null) requireValidity(signer, signedAt);
  } catch (error) {
    return failed(Step.TRUST_CHAIN, codeOf(error));
  }
  const told = country !== undefined && country !== null;
  if (told && country !== signer.country) {
    return failed(Step.TRUST_CHAIN, "issuer_data_mismatch", { reason: "issuing_country" });
  }
  return passed(Step.TRUST_CHAIN);
}

/**
 * Take step 5.
 *
 * @param {number | null} validFrom
 * @param {number} validUntil
 * @param {number} now
 * @returns {Check}
 */
export function within(validFrom, validUntil, now) {
  const step = Step.VALIDITY;
  if (validFrom !== null && now + CLOCK_SKEW < validFrom) {
    return failed(step, "not_yet_valid", { since: minute(validFrom) });
  }
  if (now > validUntil) return failed(step, "lapsed", { until: minute(validUntil) });
  return passed(step);
}

/** @param {number} instant */
function minute(instant) {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * Take step 7; `unknown` is whether a status is published in another way too.
 *
 * @param {StatusReference | null} reference
 * @param {StatusCheck | null} lookUp
 * @param {boolean} unknown
 * @returns {Promise<{ check: Check, confirmedAt: number | null }>}
 */
export async function publishedStatus(reference, lookUp, unknown) {
  const step = Step.STATUS;
  const undetermined = { check: unchecked(step, "status_undetermined"), confirmedAt: null };
  if (!reference || !lookUp) return undetermined;
  try {
    const { value, confirmedAt } = await lookUp(reference);
    if (value === 1) return { check: failed(step, "status_ended"), confirmedAt };
    if (value === 2) return { check: failed(step, "status_suspended"), confirmedAt };
    return value !== 0 || unknown ? undetermined : { check: passed(step), confirmedAt };
  } catch (error) {
    return { check: unchecked(step, codeOf(error)), confirmedAt: null };
  }
}
