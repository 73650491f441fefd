// What the issuer's part of a licence code says: a CBOR array of nineteen, in one spelling only
// (docs/specs/licence-code.md). What is read must be what we would write ourselves, octet for
// octet; a code of the same content in other octets does not exist.

import { asArray, asBytes, asText, asUint, readCbor } from "./cbor-reader.js";
import { encodeCbor } from "./cbor.js";
import { sameOctets } from "./octets.js";
import { PublicKey } from "./public-key.js";
import { unreadable } from "./verification-error.js";

/** @typedef {{ code: string, expiryDate: string | null }} HeldClass  its last day, if it ends by itself */
/** @typedef {{ template: number, octets: Uint8Array }} StrippedPortrait */

/**
 * @typedef {object} LicenceFacts  days are YYYY-MM-DD
 * @property {Uint8Array} handle           of this electronic licence, for its status
 * @property {number} handleAge            whole hours from the handle's issue to `signed`
 * @property {number} signed               seconds since 1970; points and statuses are of this moment
 * @property {number} life                 hours
 * @property {PublicKey | null} deviceKey  null in a backup code
 * @property {string} number               the licence number (证号), as the card shows it
 * @property {string} name
 * @property {number} sex                  ISO/IEC 5218
 * @property {string} birthDate
 * @property {string} nationality
 * @property {readonly HeldClass[]} classes  those in force at `signed`, in the order of the law
 * @property {string} firstIssueDate
 * @property {string} validFrom
 * @property {string | null} validUntil    the last day; null is long-term (长期)
 * @property {readonly string[]} statuses  letters, "A" where the licence is normal
 * @property {number} points
 * @property {string | null | true} record  null: none; true: too long, ask the register
 * @property {string} officePrefix
 * @property {StrippedPortrait | null} portrait
 */

export const HANDLE_OCTETS = 8;
export const MAX_LIFE_HOURS = 8784;
/** Times are seconds below 2^32: until 2106. */
export const MAX_TIME = 2 ** 32 - 1;

/** The classes by the number of their bit. */
export const CLASS_CODES = Object.freeze(
  ["A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "C4", "C5", "C6", "D", "E", "F", "M", "N", "P"],
);
const STATUSES = "ABCDEFGHIJKLMNPRSTUZ";
const SEXES = [0, 1, 2, 9];
const HOME = "CN";
const MAX_NUMBER_OCTETS = 32;
const MAX_NAME_OCTETS = 200;
const MAX_RECORD_OCTETS = 60;
const MAX_OFFICE_OCTETS = 16;
const MAX_PORTRAIT_OCTETS = 500;
/** The one encoder of portraits whose header is known (portrait-template.js). */
const PINNED_TEMPLATE = 1;
const WHAT = "licence code";
const ELEMENTS = 19;
const DAY = 86_400_000;
const FIRST_DAY = -719_162; // 0001-01-01
const LAST_DAY = 2_932_896; // 9999-12-31

/**
 * Read the issuer's payload. Nothing in it is verified: who calls this keeps it to himself until
 * the signature over it was.
 *
 * @param {Uint8Array} payload
 * @returns {LicenceFacts}
 */
export function parseFacts(payload) {
  const row = asArray(readCbor(payload, WHAT), WHAT, ELEMENTS);
  /** @type {LicenceFacts} */
  const facts = {
    handle: octets(row[0], HANDLE_OCTETS),
    handleAge: uint(row[1]),
    signed: uint(row[2], MAX_TIME),
    life: uint(row[3], MAX_LIFE_HOURS),
    deviceKey: row[4] === null ? null : PublicKey.fromCompressed(asBytes(row[4], WHAT)),
    number: numberOf(row[5]),
    name: text(row[6], MAX_NAME_OCTETS),
    sex: uint(row[7]),
    birthDate: day(row[8]),
    nationality: row[9] === null ? HOME : text(row[9], 2),
    classes: classesOf(row[10]),
    firstIssueDate: day(row[11]),
    validFrom: day(row[12]),
    validUntil: row[13] === null ? null : day(row[13]),
    statuses: [...text(row[14], STATUSES.length)],
    points: uint(row[15]),
    record: row[16] === null || row[16] === true ? row[16] : text(row[16], MAX_RECORD_OCTETS),
    officePrefix: text(row[17], MAX_OFFICE_OCTETS),
    portrait: portraitOf(row[18]),
  };
  check(facts);
  if (!sameOctets(encodeFacts(facts), payload)) throw unreadable(WHAT, "not the one spelling");
  return facts;
}

/**
 * The issuer's payload in its one spelling.
 *
 * @param {LicenceFacts} facts
 */
export function encodeFacts(facts) {
  const { portrait } = facts;
  return encodeCbor([
    facts.handle,
    facts.handleAge,
    facts.signed,
    facts.life,
    facts.deviceKey?.compressed ?? null,
    isCitizenNumber(facts.number) ? BigInt(facts.number.slice(0, 17)) : facts.number,
    facts.name,
    facts.sex,
    dayNumber(facts.birthDate),
    facts.nationality === HOME ? null : facts.nationality,
    encodedClasses(facts.classes),
    dayNumber(facts.firstIssueDate),
    dayNumber(facts.validFrom),
    facts.validUntil === null ? null : dayNumber(facts.validUntil),
    [...facts.statuses].sort().join(""),
    facts.points,
    facts.record,
    facts.officePrefix,
    portrait && [portrait.template, portrait.octets],
  ]);
}

/** @param {LicenceFacts} facts */
function check({ life, sex, nationality, statuses, portrait }) {
  if (life < 1) throw unreadable(WHAT, "life of no hours");
  if (!SEXES.includes(sex)) throw unreadable(WHAT, "not a sex of ISO/IEC 5218");
  if (!/^[A-Z]{2}$/.test(nationality)) throw unreadable(WHAT, "not a country of two letters");
  const known = statuses.every((letter) => STATUSES.includes(letter));
  if (!known || new Set(statuses).size !== statuses.length) throw unreadable(WHAT, "not a set of statuses");
  const size = portrait?.octets.length ?? 1;
  if ((portrait?.template ?? PINNED_TEMPLATE) !== PINNED_TEMPLATE || size < 1 || size > MAX_PORTRAIT_OCTETS) {
    throw unreadable(WHAT, "not a portrait of a known template");
  }
}

/**
 * @param {unknown} value
 * @param {number} [greatest]
 */
export function uint(value, greatest = Number.MAX_SAFE_INTEGER) {
  const number = Number(asUint(value, WHAT));
  if (number > greatest) throw unreadable(WHAT, "number is too great");
  return number;
}

/**
 * @param {unknown} value
 * @param {number} length
 */
export function octets(value, length) {
  const read = asBytes(value, WHAT);
  if (read.length !== length) throw unreadable(WHAT, `not ${length} octets`);
  return read;
}

/**
 * @param {unknown} value
 * @param {number} greatest  in octets
 */
function text(value, greatest) {
  const read = asText(value, WHAT);
  const length = new TextEncoder().encode(read).length;
  if (length < 1 || length > greatest) throw unreadable(WHAT, `text of ${length} octets`);
  return read;
}

/** @param {unknown} value */
function day(value) {
  if (typeof value !== "number" || value < FIRST_DAY || value > LAST_DAY) {
    throw unreadable(WHAT, "not a day");
  }
  return dayText(value);
}

/**
 * A day as text, of its number since 1970-01-01.
 *
 * @param {number} number
 */
export function dayText(number) {
  return new Date(number * DAY).toISOString().slice(0, 10);
}

/**
 * When the handle was issued, in seconds since 1970; up to an hour later than it was, and never
 * too early.
 *
 * @param {LicenceFacts} facts
 */
export function handleIssuedAt({ signed, handleAge }) {
  return signed - 3600 * Math.min(handleAge, Math.floor(signed / 3600));
}

/** @param {string} text  YYYY-MM-DD */
function dayNumber(text) {
  return Date.parse(`${text}T00:00:00Z`) / DAY;
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/**
 * The check character of GB 11643-1999 over the first seventeen digits.
 *
 * @param {string} first17
 */
function checkDigit(first17) {
  const total = WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(first17[at]), 0);
  return "10X98765432".charAt(total % 11);
}

/**
 * Whether a number is a citizen number, or has the form of one, and so is written without its
 * check digit.
 *
 * @param {string} number
 */
function isCitizenNumber(number) {
  return /^[1-9]\d{16}[\dX]$/.test(number) && checkDigit(number.slice(0, 17)) === number[17];
}

/** @param {unknown} value */
function numberOf(value) {
  if (typeof value === "string") return text(value, MAX_NUMBER_OCTETS);
  const first17 = asUint(value, WHAT).toString();
  if (first17.length !== 17) throw unreadable(WHAT, "not a citizen number");
  return first17 + checkDigit(first17);
}

/**
 * @param {unknown} value
 * @returns {HeldClass[]}
 */
function classesOf(value) {
  const [bits, ends] = Array.isArray(value) ? asArray(value, WHAT, 2) : [value, []];
  const mask = uint(bits, 2 ** CLASS_CODES.length - 1);
  /** @type {Map<unknown, string>} */
  const last = new Map();
  for (const each of asArray(ends, WHAT)) {
    const [bit, end] = asArray(each, WHAT, 2);
    last.set(bit, day(end));
  }
  return CLASS_CODES.flatMap((code, bit) =>
    mask & (1 << bit) ? [{ code, expiryDate: last.get(bit) ?? null }] : [],
  );
}

/** @param {readonly HeldClass[]} classes */
function encodedClasses(classes) {
  const numbered = classes.map(({ code, expiryDate }) => ({ bit: CLASS_CODES.indexOf(code), expiryDate }));
  const mask = numbered.reduce((bits, { bit }) => bits | (1 << bit), 0);
  const ends = numbered.flatMap(({ bit, expiryDate }) =>
    expiryDate === null ? [] : [[bit, dayNumber(expiryDate)]],
  );
  return ends.length ? [mask, ends] : mask;
}

/**
 * @param {unknown} value
 * @returns {StrippedPortrait | null}
 */
function portraitOf(value) {
  if (value === null) return null;
  const [template, stripped] = asArray(value, WHAT, 2);
  return { template: uint(template), octets: asBytes(stripped, WHAT) };
}
