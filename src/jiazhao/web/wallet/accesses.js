// Who looked at the holder's data: when, who, why, under which law, and what they saw.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";
import { verdictPicture } from "../shared/status-picture.js";
import { fieldName, roleName } from "./names.js";
import { sourceOfLaw } from "../shared/source-of-law.js";
import { objectionPlace, ownObjections } from "./objection.js";

/** @typedef {import("../shared/answers.js").Access} Access */
/** @typedef {import("./app.js").Screen} Screen */

/** @type {Record<string, import("../shared/i18n.js").MessageKey>} */
const KINDS = {
  lookup: "accesses.lookup",
  photo_review: "accesses.photo_review",
  history: "accesses.history",
  recovery: "accesses.recovery",
  device: "accesses.device",
  offline_check: "accesses.offline_check",
  follow_up: "accesses.follow_up",
};

/** @returns {Screen} */
export function accessesScreen() {
  const list = el("div", { class: "stack", "aria-live": "polite" });
  const element = el(
    "section",
    { class: "stack accesses" },
    el("a", { class: "button button-plain accesses-back", href: "#" }, icon("back"), t("show.back")),
    el("h1", {}, t("accesses.title")),
    el("p", { class: "soft" }, t("accesses.lead")),
    list,
  );
  void load(list);
  return { element };
}

/** @param {HTMLElement} place */
async function load(place) {
  place.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
  try {
    /** @type {[{ accesses: Access[] }, import("./objection.js").Objection[]]} */
    const [{ accesses }, objections] = await Promise.all([call("/wallet/accesses"), ownObjections()]);
    place.replaceChildren(
      ...(accesses.length === 0 ? [notice("info", el("p", {}, t("accesses.none")))] : listed(accesses, objections)),
    );
  } catch (error) {
    place.replaceChildren(problemNotice(asProblem(error), button("problem.retry", () => void load(place))));
  }
}

/** What is shown of the list, by who looked. */
const FILTERS = /** @type {const} */ ({
  all: { key: "accesses.filter_all", takes: () => true },
  roadside: { key: "accesses.filter_roadside", takes: (/** @type {Access} */ { actor }) => actor.role === "officer" },
  others: { key: "accesses.filter_others", takes: (/** @type {Access} */ { actor }) => actor.role !== "officer" },
  failed: { key: "accesses.filter_failed", takes: (/** @type {Access} */ { verdict }) => !!verdict && verdict !== "VALID" },
});

/**
 * @param {readonly Access[]} accesses
 * @param {readonly import("./objection.js").Objection[]} objections
 */
function listed(accesses, objections) {
  const list = el("ol", { class: "access-list" });
  const count = el("p", { class: "small soft figures", role: "status" });
  const choice = el(
    "select",
    { id: "access-filter", onchange: () => draw() },
    ...Object.entries(FILTERS).map(([name, { key }]) => el("option", { value: name }, t(key))),
  );
  const draw = () => {
    const { takes } = FILTERS[/** @type {keyof typeof FILTERS} */ (choice.value)];
    const shown = accesses.filter(takes);
    list.replaceChildren(...shown.map((access) => entry(access, objections)));
    count.textContent = t("accesses.count", { shown: shown.length, all: accesses.length });
  };
  draw();
  return [
    el(
      "div",
      { class: "row" },
      el("label", { for: "access-filter" }, t("accesses.filter")),
      choice,
      button("accesses.export", () => download(accesses)),
    ),
    count,
    list,
  ];
}

/** The whole list as a file for the holder, made here. @param {readonly Access[]} accesses */
function download(accesses) {
  const blob = new Blob([JSON.stringify({ accesses }, null, 2)], { type: "application/json" });
  const href = URL.createObjectURL(blob);
  el("a", { href, download: "accesses.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/**
 * @param {Access} access
 * @param {readonly import("./objection.js").Objection[]} objections
 */
function entry({ record_id: recordId, at, kind, actor, reason, verdict, law, fields }, objections) {
  return el(
    "li",
    { class: "panel access" },
    el(
      "div",
      { class: "access-head" },
      el("time", { datetime: at, class: "figures" }, dayAndTime(at)),
      el("span", { class: "access-kind" }, t(KINDS[kind] ?? "accesses.check")),
    ),
    el("h2", {}, actor.unit, " ", el("span", { class: "access-person" }, `${roleName(actor.role)} ${actor.name}`)),
    verdict && statusMark(verdictPicture(verdict), t(`verdict.${verdict}`)),
    el(
      "dl",
      { class: "facts" },
      reason && fact("accesses.why", pick(reason)),
      reason?.note && fact("accesses.note", reason.note),
      law && fact("accesses.law", sourceOfLaw(law)),
    ),
    fields.length > 0 &&
      el(
        "details",
        {},
        el("summary", {}, t("accesses.fields", { count: fields.length })),
        el("p", { class: "small" }, fields.map(fieldName).join(t("page.comma"))),
      ),
    objectionPlace("access", recordId, objections),
  );
}

/**
 * @param {"accesses.why" | "accesses.note" | "accesses.law"} key
 * @param {string} value
 */
function fact(key, value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", {}, value));
}
