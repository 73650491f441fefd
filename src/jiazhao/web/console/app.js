// The authority's console: who is signed in, and which screen is up. Each screen belongs to the
// roles that have its doors; own passkeys belong to everybody.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { onLanguageChange, startLanguage, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, putScreen, signInAddress } from "../shared/page.js";
import { secondFactorScreen } from "../shared/second-factor.js";
import { photosScreen } from "./photos.js";
import { recoveriesScreen } from "./recoveries.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */
/** @typedef {{ element: HTMLElement, close?: () => void }} Screen */
/** @typedef {{ sessionEnded: () => void, roles: string[] }} Console */
/** @typedef {{ href: string, key: MessageKey, roles: string[], make: (console: Console) => Screen }} Route */

const STAFF = ["clerk", "registrar", "security_administrator", "auditor"];

/** @type {Route[]} */
const SCREENS = [
  { href: "#photos", key: "console.photos", roles: ["registrar"], make: photosScreen },
  { href: "#recoveries", key: "console.recoveries", roles: STAFF, make: recoveriesScreen },
  { href: "#passkeys", key: "terminal.passkeys", roles: STAFF, make: () => passkeysScreen({ staff: true }) },
];

/** @type {Session | null} */
let session = null;
/** @type {Screen | null} */
let screen = null;
let ended = false;

async function start() {
  try {
    session = await call("/session");
  } catch (error) {
    put({ element: unreached(asProblem(error)) }, { focus: false });
    return;
  }
  draw({ focus: false });
}

/** @param {{ focus: boolean }} options */
function draw({ focus }) {
  const open = allowed();
  const route = open.find(({ href }) => href === location.hash) ?? open[0];
  drawFrame({
    nameKey: "console.name",
    footKey: "console.foot",
    session,
    links: open.map(({ href, key }) => ({ href, key, current: href === route?.href })),
  });
  put(route ? route.make({ sessionEnded, roles: session?.roles ?? [] }) : outside(), { focus });
}

function allowed() {
  const roles = session?.signed_in ? session.roles : [];
  return SCREENS.filter((one) => one.roles.some((role) => roles.includes(role)));
}

/**
 * @param {Screen} next
 * @param {{ focus: boolean }} options
 */
function put(next, { focus }) {
  screen?.close?.();
  screen = next;
  putScreen(next.element, { nameKey: "console.name", focus });
}

function sessionEnded() {
  if (session) session = { ...session, signed_in: false };
  ended = true;
  draw({ focus: true });
}

/** What a person sees who has not, or not yet, the doors of staff. @returns {Screen} */
function outside() {
  const lacking = session?.second_factor ?? "not_needed";
  if (session?.signed_in && lacking !== "not_needed" && lacking !== "done") {
    return secondFactorScreen(lacking, () => void start());
  }
  return { element: turnedAway() };
}

/** Not signed in, or without a role here. */
function turnedAway() {
  const signedIn = session?.signed_in === true;
  return el(
    "section",
    { class: "stack turned-away" },
    el("h1", {}, t("console.name")),
    signedIn
      ? notice("warn", el("p", {}, t("console.staff_only")))
      : el("p", { class: "lead" }, t(ended ? "welcome.ended" : "console.lead")),
    !signedIn &&
      el(
        "a",
        { class: "button button-primary button-large", href: signInAddress() },
        icon("key"),
        t("welcome.sign_in"),
      ),
  );
}

/** @param {import("../shared/api.js").Problem} problem */
function unreached(problem) {
  return el(
    "section",
    { class: "stack turned-away" },
    el("h1", {}, t("console.name")),
    problemNotice(problem, button("problem.retry", () => void start())),
  );
}

startLanguage();
onLanguageChange(() => (session ? draw({ focus: false }) : void start()));
window.addEventListener("hashchange", () => draw({ focus: true }));
void start();
