// Judges a vector with the browser's verifier, by the kind of what it holds. No module of Node is
// used here: the same file judges the vectors in a browser.

import { BeaconAnchor } from "../../src/jiazhao/web/shared/beacon.js";
import { openingKey } from "../../src/jiazhao/web/shared/code-sealing.js";
import { PublicKey } from "../../src/jiazhao/web/shared/public-key.js";
import { verifyStatusToken } from "../../src/jiazhao/web/shared/status-list.js";
import { readSnapshot } from "../../src/jiazhao/web/shared/status-snapshot.js";
import { PROFILES, Step, Verdict } from "../../src/jiazhao/web/shared/verdict.js";
import { VerificationError } from "../../src/jiazhao/web/shared/verification-error.js";
import { verifyLicenceCode } from "../../src/jiazhao/web/shared/verify-licence-code.js";
import { verifyMdoc } from "../../src/jiazhao/web/shared/verify.js";
import { publishedStatus, trustedSigner } from "../../src/jiazhao/web/shared/verify-steps.js";
import { verifySdJwt } from "../../src/jiazhao/web/shared/verify-sd-jwt.js";

/** @param {string} text */
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

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
async function judgeStatusSnapshot(vector) {
  const { files, now, newest_seen: seen } = vector;
  const lookUp = async () => {
    const { asOf } = await readSnapshot(files.map(fromHex), {
      now: Date.parse(now),
      trust: trustOf(vector),
      newestSeen: seen === null ? null : Date.parse(seen),
    });
    return { value: 0, confirmedAt: asOf };
  };
  const { check } = await publishedStatus({ uri: "", index: 0 }, lookUp, false);
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

/** @param {any} said  of a vector's snapshot */
function snapshotOf(said) {
  if (said === null) return null;
  return () => {
    if ("undetermined" in said) throw new VerificationError(said.undetermined, "", said.values);
    return { mustNotDrive: said.says === "must_not_drive", asOf: Date.parse(said.as_of) };
  };
}

/** @type {Map<string, Promise<import("../../src/jiazhao/web/shared/code-sealing.js").OpeningKey>>} */
const opened = new Map();

/** @param {any} jwk */
function keyOf(jwk) {
  const point = PublicKey.fromJwk(new Map([["kty", jwk.kty], ["crv", jwk.crv], ["x", jwk.x], ["y", jwk.y]])).point;
  const key = opened.get(jwk.d) ?? openingKey(jwk, point);
  opened.set(jwk.d, key);
  return key;
}

/**
 * Check the code of a vector.
 *
 * @param {any} vector
 * @param {Record<string, any>} tables  the rule tables
 */
export async function checkLicenceCode(vector, tables) {
  const { now, profile, challenge, face, beacon, settings, vehicle_class: vehicleClass } = vector;
  const keys = new Map();
  for (const { kind, period, jwk } of vector.keys) keys.set(`${kind} ${period}`, await keyOf(jwk));
  return verifyLicenceCode(fromHex(vector.presented), {
    now: Date.parse(now),
    checker: {
      trust: trustOf(vector),
      signers: vector.signers.map(fromHex),
      key: (kind, period) => keys.get(`${kind} ${period}`) ?? null,
      tables,
      beacon: beacon === null ? null : new BeaconAnchor(fromHex(beacon)),
      lastCounter: () => vector.last_counter,
      status: snapshotOf(vector.status),
      settings,
    },
    profile: PROFILES[/** @type {keyof typeof PROFILES} */ (profile)],
    challenge,
    face,
    vehicleClass,
  });
}

/**
 * @param {any} vector
 * @param {Record<string, any>} tables
 */
async function judgeLicenceCode(vector, tables) {
  return (await checkLicenceCode(vector, tables)).verdict;
}

/** @type {Record<string, (vector: any, tables: Record<string, any>) => Promise<Verdict>>} */
const JUDGES = {
  mdoc: judgeMdoc,
  "sd-jwt": judgeSdJwt,
  "status-token": judgeStatusToken,
  "status-snapshot": judgeStatusSnapshot,
  certificate: judgeCertificate,
  "licence-code": judgeLicenceCode,
};

/**
 * What came of a vector: outcome, step and reason.
 *
 * @param {any} vector
 * @param {Record<string, any>} tables  the rule tables
 */
export async function judge(vector, tables) {
  const judgeKind = /** @type {any} */ (JUDGES[vector.kind ?? "mdoc"]);
  const { outcome, step, reason } = await judgeKind(vector, tables);
  return { outcome, step, reason };
}
