// Before anybody has signed in: what this is, and one way on.

import { asProblem } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { signInAddress } from "../shared/page.js";
import { hasPasskeys, signInWithPasskey } from "../shared/passkeys.js";
import { pinSignIn } from "./pin.js";

/** @typedef {import("./app.js").Screen} Screen */

const POINTS = /** @type {const} */ ([
  ["qr", "welcome.show"],
  ["eye", "welcome.accesses"],
  ["key", "welcome.key"],
]);

/**
 * @param {{ ended: boolean, wiped: boolean }} state  whether a session ended while the page was
 *   open, and whether the browser has deleted a licence that it held
 * @returns {Screen}
 */
export function signedOutScreen({ ended, wiped }) {
  const said = el("div", {});
  const element = el(
    "section",
    { class: "welcome stack" },
    wiped ? notice("warn", el("p", {}, t("welcome.wiped"))) : ended && notice("info", el("p", {}, t("welcome.ended"))),
    el("h1", {}, t("wallet.name")),
    el("p", { class: "welcome-lead" }, t("welcome.lead")),
    el("a", { class: "button button-primary button-large", href: signInAddress() }, t("welcome.sign_in")),
    hasPasskeys() && button("welcome.passkey", () => void withPasskey(said), "button-large"),
    said,
    pinSignIn(),
    el(
      "ul",
      { class: "welcome-points" },
      ...POINTS.map(([sign, key]) => el("li", {}, icon(sign), el("span", {}, t(key)))),
    ),
    el("p", { class: "soft small" }, t("welcome.law")),
  );
  return { element };
}

/** @param {HTMLElement} said */
async function withPasskey(said) {
  said.replaceChildren(el("p", { class: "waiting" }, t("passkeys.wait")));
  try {
    await signInWithPasskey();
    // Loading the page anew shows what the server holds to be true.
    location.assign("/");
  } catch (error) {
    said.replaceChildren(problemNotice(asProblem(error)));
  }
}
