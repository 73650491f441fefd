// Photos that drivers handed in: the queue, the oldest first, and one photo beside the one on
// file. A photo is fetched only when it is opened, for each look is recorded.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";

/** @typedef {import("../shared/answers.js").PhotoQueue} PhotoQueue */
/** @typedef {import("../shared/answers.js").QueueEntry} QueueEntry */
/** @typedef {import("../shared/answers.js").PhotoLook} PhotoLook */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

const OVERDUE = /** @type {const} */ ({ tone: "unsure", shape: "diamond", sign: "bang" });
const ASK_EVERY = 15_000;
const LONGEST_NOTE = 200;

/** @param {{ sessionEnded: () => void }} console */
export function photosScreen({ sessionEnded }) {
  const place = el("div", { class: "stack" });
  const element = el("section", { class: "stack photos" }, el("h1", {}, t("queue.title")), place);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;

  const failed = (/** @type {unknown} */ error, /** @type {HTMLElement} */ where, /** @type {() => void} */ again) => {
    const problem = asProblem(error);
    if (problem.status === 401) sessionEnded();
    else where.replaceChildren(problemNotice(problem, button("problem.retry", again)));
  };
  const toTheQueue = async (/** @type {MessageKey | null} */ done) => {
    clearTimeout(next);
    try {
      /** @type {PhotoQueue} */
      const queue = await call("/photo-requests");
      const before = place.contains(document.activeElement) ? document.activeElement?.id : "";
      place.replaceChildren(
        ...(done ? [notice("good", el("p", { id: "done", tabindex: "-1" }, t(done)))] : []),
        list(queue, (entry) => void open(entry, queue)),
      );
      if (done) announce(t(done));
      const focused = done ? "done" : before;
      if (focused) document.getElementById(focused)?.focus();
      next = setTimeout(() => void toTheQueue(null), ASK_EVERY);
    } catch (error) {
      failed(error, place, () => void toTheQueue(null));
    }
  };
  const open = async (/** @type {QueueEntry} */ entry, /** @type {PhotoQueue} */ queue) => {
    clearTimeout(next);
    const { holder_id, request_id } = entry;
    try {
      /** @type {PhotoLook} */
      const look = await call("/photo-requests/looks", { json: { holder_id, request_id } });
      place.replaceChildren(review(entry, look, queue, toTheQueue, failed));
      place.querySelector("h2")?.focus();
    } catch (error) {
      failed(error, place, () => void toTheQueue(null));
    }
  };
  void toTheQueue(null);
  return { element, close: () => clearTimeout(next) };
}

/**
 * @param {PhotoQueue} queue
 * @param {(entry: QueueEntry) => void} open
 */
function list({ waiting, entries }, open) {
  if (entries.length === 0) return notice("info", el("p", {}, t("queue.none")));
  return el(
    "div",
    { class: "stack" },
    el("p", { class: "soft" }, t("queue.count", { count: waiting })),
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
            el("p", { class: "figures" }, t("queue.since", { time: dayAndTime(entry.submitted_at) })),
            entry.overdue
              ? statusMark(OVERDUE, t("queue.overdue"))
              : el("p", { class: "small soft figures" }, t("queue.due", { time: dayAndTime(entry.due_at) })),
          ),
          el(
            "button",
            {
              class: "button",
              type: "button",
              id: `open-${entry.request_id}`,
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
 * One photo beside the one on file, what the machine measured, and the decision.
 *
 * @param {QueueEntry} entry
 * @param {PhotoLook} look
 * @param {PhotoQueue} queue
 * @param {(done: MessageKey | null) => Promise<void>} back
 * @param {(error: unknown, where: HTMLElement, again: () => void) => void} failed
 */
function review(entry, look, queue, back, failed) {
  const { holder_id, request_id } = entry;
  const said = el("div", { role: "alert" });
  const reason = el(
    "select",
    { id: "reason" },
    el("option", { value: "" }, t("review.choose")),
    ...queue.reasons.map((one) => el("option", { value: one.code }, pick(one))),
  );
  const note = el("textarea", { id: "note", rows: 2, maxlength: LONGEST_NOTE });
  const decide = async (/** @type {"approve" | "refuse"} */ decision) => {
    const given = decision === "refuse" ? { reason: reason.value, note: note.value.trim() } : {};
    said.replaceChildren();
    try {
      await call("/photo-requests/decisions", { json: { holder_id, request_id, decision, ...given } });
      await back(decision === "approve" ? "review.approved" : "review.refused");
    } catch (error) {
      failed(error, said, () => void decide(decision));
    }
  };
  return el(
    "div",
    { class: "stack" },
    el("h2", { tabindex: "-1" }, t("review.title")),
    el("p", { class: "soft figures" }, t("queue.since", { time: dayAndTime(entry.submitted_at) })),
    el(
      "div",
      { class: "pair" },
      figure("review.photo", look.photo, look.measured.captured_on),
      figure("review.on_file", look.on_file, look.on_file_captured_on),
    ),
    measured(look),
    el("div", { class: "row" }, button("review.approve", () => void decide("approve"), "button-primary button-large")),
    el(
      "div",
      { class: "panel stack" },
      el("div", { class: "field" }, el("label", { for: "reason" }, t("review.reason")), reason),
      el("div", { class: "field" }, el("label", { for: "note" }, t("review.note")), note),
      el("div", { class: "row" }, button("review.refuse", () => void decide("refuse"), "button-large")),
    ),
    said,
    el("div", { class: "row" }, button("review.back", () => void back(null))),
  );
}

/**
 * @param {"review.photo" | "review.on_file"} key
 * @param {string | null} jpeg  in base64
 * @param {string | null} day
 */
function figure(key, jpeg, day) {
  return el(
    "figure",
    {},
    jpeg
      ? el("img", { src: `data:image/jpeg;base64,${jpeg}`, alt: t(key) })
      : el("p", { class: "pair-none" }, t("review.none_on_file")),
    el("figcaption", {}, t(key), " ", el("span", { class: "figures soft" }, day ?? "")),
  );
}

/** @param {PhotoLook} look */
function measured({ measured: found }) {
  const share = (/** @type {number} */ part) => `${Math.round(part * 100)} %`;
  return el(
    "div",
    { class: "panel stack" },
    el("h3", {}, t("review.measured")),
    el(
      "dl",
      { class: "facts figures" },
      ...[
        /** @type {const} */ (["review.pixels", `${found.width} × ${found.height}`]),
        /** @type {const} */ (["review.white", share(found.white)]),
        /** @type {const} */ (["review.face", share(found.face_width)]),
        /** @type {const} */ (["review.sharpness", String(Math.round(found.sharpness))]),
        /** @type {const} */ (["review.captured", found.captured_on ?? t("review.unknown")]),
      ].map(([key, value]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value))),
    ),
  );
}
