// Checking an SD-JWT VC that someone presents (RFC 9901 section 7, OpenID4VP 1.0 annex B.3).
// The same nine steps as for an mdoc, and as pure: see verify.js.

import { speaksFor } from "./chain.js";
import { MDL_NAMESPACE } from "./mdoc.js";
import { sha256Base64url } from "./public-key.js";
import { parseSdJwt } from "./sd-jwt.js";
import { failed, passed, PROFILES, Step, unchecked, Verdict } from "./verdict.js";
import { CLOCK_SKEW, codeOf, entitled, publishedStatus, trustedSigner, within } from "./verify-steps.js";

/** @typedef {import("./sd-jwt.js").SdJwt} SdJwt */
/** @typedef {import("./disclosures.js").Path} Path */
/** @typedef {import("./json-reader.js").JsonObject} JsonObject */
/** @typedef {import("./verdict.js").Check} Check */
/** @typedef {{ vct: string, paths: readonly Path[] }} AskedClaims */

/**
 * @typedef {object} ExpectedBinding  what a key binding must say
 * @property {string} audience
 * @property {string} nonce
 * @property {number} maxAge  milliseconds
 */

/**
 * @typedef {object} Given  what a check of an SD-JWT VC goes by
 * @property {number} now  milliseconds since 1970
 * @property {import("./verify-steps.js").TrustAnchors} trust
 * @property {ExpectedBinding | null} expected  null where there was no request
 * @property {import("./verify-steps.js").StatusCheck | null} [status]
 * @property {AskedClaims | null} [asked]
 * @property {readonly number[]} [profile]
 */

/**
 * @typedef {object} CheckedSdJwt
 * @property {Verdict} verdict
 * @property {string | null} vct
 * @property {import("./mdoc.js").StatusReference | null} status
 * @property {Uint8Array | null} deviceKey
 * @property {JsonObject} claims  what was disclosed; empty unless steps 1 to 4 have passed
 */

/**
 * Check one presented SD-JWT VC, with or without a key binding.
 *
 * @param {string} received
 * @param {Given} given
 * @returns {Promise<CheckedSdJwt>}
 */
export async function verifySdJwt(received, given) {
  const { now, trust, expected, status = null, asked = null, profile = PROFILES.FILE } = given;

  // 1. Decode within bounds.
  const shown = await decode(received);
  if (!shown) return unknown([failed(Step.DECODE, "unknown_format")], profile);
  const decoded = passed(Step.DECODE);

  // 2. Trust chain at `now`.
  const { signer, check: chain } = await trustedSigner(shown.chain, now, trust);
  if (!signer) return unknown([decoded, chain], profile);

  // 3. The issuer's signature; only then the JWT says anything.
  const signature = await issuerSignature(shown, signer);
  if (signature.status !== "passed") return unknown([decoded, chain, signature], profile);

  // 4. Digests of what was disclosed; only then a claim says anything.
  const digests = digestsOf(shown);
  const claims = digests.status === "passed" ? shown.claims : new Map();
  // (2, now that JWT and claims are known: was the signer entitled to them?)
  const entitlement = chain.status === "passed" ? issuerEntitled(signer, shown, claims) : chain;

  // 5. Validity at `now`.
  const validity = within(shown.notBefore, shown.expiresAt, now);

  // 6. Holder binding to this request.
  const holder = await holderOf(shown, expected, now);

  // 7. Published status.
  const published = await publishedStatus(shown.status, status, shown.unknownStatus);

  // 8. What was asked is what was given.
  const request = matches(asked, shown, claims);

  const checks = [decoded, entitlement, signature, digests, validity, holder, published.check, request];
  const verdict = new Verdict(checks, profile, published.confirmedAt);
  return { verdict, vct: shown.vct, status: shown.status, deviceKey: shown.deviceKey.point, claims };
}

/**
 * @param {Check[]} checks
 * @param {readonly number[]} profile
 * @returns {CheckedSdJwt}
 */
function unknown(checks, profile) {
  const verdict = new Verdict(checks, profile);
  return { verdict, vct: null, status: null, deviceKey: null, claims: new Map() };
}

/** @param {string} received */
async function decode(received) {
  try {
    return await parseSdJwt(received);
  } catch (error) {
    codeOf(error);
    return null;
  }
}

/**
 * @param {SdJwt} shown
 * @param {import("./chain.js").VouchedSigner} signer
 */
async function issuerSignature({ token }, signer) {
  try {
    await token.verify(signer.key);
    return passed(Step.ISSUER_SIGNATURE);
  } catch (error) {
    return failed(Step.ISSUER_SIGNATURE, codeOf(error));
  }
}

/** @param {SdJwt} shown */
function digestsOf({ unreferenced, disclosed }) {
  if (unreferenced) return failed(Step.DIGESTS, "digest_mismatch");
  return disclosed.length ? passed(Step.DIGESTS) : unchecked(Step.DIGESTS, "nothing_disclosed");
}

/**
 * @param {import("./chain.js").VouchedSigner} signer
 * @param {SdJwt} shown
 * @param {JsonObject} claims
 */
function issuerEntitled(signer, { issuer, issuedAt }, claims) {
  if (issuer !== null && !speaksFor(signer, issuer)) {
    return failed(Step.TRUST_CHAIN, "issuer_data_mismatch");
  }
  const international = claims.get(MDL_NAMESPACE);
  const country = international instanceof Map ? international.get("issuing_country") : null;
  return entitled(signer, issuedAt, country);
}

/**
 * @param {SdJwt} shown
 * @param {ExpectedBinding | null} expected
 * @param {number} now
 */
async function holderOf({ keyBinding, deviceKey, presented }, expected, now) {
  const step = Step.HOLDER_BINDING;
  if (!keyBinding || !expected) return unchecked(step, "holder_not_shown");
  try {
    await keyBinding.token.verify(deviceKey);
  } catch (error) {
    codeOf(error);
    return failed(step, "holder_signature_mismatch");
  }
  if (keyBinding.sdHash !== (await sha256Base64url(presented))) {
    return failed(step, "holder_signature_mismatch");
  }
  const { audience, nonce, issuedAt } = keyBinding;
  const inTime = now - expected.maxAge <= issuedAt && issuedAt <= now + CLOCK_SKEW;
  const answers = audience === expected.audience && nonce === expected.nonce && inTime;
  return answers ? passed(step) : failed(step, "answer_to_another_request");
}

/**
 * @param {AskedClaims | null} asked
 * @param {SdJwt} shown
 * @param {JsonObject} claims
 */
function matches(asked, { vct, disclosed }, claims) {
  const step = Step.REQUEST_MATCH;
  if (!asked) return unchecked(step);
  const alike =
    vct === asked.vct &&
    asked.paths.every((path) => stands(claims, path)) &&
    disclosed.every((path) => belongs(path, asked.paths));
  return alike ? passed(step) : failed(step, "answer_differs_from_request");
}

/**
 * @param {unknown} claims
 * @param {Path} path
 */
function stands(claims, path) {
  let inner = claims;
  for (const part of path) {
    if (inner instanceof Map && inner.has(part)) inner = inner.get(part);
    else if (Array.isArray(inner) && typeof part === "number" && part in inner) inner = inner[part];
    else return false;
  }
  return true;
}

/**
 * Whether a claim was asked for, holds what was asked for, or is a part of it.
 *
 * @param {Path} path
 * @param {readonly Path[]} wanted
 */
function belongs(path, wanted) {
  return wanted.some((each) => each.every((part, at) => at >= path.length || part === path[at]));
}
