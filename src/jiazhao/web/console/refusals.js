// Where the licence was refused, as drivers tell it; who they are is not told.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { button, notice, problemNotice } from "../shared/notice.js";

/** @typedef {{ who: string, where: string, at: string, text: string }} Report */

/** @param {{ sessionEnded: () => void }} console */
export function refusalsScreen({ sessionEnded }) {
  const place = el("div", { class: "stack" });
  const element = el("section", { class: "stack refusals" }, el("h1", {}, t("refusals.title")), place);
  const show = async () => {
    try {
      /** @type {{ reports: Report[] }} */
      const { reports } = await call("/refusal-reports");
      place.replaceChildren(
        reports.length === 0
          ? notice("info", el("p", {}, t("refusals.none")))
          : el("ol", { class: "queue" }, ...reports.map(entry)),
      );
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) sessionEnded();
      else place.replaceChildren(problemNotice(problem, button("problem.retry", () => void show())));
    }
  };
  void show();
  return { element };
}

/** @param {Report} report */
function entry({ who, where, at, text }) {
  return el(
    "li",
    { class: "panel stack" },
    el("p", {}, el("strong", {}, who), " · ", where),
    el("p", { class: "small soft figures" }, dayAndTime(at)),
    text ? el("p", {}, text) : null,
  );
}
