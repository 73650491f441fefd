// Who looked at the holder's data: when, who, why, under which law, and what they saw.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";
import { verdictPicture } from "../shared/status-picture.js";
import { fieldName, roleName } from "./names.js";
import { sourceOfLaw } from "../shared/source-of-law.js";

/** @typedef {import("../shared/answers.js").Access} Access */
/** @typedef {import("./app.js").Screen} Screen */

/** @type {Record<string, import("../shared/i18n.js").MessageKey>} */
const KINDS = {
  lookup: "accesses.lookup",
  photo_review: "accesses.photo_review",
  history: "accesses.history",
  recovery: "accesses.recovery",
  device: "accesses.device",
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
    /** @type {{ accesses: Access[] }} */
    const { accesses } = await call("/wallet/accesses");
    place.replaceChildren(
      accesses.length === 0
        ? notice("info", el("p", {}, t("accesses.none")))
        : el("ol", { class: "access-list" }, ...accesses.map(entry)),
    );
  } catch (error) {
    place.replaceChildren(problemNotice(asProblem(error), button("problem.retry", () => void load(place))));
  }
}

/** @param {Access} access */
function entry({ at, kind, actor, reason, verdict, law, fields }) {
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
  );
}

/**
 * @param {"accesses.why" | "accesses.note" | "accesses.law"} key
 * @param {string} value
 */
function fact(key, value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", {}, value));
}
