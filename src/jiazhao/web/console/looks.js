// The supervisor's sample: look-ups of a unit that were flagged, and some of its looks by chance.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { button, notice, problemNotice } from "../shared/notice.js";

/** @typedef {import("../shared/answers.js").LookSample} LookSample */
/** @typedef {import("../shared/answers.js").SampledLook} SampledLook */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

const DOOR = "/audit/samples";
const LONGEST_UNIT = 64;

/** @type {Record<string, MessageKey>} */
const KINDS = {
  check: "accesses.check",
  offline_check: "accesses.offline_check",
  lookup: "accesses.lookup",
};

/** @param {{ sessionEnded: () => void }} console */
export function looksScreen({ sessionEnded }) {
  const place = el("div", { class: "stack" });
  const said = el("div", { role: "alert" });
  const unit = el("input", { type: "text", id: "looks-unit", maxlength: LONGEST_UNIT, autocomplete: "off", required: true });

  const draw = async () => {
    const name = unit.value.trim();
    if (!name) {
      said.replaceChildren(el("p", { class: "field-error" }, t("looks.unit_needed")));
      unit.focus();
      return;
    }
    said.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
    try {
      /** @type {LookSample} */
      const sample = await call(`${DOOR}?${new URLSearchParams({ unit: name })}`);
      said.replaceChildren();
      place.replaceChildren(flagged(sample), chosen(sample));
      announce(t("looks.drawn", { flagged: sample.flagged.length, count: sample.sample.length }));
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) sessionEnded();
      else said.replaceChildren(problemNotice(problem, button("problem.retry", () => void draw())));
    }
  };

  const element = el(
    "section",
    { class: "stack looks" },
    el("h1", {}, t("looks.title")),
    el("p", { class: "soft" }, t("looks.lead")),
    el(
      "form",
      {
        class: "panel stack",
        novalidate: true,
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void draw();
        },
      },
      el("div", { class: "field" }, el("label", { for: "looks-unit" }, t("terminals.unit")), unit),
      el("div", { class: "row" }, el("button", { class: "button button-primary", type: "submit" }, t("looks.draw"))),
      said,
    ),
    place,
  );
  return { element };
}

/** @param {LookSample} sample */
function flagged({ flagged: groups }) {
  return el(
    "div",
    { class: "stack" },
    el("h2", {}, t("looks.flagged")),
    groups.length === 0
      ? notice("info", el("p", {}, t("looks.none_flagged")))
      : el(
          "ul",
          { class: "queue" },
          ...groups.map(({ officer, count, looks }) =>
            el(
              "li",
              { class: "panel stack" },
              el("h3", {}, t("looks.repeated", { officer, count })),
              el("ul", { class: "queue" }, ...looks.map(look)),
            ),
          ),
        ),
  );
}

/** @param {LookSample} sample */
function chosen({ sample }) {
  return el(
    "div",
    { class: "stack" },
    el("h2", {}, t("looks.sample")),
    sample.length === 0
      ? notice("info", el("p", {}, t("looks.none")))
      : el("ul", { class: "queue" }, ...sample.map((one) => el("li", { class: "panel stack" }, ...facts(one)))),
  );
}

/** @param {SampledLook} one */
function look(one) {
  return el("li", { class: "stack" }, ...facts(one));
}

/** @param {SampledLook} one */
function facts({ at, kind, officer, reason, holder_id: holder }) {
  return [
    el("p", {}, el("strong", {}, officer), " ", el("span", { class: "soft" }, t(KINDS[kind] ?? "accesses.check"))),
    el(
      "dl",
      { class: "facts" },
      fact("looks.at", el("span", { class: "figures" }, dayAndTime(at))),
      fact("looks.why", pick(reason)),
      reason.note && fact("looks.note", reason.note),
      holder && fact("looks.holder", el("span", { class: "figures" }, holder)),
    ),
  ];
}

/**
 * @param {MessageKey} key
 * @param {...(Node | string)} value
 */
function fact(key, ...value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", {}, ...value));
}
