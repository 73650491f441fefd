// The four steps of a claim as a list: done, under way, still to come, or failed.

import { announce } from "../shared/announce.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const STEPS = /** @type {const} */ (["step.confirm", "step.key", "step.issue", "step.keep"]);

/** @typedef {"waiting" | "doing" | "done" | "failed"} StepState */

export function progressList() {
  let current = 0;
  const items = STEPS.map((key, i) =>
    el(
      "li",
      { class: "progress-step", "data-state": "waiting" },
      el("span", { class: "progress-mark", "aria-hidden": "true" }, i + 1),
      el("span", {}, t(key)),
      el("span", { class: "progress-state soft small" }),
    ),
  );
  const element = el(
    "ol",
    { class: "progress panel", tabindex: "-1", "aria-label": t("step.list") },
    ...items,
  );

  /** @param {StepState} now */
  const mark = (now) =>
    items.forEach((item, i) => {
      const state = i + 1 < current ? "done" : i + 1 === current ? now : "waiting";
      item.dataset.state = state;
      if (state === "doing") item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      const words = item.querySelector(".progress-state");
      if (words) words.textContent = state === "waiting" ? "" : t(`step.${state}`);
    });

  return {
    element,
    /** @param {1 | 2 | 3 | 4} number */
    step(number) {
      current = number;
      mark("doing");
      announce(t(STEPS[/** @type {0 | 1 | 2 | 3} */ (number - 1)]));
    },
    fail() {
      mark("failed");
    },
  };
}
