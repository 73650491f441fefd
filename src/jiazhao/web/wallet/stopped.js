// The licence may not be shown from this device: it is frozen, a copy of this browser was
// noticed, or the service does not know the device any more. What happened, and what to do.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { moment } from "../shared/moment.js";
import { notice } from "../shared/notice.js";
import { signInAddress } from "../shared/page.js";

/** @typedef {import("./app.js").Context} Context */

/** @typedef {"frozen" | "copied" | "ended"} Stop */

/**
 * Whether the last contact said that the licence may not be shown here.
 *
 * @param {Context} context
 * @returns {Stop | null}
 */
export function stopOf({ kept }) {
  const state = kept?.contact?.state ?? "live";
  return state === "live" ? null : state;
}

/**
 * @param {Context} context
 * @param {Stop} stop
 * @returns {import("./app.js").Screen}
 */
export function stoppedScreen({ kept, clock, signedIn }, stop) {
  const since = moment(kept?.contact?.at ?? clock.now(), clock.now());
  const way =
    signedIn === true
      ? el("a", { class: "button button-primary button-large button-wide", href: "#devices" }, icon("phone"), t("devices.title"))
      : el(
          "a",
          { class: "button button-primary button-large button-wide", href: signInAddress({ to: "/#devices" }) },
          icon("key"),
          t("welcome.sign_in"),
        );
  return {
    element: el(
      "section",
      { class: "stack claim" },
      el("h1", {}, t(`stopped.${stop}_title`)),
      notice("bad", el("p", {}, t(`stopped.${stop}`, { time: since })), el("p", {}, t(`stopped.${stop}_todo`))),
      way,
      el("p", { class: "soft small" }, t("stopped.paper")),
    ),
  };
}
