// Whether the holder may drive a vehicle of a class on a day, from the same dated tables and to
// the same answers as the service (src/jiazhao/rules/): statuses first and weightiest first,
// then validity, then the class. Days are YYYY-MM-DD, which compare as text.

import { VerificationError } from "./verification-error.js";

/** @typedef {import("./answers.js").Refusal} Refusal */
/** @typedef {import("./licence-facts.js").LicenceFacts} LicenceFacts */

/** @typedef {{ instrument: string, article: string }} RowSource */
/** @typedef {{ code: string, zh: string, en: string, source: RowSource }} ClassRow */
/** @typedef {{ code: string, includes: string[] }} IncludesRow */
/** @typedef {{ effect: "allowed" | "forbidden" | "by_others", source: RowSource }} DrivingEffect */
/** @typedef {{ code: string, zh: string, en: string, rank: number, drive: DrivingEffect, todo_zh: string, todo_en: string }} StatusRow */
/** @typedef {{ code: string, from_age: number, classes: string[], todo_zh: string, todo_en: string, source: RowSource }} AgeLimitRow */
/** @typedef {{ code: string, value: number }} FigureRow */
/** @typedef {{ code: string, zh: string, en: string, todo_zh: string, todo_en: string, source: RowSource }} RefusalRow */

/** @typedef {{ zh: string, en: string }} Term  a value that the two languages name differently */

/**
 * @typedef {object} Rules  all that hold on one day, each by its code
 * @property {string} day
 * @property {ReadonlyMap<string, ClassRow>} classes
 * @property {ReadonlyMap<string, IncludesRow>} includes
 * @property {ReadonlyMap<string, StatusRow>} statuses
 * @property {readonly AgeLimitRow[]} ageLimits
 * @property {ReadonlyMap<string, RefusalRow>} refusals
 * @property {number} fullScore  the points at which driving ends (满分)
 */

/**
 * @typedef {object} HeldClass
 * @property {string} code
 * @property {string} issueDate
 * @property {string | null} expiryDate  the last day
 */

/**
 * @typedef {object} LicenceState  what the rules judge of a licence
 * @property {readonly string[]} recorded  statuses by their letters
 * @property {number} points
 * @property {string} validFrom
 * @property {string | null} validUntil    the last day; null is long-term (长期)
 * @property {string} birthDate
 * @property {readonly HeldClass[]} classes
 */

const NORMAL = "A";
const POINTS_EXCEEDED = "B";
const RENEWAL_OVERDUE = "M";
const RENEWAL_DEFERRED = "N";

/** The names that refusals have for statuses, as the service's codes have them. */
const STATUS_NAMES = new Map(
  Object.entries({
    A: "normal", B: "points_exceeded", C: "transferred_out", D: "suspended", E: "withdrawn",
    F: "revoked", G: "cancelled", H: "violation_pending", I: "accident_pending", J: "use_stopped",
    K: "seized", L: "locked", M: "renewal_overdue", N: "renewal_deferred", P: "medical_deferred",
    R: "cancelled_recoverable", S: "inspection_overdue", T: "inspection_deferred", U: "detained",
    Z: "other",
  }),
);

// -- the tables by day

/**
 * The rules in force on a day, from the tables that a shift brought. Raises `no_rules_for_day`.
 *
 * @param {Readonly<Record<string, any>>} tables  the files of the service by the name of the table
 * @param {string} day
 * @returns {Rules}
 */
export function rulesOn(tables, day) {
  const rows = (/** @type {string} */ name) => entriesOn(tables[name], day);
  const figures = byCode(rows("figures"));
  return {
    day,
    classes: byCode(rows("classes")),
    includes: byCode(rows("class_includes")),
    statuses: byCode(rows("statuses")),
    ageLimits: rows("age_limits"),
    refusals: byCode(rows("refusals")),
    fullScore: figures.get("full_score").value,
  };
}

/**
 * @param {{ versions: { valid_from: string, valid_to: string | null, entries: any[] }[] }} table
 * @param {string} day
 */
function entriesOn({ versions }, day) {
  const version = versions.find((each) => each.valid_from <= day && !(each.valid_to !== null && each.valid_to < day));
  if (!version) throw new VerificationError("no_rules_for_day");
  return version.entries;
}

/**
 * @param {readonly any[]} rows
 * @returns {Map<string, any>}
 */
function byCode(rows) {
  return new Map(rows.map((row) => [row.code, row]));
}

// -- driving

/**
 * What the rules judge of a licence code's facts. A code tells the first issue of the licence
 * alone, and those classes that were in force when it was signed.
 *
 * @param {LicenceFacts} facts
 * @returns {LicenceState}
 */
export function stateOf({ statuses, points, validFrom, validUntil, birthDate, classes, firstIssueDate }) {
  const held = classes.map(({ code, expiryDate }) => ({ code, issueDate: firstIssueDate, expiryDate }));
  return { recorded: statuses, points, validFrom, validUntil, birthDate, classes: held };
}

/**
 * All reasons against driving a vehicle of the class; none means yes. Without a class the question
 * is whether the holder may drive anything at all.
 *
 * @param {LicenceState} state
 * @param {string | null} needed
 * @param {Rules} rules
 * @returns {Refusal[]}
 */
export function checkDriving(state, needed, rules) {
  const byStatus = judgedStatuses(state, rules)
    .filter(({ drive }) => forbids(drive.effect))
    .map((status) => refuseByStatus(status, rules));
  const byClass = needed === null ? refuseWithoutClass(state, rules) : refuseByClass(state, needed, rules);
  return [...byStatus, ...refuseByValidity(state, rules), ...byClass];
}

/**
 * The statuses that hold on the day, weightiest first; never empty. A deferred renewal is not an
 * overdue one, and a recorded status is never taken away.
 *
 * @param {readonly string[]} recorded
 * @param {number} points
 * @param {string | null} validUntil
 * @param {Rules} rules
 */
export function effectiveStatuses(recorded, points, validUntil, rules) {
  const found = new Set(recorded);
  found.delete(NORMAL);
  if (points >= rules.fullScore) found.add(POINTS_EXCEEDED);
  const expired = validUntil !== null && rules.day > validUntil;
  if (expired && !found.has(RENEWAL_DEFERRED)) found.add(RENEWAL_OVERDUE);
  return inDisplayOrder(found.size ? found : [NORMAL], rules);
}

/**
 * @param {Iterable<string>} statuses
 * @param {Rules} rules
 */
function inDisplayOrder(statuses, rules) {
  return [...statuses].sort((one, other) => statusRow(one, rules).rank - statusRow(other, rules).rank);
}

/**
 * Whether no status forbids driving; dates, classes and age are asked in `checkDriving`.
 *
 * @param {readonly string[]} effective
 * @param {Rules} rules
 */
export function statusesAllowDriving(effective, rules) {
  return effective.every((status) => !forbids(statusRow(status, rules).drive.effect));
}

/** An effect that a newer service knows and this page does not is none that allows. @param {string} effect */
function forbids(effect) {
  return effect !== "allowed" && effect !== "by_others";
}

/**
 * The effective statuses without what the dates already say: an expired licence is refused once,
 * with its date, and not again as an overdue renewal.
 *
 * @param {LicenceState} state
 * @param {Rules} rules
 */
function judgedStatuses({ recorded, points, validUntil }, rules) {
  const expired = validUntil !== null && rules.day > validUntil;
  return effectiveStatuses(recorded, points, validUntil, rules)
    .filter((status) => !(expired && status === RENEWAL_OVERDUE))
    .map((status) => statusRow(status, rules));
}

/**
 * @param {StatusRow} status
 * @param {Rules} rules
 */
function refuseByStatus(status, rules) {
  return refuse(rules, "status_forbids_driving", {
    knownAs: `status_${STATUS_NAMES.get(status.code)}`,
    todo: { zh: status.todo_zh, en: status.todo_en },
    source: status.drive.source,
    values: { status },
  });
}

/**
 * @param {LicenceState} state
 * @param {Rules} rules
 */
function refuseByValidity({ validFrom, validUntil }, rules) {
  if (rules.day < validFrom) return [refuse(rules, "not_yet_valid", { values: { day: same(validFrom) } })];
  if (validUntil !== null && rules.day > validUntil) {
    return [refuse(rules, "licence_expired", { values: { day: same(validUntil) } })];
  }
  return [];
}

/**
 * The refusal, if any, because no vehicle at all is left to drive.
 *
 * @param {LicenceState} state
 * @param {Rules} rules
 */
function refuseWithoutClass({ classes, birthDate }, rules) {
  const opened = classes.filter((held) => classInForce(held, rules)).flatMap(({ code }) => openTo(code, rules));
  return opened.some((code) => !ageLimitReached(code, birthDate, rules)) ? [] : [refuse(rules, "no_class_in_force")];
}

/**
 * @param {LicenceState} state
 * @param {string} needed
 * @param {Rules} rules
 */
function refuseByClass({ classes, birthDate }, needed, rules) {
  const row = rules.classes.get(needed);
  if (!row) return [refuse(rules, "class_not_in_law", { values: { vehicle_class: same(needed) } })];
  const name = { zh: `${row.code} ${row.zh}`, en: `${row.code} (${row.en})` };
  const refusals = [];
  const lacking = lackingClass(classes, needed, rules);
  if (lacking) refusals.push(refuse(rules, lacking, { values: { vehicle_class: name } }));
  const limit = ageLimitReached(needed, birthDate, rules);
  if (limit) {
    refusals.push(
      refuse(rules, "class_lost_by_age", {
        todo: { zh: limit.todo_zh, en: limit.todo_en },
        source: limit.source,
        values: { vehicle_class: name, age: same(String(limit.from_age)) },
      }),
    );
  }
  return refusals;
}

/**
 * @param {readonly HeldClass[]} classes
 * @param {string} needed
 * @param {Rules} rules
 */
function lackingClass(classes, needed, rules) {
  const covering = classes.filter(({ code }) => openTo(code, rules).includes(needed));
  if (!covering.length) return "class_not_held";
  if (covering.some((held) => classInForce(held, rules))) return null;
  return covering.some(({ issueDate }) => issueDate <= rules.day) ? "class_expired" : "class_not_yet_granted";
}

/**
 * A class and what the table lets its holder drive besides; nothing follows from a chain. A class
 * that does not exist on the day opens nothing.
 *
 * @param {string} held
 * @param {Rules} rules
 */
function openTo(held, rules) {
  return rules.classes.has(held) ? [held, ...(rules.includes.get(held)?.includes ?? [])] : [];
}

/**
 * Whether the holder of the classes may drive a vehicle of the class `needed`.
 *
 * @param {readonly string[]} held
 * @param {string} needed
 * @param {Rules} rules
 */
export function covers(held, needed, rules) {
  return held.some((code) => openTo(code, rules).includes(needed));
}

/**
 * @param {HeldClass} held
 * @param {Rules} rules
 */
function classInForce({ issueDate, expiryDate }, { day }) {
  return issueDate <= day && (expiryDate === null || day <= expiryDate);
}

/**
 * @param {string} code
 * @param {string} birthDate
 * @param {Rules} rules
 */
function ageLimitReached(code, birthDate, { ageLimits, day }) {
  const age = ageOn(birthDate, day);
  return ageLimits.find(({ classes, from_age: from }) => classes.includes(code) && age >= from);
}

/**
 * Full years on a day, complete from the birthday on (29 February: from 1 March).
 *
 * @param {string} birthDate
 * @param {string} day
 */
function ageOn(birthDate, day) {
  const hadBirthday = day.slice(5) >= birthDate.slice(5);
  return Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (hadBirthday ? 0 : 1);
}

// -- refusals

/**
 * Fill the sentence of a code. `knownAs`, `todo` and `source` take the place of what its own row
 * says, where the table that refused knows better.
 *
 * @param {Rules} rules
 * @param {string} code
 * @param {{ knownAs?: string, todo?: Term, source?: RowSource, values?: Record<string, Term> }} [better]
 * @returns {Refusal}
 */
function refuse(rules, code, { knownAs, todo, source, values = {} } = {}) {
  const row = rules.refusals.get(code);
  if (!row) throw new VerificationError("no_rules_for_day", code);
  const { instrument, article } = source ?? row.source;
  return {
    code: knownAs ?? code,
    zh: fill(row.zh, "zh", values),
    en: fill(row.en, "en", values),
    todo_zh: todo?.zh ?? fill(row.todo_zh, "zh", values),
    todo_en: todo?.en ?? fill(row.todo_en, "en", values),
    source: `${instrument} ${article}`.trim(),
  };
}

/**
 * @param {string} sentence
 * @param {"zh" | "en"} language
 * @param {Record<string, Term>} values
 */
function fill(sentence, language, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name]?.[language] ?? whole);
}

/**
 * @param {string} text
 * @returns {Term}
 */
function same(text) {
  return { zh: text, en: text };
}

/**
 * @param {string} status
 * @param {Rules} rules
 * @returns {StatusRow}
 */
function statusRow(status, { statuses }) {
  const row = statuses.get(status);
  if (!row) throw new VerificationError("no_rules_for_day", "a status");
  return row;
}
