// Before staff have their roles: a passkey is shown, or the first one is made.

import { asProblem } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { notice, problemNotice } from "./notice.js";
import { signInAddress } from "./page.js";
import { hasPasskeys, registerPasskey, showSecondFactor } from "./passkeys.js";

/** @typedef {import("./answers.js").SecondFactor} SecondFactor */

/**
 * @param {SecondFactor} lacking  what the session says of itself
 * @param {() => void} done  called when the session has its roles
 */
export function secondFactorScreen(lacking, done) {
  const said = el("div", {});
  const element = el(
    "section",
    { class: "stack second-factor" },
    el("h1", {}, t("second.title")),
    ...wayOn(lacking, said, done),
    said,
  );
  return { element };
}

/**
 * @param {SecondFactor} lacking
 * @param {HTMLElement} said
 * @param {() => void} done
 */
function wayOn(lacking, said, done) {
  if (lacking === "not_allowed") return [notice("warn", el("p", {}, t("second.not_allowed")))];
  if (!hasPasskeys()) return [notice("warn", el("p", {}, t("passkey.unsupported")))];
  const first = lacking === "register";
  const act = async () => {
    go.disabled = true;
    said.replaceChildren(el("p", { class: "waiting" }, t("passkeys.wait")));
    try {
      if (first && !made) {
        await registerPasskey(t("passkeys.label_default"));
        made = true;
      }
      await showSecondFactor();
      done();
    } catch (error) {
      const problem = asProblem(error);
      const again = problem.code === "sign_in_too_old" || problem.status === 401;
      said.replaceChildren(problemNotice(problem, again && signInAgain()));
      go.disabled = false;
    }
  };
  let made = false;
  const go = el(
    "button",
    { class: "button button-primary button-large", type: "button", onclick: () => void act() },
    icon("key"),
    t(first ? "second.register" : "second.show"),
  );
  return [el("p", { class: "lead" }, t(first ? "second.register_lead" : "second.lead")), go];
}

function signInAgain() {
  return el("a", { class: "button", href: signInAddress({ fresh: true }) }, t("passkeys.sign_in_again"));
}
