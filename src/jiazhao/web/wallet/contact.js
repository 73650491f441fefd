// Contacts: this device comes to the service by itself, proven by its key and without anybody
// signed in. It brings the number of its last contact and a counter, by which two copies of one
// profile notice each other; it takes home the day keys of the next days, a time beacon, and
// whether the licence may still be shown here.
//
// A contact whose answer was lost is made again under its old name and number, with a new
// counter: only an answer ends it. One tab at a time makes one.

import { Problem, call } from "../shared/api.js";
import { fromBase64url } from "../shared/base64url.js";
import { jwt, newName, proofKey } from "./jwt.js";
import { change } from "./vault.js";

const TYPE = "jiazhao-contact+jwt";
const LONGEST_LABEL = 64;

/** @typedef {import("./vault.js").Contact} Contact */
/** @typedef {import("./vault.js").KeptInstance} KeptInstance */

/**
 * @typedef {object} ContactAnswer  of POST /wallet/contacts
 * @property {string} server_time
 * @property {number} n
 * @property {"live" | "frozen" | "ended"} state
 * @property {boolean} renew
 * @property {{ day: number, point: string }[]} day_keys
 * @property {string | null} beacon
 */

/**
 * Make contact and keep what it brought.
 *
 * @param {string} deviceKey
 * @param {import("../shared/clock.js").RegisterClock} clock
 * @returns {Promise<{ kept: KeptInstance, renew: boolean }>}
 */
export async function makeContact(deviceKey, clock) {
  if (!navigator.locks) return contact(deviceKey, clock);
  return navigator.locks.request("jiazhao-contact", () => contact(deviceKey, clock));
}

/**
 * @param {string} deviceKey
 * @param {import("../shared/clock.js").RegisterClock} clock
 */
async function contact(deviceKey, clock) {
  try {
    return await once(deviceKey, clock);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const state = STATES[error.code];
    if (state !== undefined) return { kept: await stopped(deviceKey, state, clock.now()), renew: false };
    if (error.code === "contact_repeated") {
      // An old message came late: what was pending is over, and another begins.
      await change(deviceKey, (kept) => ({ ...kept, pending: null }));
      return once(deviceKey, clock);
    }
    // A proof of a clock that runs wrong; the answer has told the time.
    if (error.code === "contact_refused") return once(deviceKey, clock);
    throw error;
  }
}

/** What is no use to be tried again. @type {Record<string, Contact["state"] | undefined>} */
const STATES = { wallet_copied: "copied", device_not_known: "ended" };

/**
 * @param {string} deviceKey
 * @param {import("../shared/clock.js").RegisterClock} clock
 */
async function once(deviceKey, clock) {
  const asked = await change(deviceKey, (kept) => ({
    ...kept,
    counter: kept.counter + 1,
    pending: kept.pending ?? { jti: newName(), n: kept.contact?.n ?? 0 },
  }));
  const { jti, n } = asked.pending ?? { jti: "", n: 0 };
  const proof = await jwt(await proofKey(asked.keyPair), TYPE, {
    aud: location.origin,
    iat: Math.floor(clock.now() / 1000),
    jti,
    n,
    counter: asked.counter,
    label: deviceLabel(),
  });
  const sentAt = Date.now();
  /** @type {ContactAnswer} */
  const answer = await call("/wallet/contacts", {
    json: { proof },
    heard: (headers) => clock.learn(headers.get("date") ?? "", sentAt, Date.now()),
  });
  clock.learn(answer.server_time, sentAt, Date.now());
  const kept = await change(deviceKey, (before) => ({ ...before, pending: null, contact: taken(answer, clock.now()) }));
  return { kept, renew: answer.renew };
}

/**
 * @param {ContactAnswer} answer
 * @param {number} at
 * @returns {Contact}
 */
function taken({ n, state, day_keys: dayKeys, beacon }, at) {
  return {
    n,
    state,
    at,
    dayKeys: dayKeys.map(({ day, point }) => ({ day, point: fromBase64url(point) })),
    beacon: beacon === null ? null : fromBase64url(beacon),
  };
}

/**
 * A device that may not show the licence any more keeps nothing to show it with.
 *
 * @param {string} deviceKey
 * @param {Contact["state"]} state
 * @param {number} at
 */
function stopped(deviceKey, state, at) {
  return change(deviceKey, (kept) => ({
    ...kept,
    pending: null,
    contact: { n: kept.contact?.n ?? 0, state, at, dayKeys: [], beacon: null },
  }));
}

/** How this device is named in the holder's list of devices: the browser and the system. */
function deviceLabel() {
  const data = /** @type {any} */ (navigator).userAgentData;
  const brand = data?.brands?.find((/** @type {any} */ one) => !/not.?a.?brand|chromium/i.test(one.brand))?.brand;
  const browser = brand ?? BROWSERS.find((name) => navigator.userAgent.includes(name)) ?? "Browser";
  const system = data?.platform || SYSTEMS.find((name) => navigator.userAgent.includes(name)) || "";
  return [browser, system].filter(Boolean).join(" · ").slice(0, LONGEST_LABEL);
}

const BROWSERS = ["MicroMessenger", "MQQBrowser", "UCBrowser", "Edg", "Firefox", "Chrome", "Safari"];
const SYSTEMS = ["HarmonyOS", "Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];
