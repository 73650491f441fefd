// Checking a licence code, shown or printed (docs/specs/licence-code.md, "Checking"), with the
// numbered steps of the service. Pure: time, trust, keys, rule tables, the snapshot and what this
// terminal saw before are arguments. Nothing is raised for what was received; it all comes out in
// the verdict.

import { BeaconAnchor, readBeacon, toldAt } from "./beacon.js";
import { dayOf, Kind, openLicenceCode, parseSealedCode } from "./licence-code.js";
import { dayText, handleIssuedAt } from "./licence-facts.js";
import { owned, sameOctets } from "./octets.js";
import { portraitFile } from "./portrait-template.js";
import { checkDriving, rulesOn, stateOf } from "./rules.js";
import { failed, passed, Step, unchecked, Verdict } from "./verdict.js";
import { asRefusal, entitled, trustedSigner } from "./verify-steps.js";

/** @typedef {import("./answers.js").Refusal} Refusal */
/** @typedef {import("./code-sealing.js").OpeningKey} OpeningKey */
/** @typedef {import("./licence-code.js").HolderContent} HolderContent */
/** @typedef {import("./licence-code.js").HolderPart} HolderPart */
/** @typedef {import("./licence-code.js").IssuerPart} IssuerPart */
/** @typedef {import("./licence-code.js").SealedCode} SealedCode */
/** @typedef {import("./licence-facts.js").LicenceFacts} LicenceFacts */
/** @typedef {import("./rules.js").Rules} Rules */
/** @typedef {import("./verdict.js").Check} Check */
/** @typedef {{ mustNotDrive: boolean, asOf: number }} SnapshotFinding */

/** Roots of other countries may be trusted for their own licences; a code is of ours. */
const ISSUING_COUNTRY = "CN";

/**
 * @typedef {object} CodeSettings  how fresh things must be, in seconds
 * @property {number} code_seconds
 * @property {number} skew_seconds
 * @property {number} challenge_after_seconds
 * @property {number} snapshot_max_age_seconds
 */

/**
 * Looks a handle up with the time of its issue in seconds since 1970; raises a `VerificationError`
 * where it is not covered. `asOf` is in milliseconds since 1970.
 *
 * @callback HandleCheck
 * @param {Uint8Array} handle
 * @param {number} issuedAt
 * @returns {SnapshotFinding | Promise<SnapshotFinding>}
 */

/**
 * @typedef {object} Checker  what whoever checks holds before a code comes
 * @property {import("./verify-steps.js").TrustAnchors} trust
 * @property {readonly Uint8Array[]} signers  certificates of document signers, in DER
 * @property {(kind: number, period: number) => OpeningKey | null} key  of a day or of a year
 * @property {Readonly<Record<string, any>>} tables  the rule tables of the shift
 * @property {BeaconAnchor | null} beacon     of the last contact with the service
 * @property {(deviceKey: Uint8Array) => number | Promise<number>} lastCounter
 *   the highest that was used with a device key (a compressed point); 0 if none was
 * @property {HandleCheck | null} status      the country's snapshot
 * @property {CodeSettings} settings
 */

/**
 * @typedef {object} Given  what a check of a code goes by
 * @property {number} now  milliseconds since 1970
 * @property {Checker} checker
 * @property {readonly number[]} profile
 * @property {number | null} [challenge]  that the terminal showed to the driver
 * @property {"same" | "differs" | null} [face]  what the officer said of portrait and person
 * @property {string | null} [vehicleClass]  the one that is being driven
 */

/**
 * @typedef {object} CheckedCode
 * @property {Verdict} verdict
 * @property {Omit<LicenceFacts, "portrait"> | null} licence  null unless steps 1 to 3 have passed
 * @property {Uint8Array<ArrayBuffer> | null} portrait  an AVIF file, under the same condition
 * @property {Refusal[] | null} driving  reasons against driving the class, by what was signed
 * @property {HolderContent | null} holder  as read; step 6 says whether the device signed it
 * @property {number | null} heardAt  milliseconds since 1970 when the phone was last in contact,
 *   where that is known: the code was made after it
 */

/**
 * Check the octets of a code. A step that the profile does not demand is not taken: with the
 * register at hand what was signed days ago neither lapses nor speaks of a status.
 *
 * @param {Uint8Array} received
 * @param {Given} given
 * @returns {Promise<CheckedCode>}
 */
export async function verifyLicenceCode(received, given) {
  const { now, checker, profile, challenge = null, face = null, vehicleClass = null } = given;

  // 1. Decode: the outer form, a key that opens it, the content in its one spelling.
  const { code, check: decoded } = await decode(received, checker);
  if (!code) return nothingSaid([decoded], profile);
  const { sealed, issuerPart, holderPart } = code;

  // 2. Trust chain: the named signer, vouched for by a trusted root at `now`.
  const { signer, check: chain } = await namedSigner(issuerPart, now, checker);
  if (!signer) return nothingSaid([decoded, chain], profile);

  // 3. The issuer's signature; only then the data say anything.
  const { facts, check: signature } = await issuerSignature(issuerPart, signer);
  if (!facts || chain.status !== "passed") return nothingSaid([decoded, chain, signature], profile);
  // (2, now that the time of signing is known: was the signer entitled then?)
  const entitlement = entitled(signer, facts.signed * 1000, ISSUING_COUNTRY);
  if (entitlement.status !== "passed") return nothingSaid([decoded, entitlement, signature], profile);
  const rules = rulesOn(checker.tables, legalDay(now));

  // 5. Validity of the issuer's part and of the licence at `now`.
  const validity = profile.includes(Step.VALIDITY)
    ? validityOf(issuerPart, facts, now, checker.settings)
    : unchecked(Step.VALIDITY);

  // 6. Holder binding: this device, now, once, in answer to the challenge; or by face.
  const { check: holder, heardAt } = holderPart
    ? await byDevice({ sealed, issuerPart, holderPart }, now, checker, challenge, face)
    : byFace(sealed, facts, face, profile.includes(Step.LIVE_REGISTER));

  // 7. Status: what was signed, then the country's snapshot.
  const { check: status, asOf } = profile.includes(Step.STATUS)
    ? await statusOf(facts, now, checker, rules)
    : { check: unchecked(Step.STATUS), asOf: facts.signed * 1000 };

  const { portrait, ...licence } = facts;
  return {
    verdict: new Verdict([decoded, entitlement, signature, validity, holder, status], profile, asOf),
    licence,
    portrait: portrait && portraitFile(portrait),
    driving: checkDriving(stateOf(facts), vehicleClass, rules),
    holder: holderPart?.content ?? null,
    heardAt,
  };
}

/**
 * @param {Check[]} checks
 * @param {readonly number[]} profile
 * @returns {CheckedCode}
 */
function nothingSaid(checks, profile) {
  const verdict = new Verdict(checks, profile);
  return { verdict, licence: null, portrait: null, driving: null, holder: null, heardAt: null };
}

// -- 1, 2 and 3

/**
 * @param {Uint8Array} received
 * @param {Checker} checker
 */
async function decode(received, checker) {
  const step = Step.DECODE;
  try {
    const sealed = parseSealedCode(received);
    const key = checker.key(sealed.kind, sealed.period);
    if (!key) return { code: null, check: failed(step, "no_day_key") };
    return { code: { sealed, ...(await openLicenceCode(sealed, key)) }, check: passed(step) };
  } catch (error) {
    return { code: null, check: failed(step, "unknown_format", asRefusal(error).values) };
  }
}

/**
 * @param {IssuerPart} part
 * @param {number} now
 * @param {Checker} checker
 */
async function namedSigner({ keyId }, now, { signers, trust }) {
  for (const certificate of signers) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", owned(certificate)));
    if (sameOctets(digest.subarray(0, keyId.length), keyId)) return trustedSigner([certificate], now, trust);
  }
  return { signer: null, check: failed(Step.TRUST_CHAIN, "unknown_issuer") };
}

/**
 * @param {IssuerPart} part
 * @param {import("./chain.js").VouchedSigner} signer
 */
async function issuerSignature(part, signer) {
  const step = Step.ISSUER_SIGNATURE;
  try {
    return { facts: await part.verify(signer.key), check: passed(step) };
  } catch (error) {
    return { facts: null, check: failed(step, asRefusal(error).code) };
  }
}

// -- 5

/**
 * Take step 5. What the issuer's part says of its own time ends in "unchecked": it tells nothing
 * against the licence, which another part, or the register, may show to be in order.
 *
 * @param {IssuerPart} part
 * @param {LicenceFacts} facts
 * @param {number} now
 * @param {CodeSettings} settings
 */
function validityOf({ signed, endsAt }, { validFrom, validUntil }, now, { skew_seconds: skew }) {
  const step = Step.VALIDITY;
  const today = legalDay(now);
  if (signed * 1000 > now + skew * 1000) return unchecked(step, "code_part_from_the_future");
  if (today < validFrom) return failed(step, "not_yet_valid", { since: validFrom });
  if (validUntil !== null && today > validUntil) return failed(step, "licence_expired", { until: validUntil });
  if (now >= endsAt * 1000) return unchecked(step, "code_part_lapsed", { until: minuteInChina(endsAt * 1000) });
  return passed(step);
}

// -- 6

/**
 * @param {SealedCode} sealed
 * @param {LicenceFacts} facts
 * @param {"same" | "differs" | null} face
 * @param {boolean} registerHasTheFace
 */
function byFace(sealed, { signed, portrait }, face, registerHasTheFace) {
  const step = Step.HOLDER_BINDING;
  const of = (/** @type {Check} */ check) => ({ check, heardAt: null });
  if (face === "differs") return of(failed(step, "face_differs"));
  if (sealed.period !== periodOf(sealed.kind, signed)) return of(failed(step, "key_of_another_day"));
  if (!portrait && !registerHasTheFace) return of(unchecked(step, "no_face_in_code"));
  return of(face === "same" ? passed(step) : unchecked(step, "compare_face"));
}

/**
 * @param {{ sealed: SealedCode, issuerPart: IssuerPart, holderPart: HolderPart }} code
 * @param {number} now
 * @param {Checker} checker
 * @param {number | null} challenge
 * @param {"same" | "differs" | null} face
 */
async function byDevice({ sealed, issuerPart, holderPart }, now, checker, challenge, face) {
  const step = Step.HOLDER_BINDING;
  const refused = (/** @type {string} */ reason) => ({ check: failed(step, reason), heardAt: null });
  const { code_seconds: life, skew_seconds: skew } = checker.settings;
  const { time, counter, challenge: typed, beacon } = holderPart.content;
  const { deviceKey } = issuerPart;
  if (!deviceKey) return refused("holder_not_shown");
  try {
    await holderPart.verify(deviceKey, issuerPart);
  } catch (error) {
    return refused(asRefusal(error).code);
  }
  const age = now / 1000 - time;
  if (age > life + skew) return refused("code_expired");
  if (age < -skew) return refused("code_from_the_future");
  const near = [time - skew, time, time + skew].map((moment) => periodOf(sealed.kind, moment));
  if (!near.includes(sealed.period)) return refused("key_of_another_day");
  if (counter <= (await checker.lastCounter(deviceKey.compressed))) return refused("code_used");
  if (challenge !== null && typed !== challenge) {
    return refused(typed === null ? "challenge_missing" : "challenge_wrong");
  }
  const heard = await byBeacon(beacon, now, checker, challenge !== null);
  const differs = heard.check.status === "passed" && face === "differs";
  return differs ? { ...heard, check: failed(step, "face_differs") } : heard;
}

/**
 * Bound codes that were made ahead: by what the wallet heard last, or by the challenge.
 *
 * @param {Uint8Array | null} octets
 * @param {number} now
 * @param {Checker} checker
 * @param {boolean} isAnswered
 * @returns {Promise<{ check: Check, heardAt: number | null }>}
 */
async function byBeacon(octets, now, { beacon: ours, settings }, isAnswered) {
  const step = Step.HOLDER_BINDING;
  const beacon = octets && readBeacon(octets);
  const wrong = { check: failed(step, "beacon_wrong"), heardAt: null };
  if (beacon && toldAt(beacon) * 1000 > now + settings.skew_seconds * 1000) return wrong;
  let heardAt = null;
  if (beacon && ours?.reaches(beacon)) {
    if (!(await ours.vouchesFor(beacon))) return wrong;
    heardAt = toldAt(beacon) * 1000;
  }
  const isFresh = heardAt !== null && now - heardAt <= settings.challenge_after_seconds * 1000;
  return { check: isFresh || isAnswered ? passed(step) : failed(step, "challenge_needed"), heardAt };
}

/**
 * The period whose key a code of this kind is sealed to at a moment.
 *
 * @param {number} kind
 * @param {number} time  seconds since 1970
 */
function periodOf(kind, time) {
  const day = dayOf(time);
  return kind === Kind.SHOWN ? day : Number(dayText(day).slice(0, 4));
}

// -- 7

/**
 * @param {LicenceFacts} facts
 * @param {number} now
 * @param {Checker} checker
 * @param {Rules} rules
 * @returns {Promise<{ check: Check, asOf: number }>}  of when the answer is
 */
async function statusOf(facts, now, { status, settings }, rules) {
  const step = Step.STATUS;
  const signedAt = facts.signed * 1000;
  const bySignature = (/** @type {Check} */ check) => ({ check, asOf: signedAt });
  if (checkDriving(stateOf(facts), null, rules).length) return bySignature(failed(step, "code_status_says_no"));
  if (!status) return bySignature(unchecked(step, "status_undetermined"));
  let finding;
  try {
    finding = await status(facts.handle, handleIssuedAt(facts));
  } catch (error) {
    const { code, values } = asRefusal(error);
    return bySignature(unchecked(step, code, values));
  }
  const { mustNotDrive, asOf } = finding;
  const told = { as_of: minuteInChina(asOf) };
  if (asOf > now + settings.skew_seconds * 1000) return bySignature(unchecked(step, "snapshot_ahead", told));
  const isOld = now - asOf > settings.snapshot_max_age_seconds * 1000;
  if (isOld) return { check: unchecked(step, "snapshot_too_old", told), asOf };
  return { check: mustNotDrive ? failed(step, "status_must_not_drive") : passed(step), asOf };
}

// -- days and minutes in China

/** @param {number} now */
function legalDay(now) {
  return dayText(dayOf(Math.floor(now / 1000)));
}

/** @param {number} instant */
function minuteInChina(instant) {
  return `${new Date(instant + 8 * 3_600_000).toISOString().slice(0, 16)}+08:00`;
}
