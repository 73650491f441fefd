// The lock of the screen: after a while without a touch nothing of a licence is to be seen, and the
// officer shows the second factor again.

import { asProblem } from "../shared/api.js";
import { fromBase64url } from "../shared/base64url.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { problemNotice } from "../shared/notice.js";
import { showSecondFactor } from "../shared/passkeys.js";

/** @typedef {import("./shift.js").Shift} Shift */

const SIGNS_OF_LIFE = /** @type {const} */ (["pointerdown", "keydown", "touchstart"]);
const LOOK_EVERY = 1000;
const KEPT_AS = "jiazhao-last-touch";

/**
 * Watch for a time without a touch. Over a restart it goes on where it was.
 *
 * @param {number} seconds
 * @param {() => void} lock
 * @returns {{ isDue: boolean, touch: () => void, close: () => void }}
 */
export function watchForRest(seconds, lock) {
  const isDue = () => Date.now() - lastTouch() > seconds * 1000;
  const touch = () => localStorage.setItem(KEPT_AS, String(Date.now()));
  const alive = () => {
    if (!isDue()) touch();
  };
  const timer = setInterval(() => {
    if (isDue()) lock();
  }, LOOK_EVERY);
  for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, alive, { passive: true, capture: true });
  return {
    get isDue() {
      return isDue();
    },
    touch,
    close() {
      clearInterval(timer);
      for (const sign of SIGNS_OF_LIFE) document.removeEventListener(sign, alive, { capture: true });
    },
  };
}

function lastTouch() {
  return Number(localStorage.getItem(KEPT_AS) ?? 0);
}

/**
 * @param {Shift} shift
 * @param {() => void} unlocked
 */
export function lockScreen(shift, unlocked) {
  const said = el("div", {});
  const { officer, secondFactor, passkeys } = shift.content;
  const open = async () => {
    said.replaceChildren(el("p", { class: "waiting", role: "status" }, t("passkeys.wait")));
    try {
      if (secondFactor) await shown(passkeys);
      unlocked();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  const element = el(
    "section",
    { class: "stack turned-away lock" },
    el("h1", {}, t("lock.title")),
    el("p", { class: "lead" }, t("lock.lead", { name: officer.name })),
    !secondFactor && el("p", { class: "soft" }, t("lock.no_second_factor")),
    el("button", { class: "button button-primary button-large", type: "button", onclick: () => void open() }, icon("key"), t("lock.open")),
    said,
  );
  return { element };
}

/**
 * The service checks the passkey where it can be reached. Where it cannot, the device itself lets
 * only the keys of this officer answer, after it has made sure of the person.
 *
 * @param {readonly string[]} passkeys
 */
async function shown(passkeys) {
  try {
    await showSecondFactor();
  } catch (error) {
    if (!asProblem(error).harmless || passkeys.length === 0) throw error;
    await navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: passkeys.map((id) => ({ id: fromBase64url(id), type: "public-key" })),
        userVerification: "required",
      },
    });
  }
}
