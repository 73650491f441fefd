// Devices and loss: where the electronic licence is or was, ending it on a device, freezing it
// from any device, and releasing it after a fresh sign-in. And whether this browser has promised
// to keep what the wallet stores.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";
import { signInAddress } from "../shared/page.js";
import { listScreen } from "./list-screen.js";
import { change } from "./vault.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

/**
 * @typedef {object} Device
 * @property {string} instance_number
 * @property {string} device_key
 * @property {string | null} label
 * @property {"live" | "frozen" | "ended"} state
 * @property {string} issued_at
 * @property {string | null} ended_at
 * @property {string | null} frozen_at
 * @property {"copy" | "holder" | "counter" | null} frozen_by
 * @property {string | null} last_contact_at
 * @property {string | null} last_used_at
 */

/** @type {Record<Device["state"], import("../shared/status-picture.js").Picture>} */
const PICTURES = {
  live: { tone: "good", shape: "circle", sign: "tick" },
  frozen: { tone: "stop", shape: "octagon", sign: "dash" },
  ended: { tone: "void", shape: "triangle", sign: "cross" },
};

/** What freshly signed in people may do is refused to others with one of these. */
const WANTS_SIGN_IN = ["sign_in_too_old", "proof_too_weak"];

/** @param {Context} context */
export function devicesScreen(context) {
  const screen = listScreen("devices.title", "devices.lead", async () => {
    /** @type {{ devices: Device[] }} */
    const { devices } = await call("/wallet/devices");
    const live = devices.find(({ state }) => state !== "ended");
    return [
      ...(live ? [freezing(live, context, () => screen.load())] : [notice("info", el("p", {}, t("devices.none")))]),
      el("ol", { class: "access-list" }, ...devices.map((device) => entry(device, context, () => screen.load()))),
      await keeping(),
    ];
  });
  return screen;
}

/**
 * Freezing is for the moment of loss: one press and one more, nothing to type.
 *
 * @param {Device} live
 * @param {Context} context
 * @param {() => Promise<void>} reload
 */
function freezing(live, context, reload) {
  const said = el("div", {});
  const frozen = live.state === "frozen";
  const act = async () => {
    try {
      const answer = await call(frozen ? "/wallet/unfreeze" : "/wallet/freeze", { json: {} });
      await settled(live.device_key, answer.last_used_counter, frozen);
      announce(t(frozen ? "devices.unfrozen" : "devices.frozen"));
      await context.care();
      await reload();
    } catch (error) {
      const problem = asProblem(error);
      const again = WANTS_SIGN_IN.includes(problem.code) && freshSignIn();
      said.replaceChildren(problemNotice(problem, again));
    }
  };
  if (frozen) {
    return el(
      "div",
      { class: "stack" },
      notice(
        "bad",
        el("p", {}, t(live.frozen_by === "copy" ? "devices.frozen_copy" : "devices.frozen_now")),
        el("div", { class: "row" }, button("devices.unfreeze", () => void act(), "button-primary")),
      ),
      said,
    );
  }
  const place = el("div", { class: "stack" });
  place.append(
    button(
      "devices.freeze",
      () => {
        const sure = button("devices.freeze_sure", () => void act(), "button-primary");
        place.replaceChildren(notice("warn", el("p", {}, t("devices.freeze_what")), el("div", { class: "row" }, sure)), said);
        sure.focus();
      },
      "button-wide",
    ),
    said,
  );
  return place;
}

/**
 * Only after a release does a device take over the highest counter that was used: else a copy of
 * it could hide behind that.
 *
 * @param {string} deviceKey
 * @param {number | null} lastUsed
 * @param {boolean} released
 */
async function settled(deviceKey, lastUsed, released) {
  if (!released) return;
  await change(deviceKey, (kept) => ({ ...kept, counter: Math.max(kept.counter, lastUsed ?? 0) })).catch(() => {
    // It is another device that was released.
  });
}

/**
 * @param {Device} device
 * @param {Context} context
 * @param {() => Promise<void>} reload
 */
function entry(device, context, reload) {
  const here = device.device_key === context.kept?.deviceKey;
  const said = el("div", {});
  const end = async () => {
    try {
      await call(`/wallet/devices/${encodeURIComponent(device.device_key)}/end`, { json: {} });
      announce(t("devices.ended"));
      await context.refresh();
      await reload();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
    }
  };
  const ask = button("devices.end", () => {
    const sure = button("devices.end_sure", () => void end());
    ask.replaceWith(notice("warn", el("p", {}, t(here ? "devices.end_here" : "devices.end_what")), el("div", { class: "row" }, sure)));
    sure.focus();
  });
  return el(
    "li",
    { class: "panel access" },
    el("h2", {}, device.label ?? t("devices.unnamed"), here && el("span", { class: "soft small" }, ` ${t("devices.this")}`)),
    statusMark(PICTURES[device.state], t(`devices.state_${device.state}`)),
    el(
      "dl",
      { class: "facts" },
      fact("licence.instance_number", device.instance_number),
      fact("devices.issued", dayAndTime(device.issued_at)),
      device.last_contact_at && fact("devices.contact", dayAndTime(device.last_contact_at)),
      device.last_used_at && fact("devices.used", dayAndTime(device.last_used_at)),
      device.frozen_at && fact("devices.frozen_since", dayAndTime(device.frozen_at)),
      device.ended_at && fact("devices.ended_since", dayAndTime(device.ended_at)),
    ),
    device.state !== "ended" && ask,
    said,
  );
}

/**
 * @param {MessageKey} key
 * @param {string} value
 */
function fact(key, value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", {}, value));
}

function freshSignIn() {
  const href = signInAddress({ fresh: true, to: "/#devices" });
  return el("a", { class: "button button-primary", href }, t("claim.sign_in_again"));
}

/** Whether the browser has promised to keep what is stored, asked again where it has not. */
async function keeping() {
  const promised = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const place = el("section", { class: "panel stack" }, el("h2", {}, t("keeping.title")));
  const draw = (/** @type {boolean} */ kept) => {
    const ask = button("keeping.ask", () => {
      void navigator.storage?.persist?.().then((now) => {
        draw(now);
        announce(t(now ? "keeping.promised" : "keeping.not_promised"));
      });
    });
    place.replaceChildren(
      el("h2", {}, t("keeping.title")),
      kept
        ? statusMark({ tone: "good", shape: "circle", sign: "tick" }, t("keeping.promised"))
        : statusMark({ tone: "unsure", shape: "diamond", sign: "bang" }, t("keeping.not_promised")),
      ...(kept ? [] : [el("p", { class: "small soft" }, t("keeping.lost")), ask]),
    );
  };
  draw(promised);
  return place;
}
