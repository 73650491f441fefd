// A PIN on the screen: signing in with it, and looking after the keys that go with one.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { keepPlace } from "../shared/page.js";
import { canMakePasskeys } from "../shared/passkeys.js";
import { keptPinKey, registerPinKey, removePinKey, signInWithPin } from "./pin-key.js";

/** @typedef {import("../shared/answers.js").PinKey} PinKey */
/** @typedef {import("../shared/answers.js").PinKeys} PinKeys */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

const DIGITS = 6;
const LONGEST_LABEL = 64;

/** The way in for a phone that has a key; empty for one that has none. */
export function pinSignIn() {
  const place = el("div", { class: "stack" });
  void keptPinKey()
    .catch(() => null) // without storage there is no key, and the other ways in remain
    .then((kept) => {
      if (kept) place.replaceChildren(signInForm(kept));
    });
  return place;
}

/** @param {import("./pin-key.js").KeptPinKey} kept */
function signInForm(kept) {
  const said = el("div", {});
  const pin = pinInput("pin");
  const go = el("button", { class: "button", type: "submit" }, icon("key"), t("pin.sign_in"));
  const signIn = async () => {
    go.disabled = true;
    said.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
    try {
      await signInWithPin(kept, pin.value);
      // Loading the page anew shows what the server holds to be true.
      location.assign("/");
    } catch (error) {
      pin.value = "";
      said.replaceChildren(problemNotice(asProblem(error)));
      go.disabled = false;
      pin.focus();
    }
  };
  return el(
    "form",
    { class: "panel stack pin-form", onsubmit: onlyComplete([pin], said, () => void signIn()) },
    el("div", { class: "field" }, el("label", { for: "pin" }, t("pin.of_this_phone")), pin),
    go,
    said,
  );
}

/** What stands below the passkeys: open where the phone makes none. */
export function pinSection() {
  const place = el("div", { class: "stack" });
  const element = el("details", { class: "panel pin-keys" }, el("summary", {}, t("pin.instead")), place);
  void canMakePasskeys().then((can) => {
    if (!can) element.open = true;
  });
  void load(element, place);
  return element;
}

/**
 * @param {HTMLDetailsElement} section
 * @param {HTMLElement} place
 */
async function load(section, place) {
  place.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
  try {
    /** @type {PinKeys} */
    const own = await call("/identity/pin-keys");
    if (own.pin_keys.length > 0) section.open = true;
    const kept = await keptPinKey();
    draw(section, place, own, own.pin_keys.some(({ key_id: keyId }) => keyId === kept?.keyId));
  } catch (error) {
    place.replaceChildren(problemNotice(asProblem(error), button("problem.retry", () => void load(section, place))));
  }
}

/**
 * @param {HTMLDetailsElement} section
 * @param {HTMLElement} place
 * @param {PinKeys} own
 * @param {boolean} here  whether one of them is on this phone
 */
function draw(section, place, { pin_keys: pinKeys, may_register: mayRegister }, here) {
  const said = el("div", {});
  const doing = async (/** @type {() => Promise<unknown>} */ act, /** @type {MessageKey} */ done) => {
    said.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
    try {
      await act();
      await load(section, place);
      announce(t(done));
      keepPlace();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  const remove = (/** @type {PinKey} */ { key_id: keyId, in_use: inUse }) =>
    void doing(async () => {
      await removePinKey(keyId);
      // It ended the session that it opened, this one.
      if (inUse) location.assign("/");
    }, "passkeys.removed");
  const locked = pinKeys.some((one) => one.locked);
  place.replaceChildren(
    el("p", { class: "soft" }, t("pin.lead")),
    ...(pinKeys.length > 0 ? [el("ul", { class: "own-keys stack" }, ...pinKeys.map((key) => entry(key, remove)))] : []),
    ...(locked || here ? [] : [mayRegister ? form(said, (label, pin) => void doing(() => registerPinKey(label, pin), "pin.registered")) : el("p", { class: "soft" }, t("pin.fresh"))]),
    said,
  );
}

/**
 * @param {PinKey} key
 * @param {(key: PinKey) => void} remove
 */
function entry(key, remove) {
  const { label, created_at: createdAt, last_used_at: lastUsedAt, in_use: inUse, locked } = key;
  const used = lastUsedAt ? t("passkeys.used", { time: dayAndTime(lastUsedAt) }) : t("passkeys.unused");
  const ask = el("button", { class: "button", type: "button" }, t("passkeys.remove"), el("span", { class: "unseen" }, ` ${label}`));
  ask.addEventListener("click", () => {
    const sure = el("button", { class: "button", type: "button", onclick: () => remove(key) }, t("passkeys.remove_sure"));
    ask.replaceWith(notice("warn", el("p", {}, t("passkeys.remove_what")), el("div", { class: "row" }, sure)));
    sure.focus();
  });
  return el(
    "li",
    { class: "stack" },
    el("h2", {}, label),
    inUse && el("p", {}, t("passkeys.in_use")),
    el("p", { class: "small soft figures" }, t("passkeys.made", { time: dayAndTime(createdAt) }), el("br"), used),
    locked ? notice("bad", el("p", {}, t("pin.locked"))) : ask,
  );
}

/**
 * @param {HTMLElement} said
 * @param {(label: string, pin: string) => void} register
 */
function form(said, register) {
  const label = el("input", { type: "text", id: "pin-label", maxlength: LONGEST_LABEL, value: t("passkeys.label_default"), autocomplete: "off" });
  const pin = pinInput("new-pin", "pin-rule");
  const again = pinInput("new-pin-again");
  const send = () => {
    if (pin.value === again.value) {
      register(label.value.trim() || t("passkeys.label_default"), pin.value);
      return;
    }
    said.replaceChildren(notice("bad", el("p", {}, t("pin.differ"))));
    again.value = "";
    again.focus();
  };
  return el(
    "form",
    { class: "stack pin-form", onsubmit: onlyComplete([pin, again], said, send) },
    el("div", { class: "field" }, el("label", { for: "pin-label" }, t("passkeys.label")), label),
    el(
      "div",
      { class: "field" },
      el("label", { for: "new-pin" }, t("pin.choose")),
      el("p", { class: "small soft", id: "pin-rule" }, t("pin.rule")),
      pin,
    ),
    el("div", { class: "field" }, el("label", { for: "new-pin-again" }, t("pin.again")), again),
    el("button", { class: "button button-primary", type: "submit" }, icon("key"), t("pin.register")),
  );
}

/**
 * No password field: a browser would offer to keep the PIN, and then it would be on the phone.
 *
 * @param {string} id
 * @param {string} [describedBy]
 */
function pinInput(id, describedBy) {
  return el("input", {
    type: "text",
    id,
    class: "pin-input figures",
    inputmode: "numeric",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: DIGITS,
    "aria-describedby": describedBy ?? null,
  });
}

/**
 * @param {HTMLInputElement[]} pins
 * @param {HTMLElement} said
 * @param {() => void} send
 */
function onlyComplete(pins, said, send) {
  return (/** @type {Event} */ event) => {
    event.preventDefault();
    const lacking = pins.find(({ value }) => !/^[0-9]{6}$/.test(value));
    if (!lacking) {
      send();
      return;
    }
    said.replaceChildren(notice("bad", el("p", {}, t("pin.six"))));
    lacking.focus();
  };
}
