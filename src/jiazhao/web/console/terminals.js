// Officers' terminals: which there are, a code to register another, and the end of a lost one.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { button, notice, problemNotice } from "../shared/notice.js";

/** @typedef {import("../shared/answers.js").Terminal} Terminal */
/** @typedef {import("../shared/answers.js").RegistrationCode} RegistrationCode */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */
/** @typedef {(work: () => Promise<Node | null>, said: HTMLElement) => Promise<void>} Act */

const DOOR = "/console/terminals";
const SHORTEST_REASON = 4;
const LONGEST_REASON = 200;
const LONGEST_WORD = 64;

/** @param {{ sessionEnded: () => void }} console */
export function terminalsScreen({ sessionEnded }) {
  const place = el("div", { class: "stack" });
  const element = el(
    "section",
    { class: "stack terminals" },
    el("h1", {}, t("terminals.title")),
    el("p", { class: "soft" }, t("terminals.lead")),
    place,
  );

  /** Do something, then show the list as it is afterwards, with what is to be said above it. @type {Act} */
  const act = async (work, said) => {
    said.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
    try {
      const told = await work();
      /** @type {{ terminals: Terminal[] }} */
      const { terminals } = await call(DOOR);
      place.replaceChildren(...(told ? [told] : []), list(terminals, act), form(act));
      if (told instanceof HTMLElement) told.focus();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) sessionEnded();
      else said.replaceChildren(problemNotice(problem, button("problem.retry", () => void act(work, said))));
    }
  };
  void act(async () => null, place);
  return { element };
}

/**
 * @param {Terminal[]} terminals
 * @param {Act} act
 */
function list(terminals, act) {
  return el(
    "div",
    { class: "stack" },
    el("h2", {}, t("terminals.known")),
    terminals.length === 0
      ? notice("info", el("p", {}, t("terminals.none")))
      : el("ul", { class: "queue" }, ...terminals.map((one) => entry(one, act))),
  );
}

/**
 * @param {Terminal} one
 * @param {Act} act
 */
function entry(one, act) {
  const said = el("div", { role: "alert" });
  const lives = one.state === "ready" || one.state === "on_shift" || one.state === "waiting";
  return el(
    "li",
    { class: "panel stack" },
    el("h3", {}, one.label, " ", el("span", { class: "soft" }, t(`terminals.state.${one.state}`))),
    el(
      "dl",
      { class: "facts" },
      fact("terminals.unit", one.unit),
      one.device_label && fact("terminals.device", one.device_label),
      one.registered_at && fact("terminals.registered_at", when(one.registered_at)),
      one.officer && fact("terminals.officer", one.officer),
      one.shift_ends_at && fact("terminals.shift_ends_at", when(one.shift_ends_at)),
      one.killed_at && fact("terminals.killed_at", when(one.killed_at)),
      one.kill_reason && fact("terminals.reason", one.kill_reason),
    ),
    lives && killing(one, act, said),
    said,
  );
}

/**
 * @param {Terminal} one
 * @param {Act} act
 * @param {HTMLElement} said
 */
function killing(one, act, said) {
  const id = `reason-${one.terminal_id}`;
  const reason = el("input", { type: "text", id, maxlength: LONGEST_REASON, autocomplete: "off", "aria-describedby": `${id}-hint` });
  const begin = el(
    "button",
    {
      class: "button",
      type: "button",
      onclick: () => {
        begin.replaceWith(sure);
        reason.focus();
      },
    },
    t("terminals.kill"),
    el("span", { class: "unseen" }, ` ${one.label}`),
  );
  const sure = el(
    "form",
    {
      class: "stack",
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (reason.value.trim().length < SHORTEST_REASON) {
          said.replaceChildren(el("p", { class: "field-error" }, t("terminals.reason_hint")));
          reason.focus();
          return;
        }
        const json = { reason: reason.value.trim() };
        void act(async () => {
          await call(`${DOOR}/${one.terminal_id}/kill`, { json });
          announce(t("terminals.killed"));
          return notice("good", el("p", { id: "done", tabindex: "-1" }, t("terminals.killed")));
        }, said);
      },
    },
    notice("warn", el("p", {}, t("terminals.kill_what", { name: one.label }))),
    el(
      "div",
      { class: "field" },
      el("label", { for: id }, t("terminals.reason")),
      el("p", { class: "small soft", id: `${id}-hint` }, t("terminals.reason_hint")),
      reason,
    ),
    el("div", { class: "row" }, el("button", { class: "button button-primary", type: "submit" }, t("terminals.kill_sure"))),
  );
  return begin;
}

/** @param {Act} act */
function form(act) {
  const said = el("div", { role: "alert" });
  const unit = el("input", { type: "text", id: "terminal-unit", maxlength: LONGEST_WORD, autocomplete: "off", required: true });
  const label = el("input", { type: "text", id: "terminal-label", maxlength: LONGEST_WORD, autocomplete: "off", required: true });
  return el(
    "form",
    {
      class: "panel stack",
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const json = { unit: unit.value.trim(), label: label.value.trim() };
        const empty = json.unit ? (json.label ? null : label) : unit;
        if (empty) {
          said.replaceChildren(el("p", { class: "field-error" }, t("terminals.incomplete")));
          empty.focus();
          return;
        }
        void act(async () => {
          /** @type {RegistrationCode} */
          const made = await call(DOOR, { json });
          announce(t("terminals.code_made"));
          return codeOnce(made);
        }, said);
      },
    },
    el("h2", {}, t("terminals.add")),
    el("div", { class: "field" }, el("label", { for: "terminal-unit" }, t("terminals.unit")), unit),
    el("div", { class: "field" }, el("label", { for: "terminal-label" }, t("terminals.label")), label),
    el("div", { class: "row" }, el("button", { class: "button button-primary", type: "submit" }, t("terminals.make_code"))),
    said,
  );
}

/** The code is told here and never again. @param {RegistrationCode} made */
function codeOnce({ registration_code: code, expires_at: until }) {
  const told = notice(
    "good",
    el("p", {}, t("terminals.code_made")),
    el("p", { class: "registration-code", id: "registration-code" }, code),
    el("p", { class: "small" }, t("terminals.code_until", { until: dayAndTime(until) })),
  );
  told.setAttribute("tabindex", "-1");
  return told;
}

/** @param {string} at */
function when(at) {
  return el("span", { class: "figures" }, dayAndTime(at));
}

/**
 * @param {MessageKey} key
 * @param {...(Node | string)} value
 */
function fact(key, ...value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", {}, ...value));
}
