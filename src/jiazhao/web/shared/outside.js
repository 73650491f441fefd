// What staff see who have not, or not yet, the doors of a page; and where the service is not to be
// reached.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { button, notice, problemNotice } from "./notice.js";
import { signInAddress } from "./page.js";
import { secondFactorScreen } from "./second-factor.js";

/** @typedef {import("./answers.js").Session} Session */
/** @typedef {import("./i18n.js").MessageKey} MessageKey */
/** @typedef {{ name: MessageKey, lead: MessageKey, refused: MessageKey }} Words */

/**
 * @param {Session | null} session
 * @param {Words} words  the page's name, what it is for, and what is said to whom it is not for
 * @param {{ ended: boolean, again: () => void }} options
 */
export function outside(session, words, { ended, again }) {
  const signedIn = session?.signed_in === true;
  const lacking = session?.second_factor ?? "not_needed";
  if (signedIn && lacking !== "not_needed" && lacking !== "done") return secondFactorScreen(lacking, again);
  const element = el(
    "section",
    { class: "stack turned-away" },
    el("h1", {}, t(words.name)),
    signedIn
      ? notice("warn", el("p", {}, t(words.refused)))
      : el("p", { class: "lead" }, t(ended ? "welcome.ended" : words.lead)),
    !signedIn &&
      el(
        "a",
        { class: "button button-primary button-large", href: signInAddress() },
        icon("key"),
        t("welcome.sign_in"),
      ),
  );
  return { element };
}

/**
 * @param {import("./api.js").Problem} problem
 * @param {Words} words
 * @param {() => void} again
 */
export function unreached(problem, words, again) {
  const element = el(
    "section",
    { class: "stack turned-away" },
    el("h1", {}, t(words.name)),
    problemNotice(problem, button("problem.retry", again)),
  );
  return { element };
}
