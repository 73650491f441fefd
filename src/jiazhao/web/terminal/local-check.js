// A check by light alone: the verifier's verdict in the words of the service's own answer, so that
// one screen shows both. It says what was signed and what the country's list says, and of when.

import { dayAndTime, fillIn } from "../shared/i18n.js";
import { en } from "../shared/messages.en.js";
import { zh } from "../shared/messages.zh.js";
import { REASONS } from "../shared/reason-table.js";
import { effectiveStatuses, rulesOn, statusesAllowDriving } from "../shared/rules.js";
import { PROFILES } from "../shared/verdict.js";
import { verifyLicenceCode } from "../shared/verify-licence-code.js";

/** @typedef {import("../shared/answers.js").CheckAnswer} CheckAnswer */
/** @typedef {import("../shared/answers.js").LicenceView} LicenceView */
/** @typedef {import("../shared/answers.js").NamedCode} NamedCode */
/** @typedef {import("../shared/verify-licence-code.js").CheckedCode} CheckedCode */
/** @typedef {import("../shared/rules.js").Rules} Rules */

/**
 * @typedef {object} Judge  what a check goes by: a shift, or training
 * @property {{ now: () => number, wasSet: boolean }} clock
 * @property {import("../shared/verify-licence-code.js").Checker} checker
 * @property {{ asOf: number } | null} snapshot
 * @property {(deviceKey: Uint8Array, counter: number) => Promise<void>} met  a counter is never taken again
 */

/**
 * @typedef {object} Asked
 * @property {string} checkId
 * @property {string | null} vehicleClass
 * @property {number | null} challenge   that the terminal shows
 * @property {"same" | "differs" | null} face
 */

/** What an answer made here has besides. @typedef {CheckAnswer & { offline: true, listOf: number | null, heardAt: number | null }} LocalAnswer */

/**
 * @param {Judge} shift
 * @param {Uint8Array} octets
 * @param {Asked} asked
 * @returns {Promise<LocalAnswer>}
 */
export async function checkLocally(shift, octets, { checkId, vehicleClass, challenge, face }) {
  const now = Math.round(shift.clock.now());
  const { checker } = shift;
  const checked = await verifyLicenceCode(octets, {
    now, checker, profile: PROFILES.LICENCE_CODE_OFFLINE, challenge, face, vehicleClass,
  });
  const clockDoubted = shift.clock.wasSet && checked.verdict.outcome !== "NOT_GENUINE";
  await remember(shift, checked);
  return answerOf(checked, { shift, now, checkId, vehicleClass, clockDoubted });
}

/**
 * What was shown with a device's own signature is not taken again, whatever came out.
 *
 * @param {Judge} shift
 * @param {CheckedCode} checked
 */
async function remember(shift, { verdict, licence, holder }) {
  const bound = verdict.checks.find(({ step }) => step === 6)?.status === "passed";
  if (bound && licence?.deviceKey && holder) await shift.met(licence.deviceKey.compressed, holder.counter);
}

/**
 * @param {CheckedCode} checked
 * @param {{ shift: Judge, now: number, checkId: string, vehicleClass: string | null, clockDoubted: boolean }} given
 * @returns {LocalAnswer}
 */
function answerOf({ verdict, licence, portrait, driving, heardAt }, { shift, now, checkId, vehicleClass, clockDoubted }) {
  const decided = verdict.checks.find(({ step }) => step === verdict.step);
  const reason = clockDoubted ? sentence("clock_was_set", {}) : verdict.reason && sentence(verdict.reason, decided?.values ?? {});
  const outcome = clockDoubted ? "CANNOT_CONFIRM" : verdict.outcome;
  const rules = rulesOn(shift.checker.tables, legalDay(now));
  return {
    offline: true,
    check_id: checkId,
    kind: "check",
    verdict: outcome,
    reason: reason || null,
    what_to_do: adviceFor(outcome, clockDoubted ? "clock_was_set" : verdict.reason),
    steps: verdict.checks.map(({ step, status, reason: code, values }) => ({
      number: step,
      name: String(step),
      ...inBothOf(`step.${/** @type {1} */ (step)}`),
      status,
      demanded: verdict.profile.includes(step),
      reason: code === null ? null : sentence(code, values ?? {}),
    })),
    may_drive: vehicleClass === null || driving === null || licence === null ? null : drives(vehicleClass, driving, outcome),
    licence: licence && viewOf(licence, rules),
    portrait: portrait && base64(portrait),
    portrait_type: "image/avif",
    checked_at: new Date(now).toISOString(),
    last_confirmed_at: verdict.lastConfirmedAt === null ? null : new Date(verdict.lastConfirmedAt).toISOString(),
    listOf: shift.snapshot?.asOf ?? null,
    heardAt,
  };
}

/**
 * A yes stands beside VALID only: who cannot be confirmed must not be waved on by a green field.
 *
 * @param {string} vehicleClass
 * @param {import("../shared/answers.js").Refusal[]} refusals
 * @param {string} outcome
 */
function drives(vehicleClass, refusals, outcome) {
  const [first] = refusals;
  if (first === undefined && outcome !== "VALID") return null;
  const reason = first ? { zh: first.zh, en: first.en, source: first.source } : null;
  return { vehicle_class: vehicleClass, answer: first === undefined, reason };
}

/**
 * @param {NonNullable<CheckedCode["licence"]>} facts
 * @param {Rules} rules
 * @returns {LicenceView}
 */
function viewOf(facts, rules) {
  const effective = effectiveStatuses(facts.statuses, facts.points, facts.validUntil, rules);
  const statuses = effective.map((code) => named(code, rules.statuses));
  const drivable = statusesAllowDriving(effective, rules);
  return {
    instance_number: null,
    licence_number: facts.number,
    identity_kind: "",
    name: facts.name,
    family_name_latin: "",
    given_name_latin: "",
    sex: facts.sex,
    nationality: facts.nationality,
    birth_date: facts.birthDate,
    address: "",
    issuing_office: facts.officePrefix,
    archive_number: "",
    first_issue_date: facts.firstIssueDate,
    valid_from: facts.validFrom,
    valid_until: facts.validUntil,
    long_term: facts.validUntil === null,
    classes: facts.classes.map(({ code, expiryDate }) => ({
      ...named(code, rules.classes), issue_date: facts.firstIssueDate, expiry_date: expiryDate,
    })),
    statuses,
    display_status: statuses[0] ?? named("A", rules.statuses),
    qr_colour: drivable ? "black" : "red",
    may_drive: drivable,
    points: facts.points,
    full_score: rules.fullScore,
    record: facts.record === true ? "…" : (facts.record ?? ""),
    specimen: false,
    confirmed_at: new Date(facts.signed * 1000).toISOString(),
  };
}

/**
 * @param {string} code
 * @param {ReadonlyMap<string, { zh: string, en: string }>} table
 * @returns {NamedCode}
 */
function named(code, table) {
  const row = table.get(code);
  return { code, zh: row?.zh ?? code, en: row?.en ?? code };
}

/**
 * @param {string} code
 * @param {Readonly<Record<string, string>>} values
 * @returns {NamedCode}
 */
function sentence(code, values) {
  if (code === "clock_was_set") return { code, ...inBothOf("check.clock_was_set") };
  const words = REASONS[code] ?? { zh: code, en: code };
  const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inChina(value)]));
  return { code, zh: fillIn(words.zh, shown), en: fillIn(words.en, shown) };
}

/** A moment in words that people read. @param {string} value */
function inChina(value) {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? dayAndTime(value).slice(0, 16) : value;
}

/**
 * @param {string} outcome
 * @param {string | null} reason
 */
function adviceFor(outcome, reason) {
  const better = outcome === "NOT_GENUINE" || reason === null ? undefined : REASONS[reason]?.todo;
  return better ?? inBothOf(`advice.${/** @type {"VALID"} */ (outcome)}`);
}

/** @param {import("../shared/i18n.js").MessageKey} key */
function inBothOf(key) {
  return { zh: zh[key], en: en[key] };
}

/** @param {number} now */
function legalDay(now) {
  return dayAndTime(now).slice(0, 10);
}

/** @param {Uint8Array} octets */
function base64(octets) {
  return btoa(String.fromCharCode(...octets));
}
