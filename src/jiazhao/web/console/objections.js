// Objections of holders to notices and looks: the queue, the oldest first, and one objection with
// its answer. What was written is fetched only when it is opened, for each look is recorded.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { button, notice, problemNotice } from "../shared/notice.js";

/** @typedef {{ holder_id: string, objection_id: string, subject: "notice" | "access", submitted_at: string }} Entry */
/** @typedef {{ waiting: number, entries: Entry[] }} Queue */
/** @typedef {{ text: string, subject_zh: string, subject_en: string }} Look */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */
/** @typedef {(error: unknown, where: HTMLElement, again: () => void) => void} Failed */

const LEAST_REASON = 4;
const LONGEST_REASON = 500;

/** @param {{ sessionEnded: () => void }} console */
export function objectionsScreen({ sessionEnded }) {
  const place = el("div", { class: "stack" });
  const element = el("section", { class: "stack objections" }, el("h1", {}, t("objections.title")), place);

  /** @type {Failed} */
  const failed = (error, where, again) => {
    const problem = asProblem(error);
    if (problem.status === 401) sessionEnded();
    else where.replaceChildren(problemNotice(problem, button("problem.retry", again)));
  };
  const toTheQueue = async (/** @type {MessageKey | null} */ done) => {
    try {
      /** @type {Queue} */
      const queue = await call("/objections");
      place.replaceChildren(
        ...(done ? [notice("good", el("p", { id: "done", tabindex: "-1" }, t(done)))] : []),
        list(queue, (entry) => void open(entry)),
      );
      if (done) {
        announce(t(done));
        document.getElementById("done")?.focus();
      }
    } catch (error) {
      failed(error, place, () => void toTheQueue(null));
    }
  };
  const open = async (/** @type {Entry} */ entry) => {
    const { holder_id, objection_id } = entry;
    try {
      /** @type {Look} */
      const look = await call("/objections/looks", { json: { holder_id, objection_id } });
      place.replaceChildren(answering(entry, look, toTheQueue, failed));
      place.querySelector("h2")?.focus();
    } catch (error) {
      failed(error, place, () => void toTheQueue(null));
    }
  };
  void toTheQueue(null);
  return { element };
}

/**
 * @param {Queue} queue
 * @param {(entry: Entry) => void} open
 */
function list({ waiting, entries }, open) {
  if (entries.length === 0) return notice("info", el("p", {}, t("objections.none")));
  return el(
    "div",
    { class: "stack" },
    el("p", { class: "soft" }, t("objections.count", { count: waiting })),
    el(
      "ol",
      { class: "queue" },
      ...entries.map((entry) =>
        el(
          "li",
          { class: "panel queue-entry" },
          el(
            "div",
            {},
            el("p", {}, t(entry.subject === "access" ? "objections.to_access" : "objections.to_notice")),
            el("p", { class: "small soft figures" }, t("queue.since", { time: dayAndTime(entry.submitted_at) })),
          ),
          el(
            "button",
            {
              class: "button",
              type: "button",
              "aria-label": `${t("queue.open")} ${dayAndTime(entry.submitted_at)}`,
              onclick: () => open(entry),
            },
            t("queue.open"),
          ),
        ),
      ),
    ),
  );
}

/**
 * What the holder wrote, against what, and the answer.
 *
 * @param {Entry} entry
 * @param {Look} look
 * @param {(done: MessageKey | null) => Promise<void>} back
 * @param {Failed} failed
 */
function answering(entry, look, back, failed) {
  const { holder_id, objection_id } = entry;
  const said = el("div", { role: "alert" });
  const error = el("p", { class: "field-error", id: "answer-error" });
  const reason = el("textarea", {
    id: "answer",
    rows: 3,
    maxlength: LONGEST_REASON,
    "aria-describedby": "answer-error",
  });
  const decide = async (/** @type {"uphold" | "reject"} */ decision) => {
    const text = reason.value.trim();
    const tooShort = text.length < LEAST_REASON;
    error.textContent = tooShort ? t("objections.reason_needed") : "";
    reason.setAttribute("aria-invalid", String(tooShort));
    said.replaceChildren();
    if (tooShort) {
      reason.focus();
      return;
    }
    try {
      await call("/objections/decisions", { json: { holder_id, objection_id, decision, reason: text } });
      await back(decision === "uphold" ? "objections.upheld" : "objections.rejected");
    } catch (problem) {
      failed(problem, said, () => void decide(decision));
    }
  };
  const subject = pick({ zh: look.subject_zh, en: look.subject_en });
  return el(
    "div",
    { class: "stack" },
    el("h2", { tabindex: "-1" }, t("objections.one")),
    el("p", { class: "soft" }, subject || t("objections.corrected")),
    el("blockquote", { class: "panel" }, look.text),
    el("p", { class: "small soft" }, t("objections.register_apart")),
    el("div", { class: "field" }, el("label", { for: "answer" }, t("objections.reason")), reason, error),
    el(
      "div",
      { class: "row" },
      button("objections.uphold", () => void decide("uphold"), "button-primary"),
      button("objections.reject", () => void decide("reject")),
    ),
    said,
    el("div", { class: "row" }, button("review.back", () => void back(null))),
  );
}
