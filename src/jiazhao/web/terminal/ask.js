// Asks the service for a check or a look-up and shows what came of it. Each question has an id
// of its own; asking again with the same id can neither use a code twice nor record twice.

import { announce } from "../shared/announce.js";
import { asProblem, call, localProblem } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { button, problemNotice } from "../shared/notice.js";
import { play } from "./sounds.js";
import { verdictView } from "./verdict-view.js";

/** @typedef {import("../shared/answers.js").CheckAnswer} CheckAnswer */
/** @typedef {(cancel: AbortSignal) => Promise<CheckAnswer>} Question */

/** A pointer that is a finger: its on-screen keyboard would cover the verdict. */
export const TOUCH = window.matchMedia("(pointer: coarse)");

/**
 * Put the cursor where a hardware scanner types; under a finger nothing is focused.
 *
 * @param {HTMLElement} field
 */
export function readyToType(field) {
  if (!TOUCH.matches) field.focus({ preventScroll: true });
}

/**
 * @param {HTMLElement} place  where results and problems go
 * @param {{ terminal: import("./app.js").Terminal, afterwards: () => void }} options
 *   `afterwards` makes the form ready for the next driver
 */
export function asker(place, { terminal, afterwards }) {
  /** @type {ReturnType<typeof verdictView> | null} */
  let view = null;
  /** @type {AbortController | null} */
  let running = null;

  const clear = () => {
    running?.abort();
    running = null;
    view?.close();
    view = null;
    place.replaceChildren();
    place.classList.remove("filled");
  };

  const next = () => {
    clear();
    afterwards();
    window.scrollTo(0, 0);
  };

  /**
   * @param {Question} question  may be asked again as it is
   * @param {import("../shared/i18n.js").MessageKey} waiting
   */
  async function ask(question, waiting) {
    clear();
    const cancelling = new AbortController();
    running = cancelling;
    place.classList.add("filled");
    place.replaceChildren(
      el(
        "div",
        { class: "panel stack" },
        el("p", { class: "waiting", role: "status" }, t(waiting)),
        button("check.cancel", () => cancelling.abort()),
      ),
    );
    try {
      const answer = await question(cancelling.signal);
      if (running === cancelling) show(answer);
    } catch (error) {
      if (running === cancelling) fail(error, () => void ask(question, waiting));
    } finally {
      if (running === cancelling) running = null;
    }
  }

  /** @param {CheckAnswer} answer */
  function show(answer) {
    view = verdictView(answer, { clock: terminal.clock, next });
    place.replaceChildren(view.element, ...(view.steps === null ? [] : [view.steps]));
    announce(view.spoken, { urgent: true });
    pulse(answer.verdict);
    play(answer.verdict);
    if (TOUCH.matches) view.focus();
    else afterwards();
    place.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {unknown} error
   * @param {() => void} again
   */
  function fail(error, again) {
    const cancelled = error instanceof DOMException && error.name === "AbortError";
    const problem = cancelled ? localProblem("check.cancelled", "cancelled") : asProblem(error);
    if (terminal.isOver(problem)) return;
    place.replaceChildren(
      problemNotice(problem, button("problem.retry", again), button("check.next", next)),
    );
  }

  return { ask, clear };
}

/** How the device shakes for each verdict, in milliseconds: one can be told without looking. */
const PULSES = {
  VALID: [80],
  NOT_VALID: [300, 120, 300],
  NOT_GENUINE: [600, 120, 600],
  CANNOT_CONFIRM: [120, 120, 120],
};

/** @param {import("../shared/answers.js").Verdict} verdict */
export function pulse(verdict) {
  navigator.vibrate?.(PULSES[verdict] ?? PULSES.CANNOT_CONFIRM);
}

/**
 * Ask with an id made now; repeating the question repeats the id.
 *
 * @param {string} path
 * @param {object} content
 * @returns {Question}
 */
export function question(path, content) {
  const json = { check_id: crypto.randomUUID(), ...content };
  return (cancel) => call(path, { json, cancel });
}
