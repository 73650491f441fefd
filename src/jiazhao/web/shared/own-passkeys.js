// The own passkeys: which there are, one more, one less. The wallet and the terminal show it.

import { announce } from "./announce.js";
import { asProblem, call } from "./api.js";
import { el } from "./dom.js";
import { dayAndTime, t } from "./i18n.js";
import { icon } from "./icons.js";
import { button, notice, problemNotice } from "./notice.js";
import { keepPlace, signInAddress } from "./page.js";
import { hasPasskeys, registerPasskey } from "./passkeys.js";

/** @typedef {import("./answers.js").OwnKey} OwnKey */
/** @typedef {import("./answers.js").OwnKeys} OwnKeys */
/** @typedef {import("./answers.js").OwnRecoveries} OwnRecoveries */

const LONGEST_LABEL = 64;
const HERE = "/#passkeys";

/**
 * @param {{ staff?: boolean, instead?: HTMLElement }} [options]  whether a passkey is a second step
 *   here, and what a device without passkeys has in their place
 */
export function passkeysScreen({ staff = false, instead } = {}) {
  const place = el("div", { class: "stack" });
  const element = el(
    "section",
    { class: "stack own-passkeys" },
    !staff && el("a", { class: "button button-plain own-back", href: "#" }, icon("back"), t("show.back")),
    el("h1", {}, t("passkeys.title")),
    el("p", { class: "soft" }, t(staff ? "passkeys.lead_staff" : "passkeys.lead")),
    place,
    instead,
  );
  void load(place, instead !== undefined);
  return { element };
}

/**
 * @param {HTMLElement} place
 * @param {boolean} insteadThere  whether there is something in the place of passkeys
 */
async function load(place, insteadThere) {
  place.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
  try {
    const [own, told] = await Promise.all([call("/identity/passkeys"), call("/identity/recoveries/own")]);
    draw(place, own, insteadThere);
    place.prepend(...whatStaffDid(told));
  } catch (error) {
    place.replaceChildren(problemNotice(asProblem(error), button("problem.retry", () => void load(place, insteadThere))));
  }
}

/**
 * @param {HTMLElement} place
 * @param {OwnKeys} own
 * @param {boolean} insteadThere
 */
function draw(place, { passkeys, may_register: mayRegister }, insteadThere) {
  const said = el("div", {});
  /** @param {() => Promise<unknown>} act @param {import("./i18n.js").MessageKey} done */
  const doing = async (act, done) => {
    said.replaceChildren(el("p", { class: "waiting" }, t("passkeys.wait")));
    try {
      await act();
      await load(place, insteadThere);
      announce(t(done));
      keepPlace();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  const remove = (/** @type {OwnKey} */ { key_id: keyId, in_use: inUse }) =>
    void doing(async () => {
      await call("/identity/passkeys/remove", { json: { key_id: keyId } });
      // It ended the session that it opened, this one.
      if (inUse) location.assign("/");
    }, "passkeys.removed");
  const none = hasPasskeys() || !insteadThere ? [notice("info", el("p", {}, t("passkeys.none")))] : [];
  const list = () => [el("ul", { class: "own-keys stack" }, ...passkeys.map((key) => entry(key, remove)))];
  place.replaceChildren(
    ...(passkeys.length > 0 ? list() : none),
    mayRegister ? form(insteadThere, (label) => void doing(() => registerPasskey(label), "passkeys.registered")) : elsewhere(),
    said,
  );
}

/**
 * What the authority's staff ask or did, so that it is seen where keys have gone.
 *
 * @param {OwnRecoveries} told
 */
function whatStaffDid({ recoveries }) {
  return recoveries.flatMap(({ state, asked_by: asker, asked_at: askedAt, decided_by: decider, decided_at: decidedAt }) => {
    if (state === "waiting") return [notice("warn", el("p", {}, t("recovery.own.waiting", { ...asker, time: dayAndTime(askedAt) })))];
    if (state !== "approved" || !decider || !decidedAt) return [];
    return [notice("info", el("p", {}, t("recovery.own.approved", { ...decider, time: dayAndTime(decidedAt) })))];
  });
}

/**
 * @param {OwnKey} key
 * @param {(key: OwnKey) => void} remove
 */
function entry(key, remove) {
  const { label, created_at: createdAt, last_used_at: lastUsedAt, in_use: inUse } = key;
  const used = lastUsedAt ? t("passkeys.used", { time: dayAndTime(lastUsedAt) }) : t("passkeys.unused");
  const ask = el("button", { class: "button", type: "button" }, t("passkeys.remove"), el("span", { class: "unseen" }, ` ${label}`));
  const item = el(
    "li",
    { class: "panel stack" },
    el("h2", {}, label),
    inUse && el("p", {}, t("passkeys.in_use")),
    el("p", { class: "small soft figures" }, t("passkeys.made", { time: dayAndTime(createdAt) }), el("br"), used),
    ask,
  );
  ask.addEventListener("click", () => {
    const sure = el("button", { class: "button", type: "button", onclick: () => remove(key) }, t("passkeys.remove_sure"));
    ask.replaceWith(notice("warn", el("p", {}, t("passkeys.remove_what")), el("div", { class: "row" }, sure)));
    sure.focus();
  });
  return item;
}

/**
 * @param {boolean} insteadThere
 * @param {(label: string) => void} register
 */
function form(insteadThere, register) {
  if (!hasPasskeys()) return notice("warn", el("p", {}, t(insteadThere ? "passkey.pin_instead" : "passkey.unsupported")));
  const label = el("input", { type: "text", id: "passkey-label", maxlength: LONGEST_LABEL, value: t("passkeys.label_default"), autocomplete: "off" });
  return el(
    "form",
    {
      class: "panel stack",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        register(label.value.trim() || t("passkeys.label_default"));
      },
    },
    el("div", { class: "field" }, el("label", { for: "passkey-label" }, t("passkeys.label")), label),
    el("button", { class: "button button-primary", type: "submit" }, icon("key"), t("passkeys.register")),
  );
}

/** Only a fresh sign-in at the provider makes a key. */
function elsewhere() {
  return el(
    "div",
    { class: "panel stack" },
    el("p", {}, t("passkeys.fresh")),
    el("a", { class: "button", href: signInAddress({ fresh: true, to: HERE }) }, t("passkeys.sign_in_again")),
  );
}
