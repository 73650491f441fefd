// Where the electronic licence is enough, and where the paper one must still be handed over.
// From the law where it says so, else from what police offices have published.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { statusMark } from "../shared/notice.js";
import { sourceOfLaw } from "../shared/source-of-law.js";
import { forceOfLaw } from "./home.js";

/** @typedef {import("./app.js").Screen} Screen */

const UNVERIFIED = "public notice, unverified";
const ENOUGH = /** @type {const} */ ([
  ["paper.roadside", "机动车驾驶证申领和使用规定 (order 162) art. 61"],
  ["paper.counter", UNVERIFIED],
  ["paper.companies", UNVERIFIED],
]);
const NEEDED = /** @type {const} */ ([
  ["paper.points", UNVERIFIED],
  ["paper.detained", UNVERIFIED],
  ["paper.evidence", "道路交通事故处理程序规定 art. 40"],
  ["paper.renewal", "机动车驾驶证申领和使用规定 (order 162) art. 68"],
  ["paper.abroad", UNVERIFIED],
]);

/** @returns {Screen} */
export function paperScreen() {
  return {
    element: el(
      "section",
      { class: "stack accesses" },
      el("a", { class: "button button-plain accesses-back", href: "#" }, icon("back"), t("show.back")),
      el("h1", {}, t("paper.title")),
      forceOfLaw(),
      list("paper.needed", NEEDED, { tone: "unsure", shape: "diamond", sign: "bang" }),
      list("paper.enough", ENOUGH, { tone: "good", shape: "circle", sign: "tick" }),
    ),
  };
}

/**
 * @param {"paper.needed" | "paper.enough"} heading
 * @param {typeof NEEDED | typeof ENOUGH} rows
 * @param {import("../shared/status-picture.js").Picture} picture
 */
function list(heading, rows, picture) {
  return el(
    "section",
    { class: "panel stack" },
    el("h2", {}, statusMark(picture, t(heading))),
    el(
      "ul",
      { class: "paper-list" },
      ...rows.map(([key, source]) =>
        el("li", {}, t(key), " ", el("span", { class: "soft small" }, t("problem.source", { source: sourceOfLaw(source) }))),
      ),
    ),
  );
}
