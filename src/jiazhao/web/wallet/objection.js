// Objecting: what the holder does not accept, in the holder's own words; a person answers. It
// stands below each notice and each look.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { problemNotice, statusMark } from "../shared/notice.js";
import { keepPlace } from "../shared/page.js";

const SHORTEST = 4;
const LONGEST = 1000;

/**
 * @typedef {object} Objection
 * @property {string} subject      "notice" or "access"
 * @property {string} subject_id
 * @property {string} text
 * @property {"waiting" | "upheld" | "rejected"} state
 * @property {string} submitted_at
 * @property {string | null} decided_at
 * @property {string} reason
 */

/** @type {Record<Objection["state"], import("../shared/status-picture.js").Picture>} */
const PICTURES = {
  waiting: { tone: "notice", shape: "circle", sign: "dash" },
  upheld: { tone: "good", shape: "circle", sign: "tick" },
  rejected: { tone: "stop", shape: "octagon", sign: "cross" },
};

/** The holder's objections. @returns {Promise<Objection[]>} */
export async function ownObjections() {
  const { objections } = await call("/wallet/objections");
  return objections;
}

/**
 * What stands below one subject: what became of an objection, or the way to make one.
 *
 * @param {"notice" | "access"} subject
 * @param {string} subjectId
 * @param {readonly Objection[]} objections
 */
export function objectionPlace(subject, subjectId, objections) {
  const made = objections.find((one) => one.subject === subject && one.subject_id === subjectId);
  return made ? outcome(made) : asking(subject, subjectId);
}

/** @param {Objection} objection */
function outcome({ text, state, submitted_at: submittedAt, reason }) {
  return el(
    "div",
    { class: "objection stack" },
    statusMark(PICTURES[state], t(`objection.${state}`)),
    el("p", { class: "small soft" }, t("objection.made", { time: dayAndTime(submittedAt) }), " ", text),
    reason && el("p", { class: "small" }, t("objection.reason", { reason })),
  );
}

/**
 * @param {"notice" | "access"} subject
 * @param {string} subjectId
 */
function asking(subject, subjectId) {
  const id = `objection-${subjectId}`;
  const area = el("textarea", { id, rows: 3, maxlength: LONGEST });
  const said = el("div", {});
  const send = el("button", { class: "button", type: "submit" }, t("objection.send"));
  const element = el(
    "details",
    { class: "objection" },
    el("summary", {}, t("objection.start")),
    el(
      "form",
      {
        class: "stack",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void submit();
        },
      },
      el("label", { for: id, class: "small" }, t("objection.why")),
      area,
      send,
      said,
    ),
  );
  const submit = async () => {
    const text = area.value.trim();
    if (text.length < SHORTEST) {
      said.replaceChildren(el("p", { class: "field-error", role: "alert" }, t("objection.empty")));
      area.focus();
      return;
    }
    send.disabled = true;
    try {
      const made = await call("/wallet/objections", { json: { subject, subject_id: subjectId, text } });
      announce(t("objection.sent"));
      element.replaceWith(outcome(made));
      keepPlace();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
      send.disabled = false;
    }
  };
  return element;
}
