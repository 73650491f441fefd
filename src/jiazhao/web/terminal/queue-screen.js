// What this terminal has not handed in yet, what became known of checks afterwards, and the shift:
// how fresh what it goes by is, and its end.

import { asProblem } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { keepPlace } from "../shared/page.js";
import { followUps, haveRead } from "./follow-ups.js";
import { unsent } from "./queue.js";
import { soundIsOn, switchSound } from "./sounds.js";

/** @typedef {import("./app.js").Terminal} Terminal */
/** @typedef {import("./follow-ups.js").FollowUp} FollowUp */

/**
 * @param {Terminal} terminal
 * @returns {import("./app.js").Screen}
 */
export function queueScreen(terminal) {
  const waiting = el("div", { class: "stack", "aria-live": "polite" });
  const told = el("div", { class: "stack" });
  const follow = () => list(told, terminal);
  const look = async () => {
    const count = await unsent();
    waiting.replaceChildren(
      el("p", { class: "queue-count", "data-waiting": count }, t(count === 0 ? "unsent.none" : "unsent.waiting", { count })),
      ...(count === 0 ? [] : [button("unsent.send", () => void send())]),
    );
  };
  const send = async () => {
    waiting.replaceChildren(el("p", { class: "waiting", role: "status" }, t("unsent.sending")));
    try {
      await terminal.handIn();
      await look();
      await follow();
      keepPlace();
    } catch (error) {
      const problem = asProblem(error);
      if (terminal.isOver(problem)) return;
      await look();
      waiting.append(problemNotice(problem));
      keepPlace();
    }
  };
  void look();
  void follow();
  const element = el(
    "section",
    { class: "stack queue" },
    el("h1", {}, t("unsent.title")),
    el("section", { class: "panel stack" }, el("h2", {}, t("unsent.unsent")), waiting, el("p", { class: "soft small" }, t("unsent.sealed"))),
    el("section", { class: "panel stack" }, el("h2", {}, t("unsent.follow_ups")), told),
    terminal.shift && shiftPanel(terminal, terminal.shift),
  );
  return { element, followed: () => void follow() };
}

/**
 * @param {HTMLElement} place
 * @param {Terminal} terminal
 */
async function list(place, terminal) {
  place.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
  try {
    const found = await followUps();
    place.replaceChildren(
      ...(found.length === 0 ? [el("p", {}, t("unsent.no_follow_ups"))] : [el("ul", { class: "stack follow-ups" }, ...found.map(entry))]),
    );
    if (terminal.shift !== null) await haveRead(found);
  } catch (error) {
    const problem = asProblem(error);
    place.replaceChildren(problem.harmless ? el("p", {}, t("unsent.follow_ups_later")) : problemNotice(problem));
  }
}

/** @param {FollowUp} followUp */
function entry(followUp) {
  const { at } = followUp;
  return el("li", {}, notice("warn", el("p", {}, el("time", { datetime: at, class: "figures" }, dayAndTime(at))), el("p", {}, pick(followUp))));
}

/**
 * @param {Terminal} terminal
 * @param {import("./shift.js").Shift} shift
 */
function shiftPanel(terminal, shift) {
  const { snapshot } = shift;
  const sound = el("input", { type: "checkbox", id: "sound", onchange: () => switchSound(sound.checked), ...(soundIsOn() ? { checked: true } : {}) });
  const said = el("div", {});
  const end = async () => {
    try {
      await terminal.end();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  return el(
    "section",
    { class: "panel stack" },
    el("h2", {}, t("shift.open_now")),
    el(
      "dl",
      { class: "facts" },
      fact("shift.until", dayAndTime(shift.endsAt)),
      fact("shift.list_of", snapshot ? t("shift.list_is", { time: dayAndTime(snapshot.asOf) }) : t("shift.no_list")),
    ),
    el("label", { class: "row", for: "sound" }, sound, t("shift.sound")),
    el("div", { class: "row" }, button("shift.close", () => void end())),
    said,
  );
}

/**
 * @param {import("../shared/i18n.js").MessageKey} key
 * @param {string} value
 */
function fact(key, value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", { class: "figures" }, value));
}
