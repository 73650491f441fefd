// The officer's own checks and look-ups, newest first.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";
import { verdictPicture } from "../shared/status-picture.js";

/** @typedef {import("../shared/answers.js").OwnCheck} OwnCheck */

const COLUMNS = /** @type {const} */ (["mine.when", "mine.kind", "mine.verdict", "mine.class", "mine.reason"]);

/**
 * @param {import("./app.js").Terminal} terminal
 * @returns {import("./app.js").Screen}
 */
export function myChecksScreen(terminal) {
  const place = el("div", {});
  void load(place, terminal);
  return { element: el("section", { class: "stack mine" }, el("h1", {}, t("mine.title")), place) };
}

/**
 * @param {HTMLElement} place
 * @param {import("./app.js").Terminal} terminal
 */
async function load(place, terminal) {
  place.replaceChildren(el("p", { class: "waiting", role: "status" }, t("page.loading")));
  try {
    const reasons = await lookupReasons();
    /** @type {{ checks: OwnCheck[] }} */
    const { checks } = await call("/presentation/checks");
    place.replaceChildren(
      checks.length > 0 ? table(checks, reasons) : notice("info", el("p", {}, t("mine.none"))),
    );
  } catch (error) {
    const problem = asProblem(error);
    if (!terminal.isOver(problem)) place.replaceChildren(problemNotice(problem, button("problem.retry", () => void load(place, terminal))));
  }
}

/** Names of the reasons by their codes. @returns {Promise<Map<string, string>>} */
async function lookupReasons() {
  /** @type {import("../shared/answers.js").NamedCode[]} */
  const reasons = await call("/presentation/lookup-reasons");
  const named = reasons.map((reason) => /** @type {const} */ ([reason.code, pick(reason)]));
  return new Map([...named, ["code_shown", t("mine.code_shown")]]);
}

/**
 * @param {OwnCheck[]} checks
 * @param {Map<string, string>} reasons
 */
function table(checks, reasons) {
  return el(
    "table",
    { class: "mine-table" },
    el("thead", {}, el("tr", {}, ...COLUMNS.map((key) => el("th", { scope: "col" }, t(key))))),
    el("tbody", {}, ...checks.map((check) => row(check, reasons))),
  );
}

/**
 * @param {OwnCheck} check
 * @param {Map<string, string>} reasons
 */
function row({ at, kind, verdict, vehicle_class, reason }, reasons) {
  const cells = [
    el("time", { datetime: at, class: "figures" }, dayAndTime(at)),
    t(kind === "lookup" ? "mine.lookup" : "mine.check"),
    statusMark(verdictPicture(verdict), t(`verdict.${verdict}`)),
    vehicle_class ?? "—",
    reason ? (reasons.get(reason) ?? reason) : "—",
  ];
  return el(
    "tr",
    {},
    ...cells.map((cell, i) => el("td", { "data-label": t(COLUMNS[/** @type {0} */ (i)]) }, cell)),
  );
}
