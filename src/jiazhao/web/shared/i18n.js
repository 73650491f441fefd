// The two languages of the pages. Chinese unless the reader chose English; the choice is kept
// on this device and may be given in the address as ?lang=en.

import { en } from "./messages.en.js";
import { zh } from "./messages.zh.js";

/** @typedef {"zh" | "en"} Language */
/** @typedef {keyof typeof zh} MessageKey */

const KEPT_AS = "jiazhao-language";
const CHINA = "Asia/Shanghai";
const TABLES = { zh, en };

/** @type {Language} */
let chosen = "zh";
/** @type {Set<() => void>} */
const listeners = new Set();

/** Take the language from the address, else from the last visit. */
export function startLanguage() {
  const asked = readLanguage(new URLSearchParams(location.search).get("lang"));
  if (asked) keep(asked);
  apply(asked ?? readLanguage(recall()) ?? "zh");
}

/** @returns {Language} */
export function language() {
  return chosen;
}

/**
 * Change the language, keep it, and tell who listens.
 *
 * @param {Language} wanted
 */
export function chooseLanguage(wanted) {
  apply(wanted);
  keep(wanted);
  for (const listener of listeners) listener();
}

/** @param {() => void} listener */
export function onLanguageChange(listener) {
  listeners.add(listener);
}

/**
 * The message in the chosen language, its placeholders filled.
 *
 * @param {MessageKey} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return fillIn(TABLES[chosen][key], values);
}

/**
 * The message in both languages, for problems that are made here.
 *
 * @param {MessageKey} key
 * @param {Record<string, string | number>} [values]
 */
export function inBoth(key, values = {}) {
  return { zh: fillIn(zh[key], values), en: fillIn(en[key], values) };
}

/**
 * The side of a pair that the reader asked for.
 *
 * @param {{ zh: string, en: string }} words
 */
export function pick(words) {
  return words[chosen];
}

/**
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
export function fillIn(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A clock time in China: 14:02:11.
 *
 * @param {string | number} instant
 */
export function clockTime(instant) {
  return china({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    new Date(instant),
  );
}

/**
 * A day and a clock time in China: 2021-06-01 14:02:11.
 *
 * @param {string | number} instant
 */
export function dayAndTime(instant) {
  const parts = china({ year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(
    new Date(instant),
  );
  const part = (/** @type {string} */ type) => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")} ${clockTime(instant)}`;
}

/** @param {Intl.DateTimeFormatOptions} options */
function china(options) {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: CHINA, hourCycle: "h23" });
}

/** @param {Language} wanted */
function apply(wanted) {
  chosen = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

/**
 * @param {string | null} text
 * @returns {Language | null}
 */
function readLanguage(text) {
  if (text?.startsWith("zh")) return "zh";
  return text?.startsWith("en") ? "en" : null;
}

/** @param {Language} wanted */
function keep(wanted) {
  try {
    localStorage.setItem(KEPT_AS, wanted);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}

function recall() {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}
