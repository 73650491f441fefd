// Why the issuer gives nothing new where it is for want of somebody who vouches for this wallet, and
// what to do. What is here already serves on meanwhile, so this stands beside it.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { button, problemNotice } from "../shared/notice.js";
import { signInAddress } from "../shared/page.js";
import { NEEDS_SIGN_IN } from "./vouching.js";

/** @typedef {import("./app.js").Context} Context */

/**
 * A place that is empty while nothing is wrong.
 *
 * @param {Context} first
 */
export function unvouchedPlace(first) {
  const element = el("div", { class: "unvouched" });
  let told = "";
  const update = (/** @type {Context} */ { unvouched, retry }) => {
    const code = unvouched?.code ?? "";
    if (code === told) return; // so that a reader keeps the place
    told = code;
    if (unvouched === null) element.replaceChildren();
    else element.replaceChildren(problemNotice(unvouched, ...waysOn(unvouched, () => void retry())));
  };
  update(first);
  return { element, update };
}

/**
 * @param {import("../shared/api.js").Problem} problem
 * @param {() => void} again
 */
export function waysOn({ code }, again) {
  const retry = button("problem.retry", again);
  if (code !== NEEDS_SIGN_IN) return [retry];
  return [el("a", { class: "button button-primary", href: signInAddress() }, t("welcome.sign_in")), retry];
}
