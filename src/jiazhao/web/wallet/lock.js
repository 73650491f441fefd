// Locking the screen to the code, for a phone that may be taken out of the hand after all: what
// else the wallet holds is not reached by going back, by the history or by loading anew. Leaving
// asks for the passkey or the PIN, and the server is the judge; without a network the phone's own
// lock is all there is, and the page says so. Who can change this browser's store can leave, too.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { hasPasskeys, signInWithPasskey } from "../shared/passkeys.js";
import { keep, recall } from "./kept.js";
import { keptPinKey, signInWithPin } from "./pin-key.js";

const NAME = "lock";

/** @typedef {{ passkey: boolean }} Lock  whether the account had a passkey when it was locked */

/** @returns {Promise<Lock | null>} */
export async function recallLock() {
  return recall(NAME).catch(() => null);
}

/** @param {import("./app.js").Context} context */
export function lockSwitch(context) {
  const place = el("div", { class: "stack lock-place" });
  if (context.locked) {
    place.append(
      el("p", { class: "small soft" }, t("lock.locked")),
      wide("lock.leave", () => void leave(place, context)),
    );
  } else {
    place.append(wide("lock.start", () => void lock(context)), el("p", { class: "small soft" }, t("lock.what")));
  }
  return place;
}

/**
 * @param {"lock.start" | "lock.leave"} key
 * @param {() => void} act
 */
function wide(key, act) {
  return el("button", { class: "button button-wide", type: "button", onclick: act }, icon("lock"), t(key));
}

/** @param {import("./app.js").Context} context */
async function lock(context) {
  const asked = document.documentElement.requestFullscreen?.();
  await asked?.catch(() => undefined); // some browsers have none; the lock is the same
  const { passkeys } = await call("/identity/passkeys").catch(() => ({ passkeys: [] }));
  await keep(NAME, { passkey: passkeys.length > 0 });
  context.setLock({ passkey: passkeys.length > 0 });
}

/**
 * @param {HTMLElement} place
 * @param {import("./app.js").Context} context
 */
async function leave(place, context) {
  const reached = await call("/session", { patience: 3000 }).then(
    () => true,
    (error) => !asProblem(error).harmless,
  );
  const pinKey = await keptPinKey().catch(() => null);
  const passkey = context.locked?.passkey === true && hasPasskeys();
  if (!reached || (!passkey && pinKey === null)) {
    const why = t(reached ? "lock.nothing" : "lock.offline");
    place.replaceChildren(notice("warn", el("p", {}, why), el("div", { class: "row" }, button("lock.leave_so", () => void open(context)))));
    announce(why);
    place.querySelector("button")?.focus();
    return;
  }
  const said = el("div", {});
  const prove = async (/** @type {() => Promise<unknown>} */ act) => {
    said.replaceChildren(el("p", { class: "waiting" }, t("passkeys.wait")));
    try {
      await act();
      await open(context);
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  const pin = el("input", { type: "text", id: "lock-pin", class: "pin-input figures", inputmode: "numeric", autocomplete: "off", maxlength: 6 });
  const form = pinKey && [
    el("label", { for: "lock-pin" }, t("pin.of_this_phone")),
    pin,
    button("lock.leave", () => void prove(() => signInWithPin(pinKey, pin.value))),
  ];
  place.replaceChildren(
    el("p", { role: "status" }, t("lock.prove")),
    ...(passkey ? [button("welcome.passkey", () => void prove(signInWithPasskey), "button-wide")] : []),
    ...(form ?? []),
    said,
  );
  place.querySelector(passkey ? "button" : "input")?.focus();
}

/** @param {import("./app.js").Context} context */
async function open(context) {
  await keep(NAME, null);
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
  context.setLock(null);
}
