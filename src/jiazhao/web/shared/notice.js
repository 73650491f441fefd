// Notices: something the reader must know, with what to do about it.

import { el } from "./dom.js";
import { pick, t } from "./i18n.js";
import { pictureIcon } from "./icons.js";
import { sourceOfLaw } from "./source-of-law.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("./status-picture.js").Picture} Picture */

/** @type {Record<"bad" | "warn" | "info" | "good", Picture>} */
const PICTURES = {
  bad: { tone: "stop", shape: "octagon", sign: "cross" },
  warn: { tone: "unsure", shape: "diamond", sign: "bang" },
  info: { tone: "notice", shape: "circle", sign: "info" },
  good: { tone: "good", shape: "circle", sign: "tick" },
};

/**
 * @param {keyof typeof PICTURES} kind
 * @param {...Child} content
 */
export function notice(kind, ...content) {
  return el(
    "div",
    { class: `notice notice-${kind}`, role: kind === "bad" ? "alert" : null },
    pictureIcon(PICTURES[kind]),
    el("div", { class: "notice-body" }, ...content),
  );
}

/**
 * A failed call: what happened, the rule behind it, the reference, and the ways on.
 *
 * @param {import("./api.js").Problem} problem
 * @param {...Child} waysOn  buttons or links
 */
export function problemNotice(problem, ...waysOn) {
  // A sentence may name the reference itself; twice would read as two references.
  const named = pick(problem).includes(problem.trace);
  return notice(
    problem.harmless ? "warn" : "bad",
    el("p", {}, pick(problem)),
    problem.source && el("p", { class: "soft small" }, t("problem.source", { source: sourceOfLaw(problem.source) })),
    problem.trace && !named && el("p", { class: "soft small" }, t("problem.trace", { trace: problem.trace })),
    waysOn.length > 0 && el("div", { class: "row" }, ...waysOn),
  );
}

/**
 * @param {import("./i18n.js").MessageKey} key
 * @param {() => void} action
 * @param {string} [kind]
 */
export function button(key, action, kind = "") {
  return el("button", { class: `button ${kind}`, type: "button", onclick: action }, t(key));
}

/** A status with its picture: shape, sign, colour and word.
 *
 * @param {Picture} picture
 * @param {string} word
 */
export function statusMark(picture, word) {
  return el("span", { class: `status tone-${picture.tone}` }, pictureIcon(picture), el("span", { class: "word" }, word));
}
