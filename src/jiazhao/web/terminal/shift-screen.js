// Before a shift: the device becomes a terminal with a one-time code, and a shift is opened, which
// shows what it fetches and how much.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";
import { openShift, registerTerminal } from "./shift.js";

/** @typedef {import("./app.js").Terminal} Terminal */
/** @typedef {import("./shift.js").OwnTerminal} OwnTerminal */
/** @typedef {import("./shift.js").Stage} Stage */

const STAGES = /** @type {const} */ (["trust", "keys", "rules", "list"]);
/** In a demonstration this code registers any device; production knows none such. */
const DEMONSTRATION_CODE = "DEMONSTRATION";
const DONE = /** @type {const} */ ({ tone: "good", shape: "circle", sign: "tick" });
const TO_COME = /** @type {const} */ ({ tone: "notice", shape: "circle", sign: "dash" });

/**
 * @param {Terminal} terminal
 * @returns {import("./app.js").Screen}
 */
export function shiftScreen(terminal) {
  const element = el("section", { class: "stack shift-screen" });
  draw(element, terminal);
  return { element };
}

/**
 * @param {HTMLElement} element
 * @param {Terminal} terminal
 */
function draw(element, terminal) {
  const content = terminal.own === null ? registration(element, terminal) : opening(element, terminal, terminal.own);
  element.replaceChildren(
    el("h1", {}, t(terminal.own === null ? "shift.register_title" : "shift.title")),
    ...(terminal.note === null ? [] : [notice("warn", el("p", {}, t(terminal.note)))]),
    ...content,
  );
}

/**
 * @param {HTMLElement} element
 * @param {Terminal} terminal
 */
function registration(element, terminal) {
  const demo = terminal.session?.environment === "demo";
  const code = el("input", { type: "text", id: "registration-code", class: "mono", maxlength: 32, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", value: demo ? DEMONSTRATION_CODE : "" });
  const label = el("input", { type: "text", id: "terminal-label", maxlength: 64, autocomplete: "off", value: t("shift.label_default") });
  const said = el("div", {});
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (code.value.trim() === "" || label.value.trim() === "") {
      code.focus();
      return;
    }
    said.replaceChildren(el("p", { class: "waiting", role: "status" }, t("shift.registering")));
    try {
      terminal.own = await registerTerminal(code.value.trim(), label.value.trim(), terminal.clock.now());
      terminal.note = null;
      draw(element, terminal);
      element.querySelector("button")?.focus();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  return [
    el("p", { class: "lead" }, t(demo ? "shift.register_demo" : "shift.register_lead")),
    el(
      "form",
      { class: "panel stack", onsubmit: submit },
      el("div", { class: "field" }, el("label", { for: "registration-code" }, t("shift.code")), code),
      el("div", { class: "field" }, el("label", { for: "terminal-label" }, t("shift.label")), label),
      el("button", { class: "button button-primary button-large", type: "submit" }, icon("key"), t("shift.register")),
      said,
    ),
  ];
}

/**
 * @param {HTMLElement} element
 * @param {Terminal} terminal
 * @param {OwnTerminal} own
 */
function opening(element, terminal, own) {
  const place = el("div", { class: "stack" });
  const open = async () => {
    const session = terminal.session;
    if (session === null) return;
    const list = el("ol", { class: "shift-stages" });
    /** @param {Stage} stage @param {{ done: number, size: number }} [value] */
    const progress = (stage, value) => {
      const at = stage === "kept" ? STAGES.length : STAGES.findIndex((one) => one === stage);
      list.replaceChildren(
        ...STAGES.map((one, i) =>
          el(
            "li",
            {},
            statusMark(i < at ? DONE : TO_COME, t(`shift.stage_${one}`)),
            one === "list" && value && el("span", { class: "figures" }, ` ${kilobytes(value.done)} / ${kilobytes(value.size)} kB`),
          ),
        ),
      );
    };
    place.replaceChildren(el("div", { class: "panel stack" }, el("p", { class: "waiting", role: "status" }, t("shift.opening")), list));
    try {
      const passkeys = await ownPasskeys(session);
      const shift = await openShift(own, { session, offset: terminal.clock.offset, passkeys, progress });
      terminal.begin(shift);
    } catch (error) {
      const problem = asProblem(error);
      if (terminal.isOver(problem)) return;
      const forgotten = problem.status === 404;
      if (forgotten) terminal.own = null;
      place.replaceChildren(problemNotice(problem, button("problem.retry", forgotten ? () => draw(element, terminal) : open)));
    }
  };
  place.append(
    el("button", { class: "button button-primary button-large", type: "button", onclick: () => void open() }, icon("next"), t("shift.open")),
  );
  return [
    el("p", { class: "lead" }, t("shift.lead", { label: own.label, unit: own.unit })),
    place,
    el("p", { class: "soft" }, t("shift.what")),
  ];
}

/** @param {number} octets */
function kilobytes(octets) {
  return Math.ceil(octets / 1000);
}

/**
 * The officer's passkeys by name, so that the lock can be opened without a network.
 *
 * @param {import("../shared/answers.js").Session} session
 * @returns {Promise<string[]>}
 */
async function ownPasskeys(session) {
  if (session.second_factor === "not_needed") return [];
  const asked = await call("/sign-in/second-factor/options", { method: "POST" }).catch(() => null);
  const allowed = asked?.options?.allowCredentials ?? [];
  return allowed.map((/** @type {{ id: string }} */ { id }) => id);
}
