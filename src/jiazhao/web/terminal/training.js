// Training: made-up drivers in every state, with every word, sound and question that may come. Their
// codes are judged by the terminal's own verifier; a banner says all the time that it is training.

import { announce } from "../shared/announce.js";
import { asProblem } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, problemNotice } from "../shared/notice.js";
import { keepPlace } from "../shared/page.js";
import { pulse } from "./ask.js";
import { challengePanel } from "./challenge.js";
import { play } from "./sounds.js";
import { SCENES, VEHICLE } from "./training-scenes.js";
import { CHALLENGE, Training } from "./training-shift.js";
import { verdictView } from "./verdict-view.js";

/** @typedef {import("./training-shift.js").Face} Face */
/** @typedef {import("./training-scenes.js").Scene} Scene */

/** @returns {import("./app.js").Screen} */
export function trainingScreen() {
  const place = el("div", { class: "result training-result" });
  /** @type {Promise<Training> | null} */
  let begun = null;
  /** @type {ReturnType<typeof verdictView> | null} */
  let view = null;
  let closed = false;

  const clear = () => {
    view?.close();
    view = null;
    place.replaceChildren();
  };
  const close = () => {
    clear();
    scenes.hidden = lead.hidden = false;
  };

  const next = () => {
    close();
    keepPlace();
  };

  /** @param {Scene} scene @param {{ face?: Face, isTyped?: boolean }} [answered] */
  async function show(scene, { face, isTyped = false } = {}) {
    try {
      begun ??= Training.begin();
      const terminal = await begun;
      const shows = isTyped && scene.typed ? scene.typed : scene.shows;
      const asked = { challenge: isTyped ? CHALLENGE : null, face: face ?? null };
      const answer = await terminal.present(shows, { vehicleClass: VEHICLE, ...scene.circumstances, ...asked });
      if (closed) return;
      clear();
      const reason = answer.reason?.code;
      view = verdictView(answer, {
        clock: terminal.judge(shows).clock,
        standing: "alone",
        next,
        compare: reason === "compare_face" ? (said) => void show(scene, { face: said }) : null,
      });
      if (reason === "challenge_needed") {
        const panel = challengePanel(CHALLENGE);
        const typed = button("training.typed", () => void show(scene, { isTyped: true }));
        view.ask(el("div", { class: "stack" }, panel.element, typed), panel.spoken);
      }
      scenes.hidden = lead.hidden = true; // the word is at the top, as on duty
      place.replaceChildren(view.element, ...(view.steps === null ? [] : [view.steps]));
      announce(view.spoken, { urgent: true });
      pulse(answer.verdict);
      play(answer.verdict);
      view.focus();
      place.scrollIntoView({ block: "nearest" });
    } catch (error) {
      begun = null; // the next scene begins anew
      place.replaceChildren(problemNotice(asProblem(error)));
    }
  }

  const lead = el("p", { class: "soft" }, t("training.lead"));
  const scenes = el(
    "ul",
    { class: "training-scenes" },
    ...SCENES.map((scene) =>
      el("li", {}, el("button", { class: "button", type: "button", "data-scene": scene.id, onclick: () => void show(scene) }, t(scene.name))),
    ),
  );
  const element = el(
    "section",
    { class: "stack training" },
    el("p", { class: "training-banner" }, icon("eye"), t("training.banner")),
    el("h1", {}, t("training.title")),
    lead,
    scenes,
    place,
  );
  return {
    element,
    close() {
      closed = true;
      close();
    },
  };
}
