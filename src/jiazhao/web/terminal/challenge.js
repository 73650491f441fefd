// Four digits that the terminal shows and the driver types into the wallet: whoever only passes
// on what another phone shows cannot have them in time.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const HIGHEST = 10_000;

/** Chance without bias; each number is as likely as another. */
export function newChallenge() {
  const limit = 2 ** 32 - (2 ** 32 % HIGHEST);
  const drawn = new Uint32Array(1);
  do crypto.getRandomValues(drawn);
  while ((drawn[0] ?? limit) >= limit);
  return (drawn[0] ?? 0) % HIGHEST;
}

/** @param {number} challenge */
export function challengePanel(challenge) {
  const digits = String(challenge).padStart(4, "0");
  const spoken = digits.split("").join(" ");
  return {
    element: el(
      "section",
      { class: "panel challenge", "data-challenge": digits },
      el("h3", {}, t("challenge.title")),
      el(
        "p",
        { class: "challenge-digits mono" },
        el("span", { "aria-hidden": "true" }, digits),
        el("span", { class: "unseen" }, spoken),
      ),
      el("p", {}, t("challenge.how")),
    ),
    /** What is said aloud: the officer passes the digits on. */
    spoken: `${t("challenge.title")} ${spoken}`,
  };
}
