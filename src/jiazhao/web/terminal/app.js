// The officer's terminal: who is signed in, and which screen is up.

import { asProblem, call } from "../shared/api.js";
import { RegisterClock } from "../shared/clock.js";
import { el } from "../shared/dom.js";
import { onLanguageChange, startLanguage, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, putScreen, signInAddress } from "../shared/page.js";
import { secondFactorScreen } from "../shared/second-factor.js";
import { checkScreen } from "./check.js";
import { lookupScreen } from "./lookup.js";
import { myChecksScreen } from "./my-checks.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/page.js").NavLink} NavLink */
/** @typedef {{ clock: RegisterClock, sessionEnded: () => void }} Terminal */
/** @typedef {{ element: HTMLElement, close?: () => void }} Screen */

const ROLE = "officer";

const SCREENS = /** @type {const} */ ([
  { href: "#", key: "terminal.check", make: checkScreen },
  { href: "#lookup", key: "terminal.lookup", make: lookupScreen },
  { href: "#mine", key: "terminal.mine", make: myChecksScreen },
  { href: "#passkeys", key: "terminal.passkeys", make: () => passkeysScreen({ staff: true }) },
]);

const clock = new RegisterClock();
/** @type {Session | null} */
let session = null;
/** @type {Screen | null} */
let screen = null;
let ended = false;

async function start() {
  const sentAt = Date.now();
  try {
    /** @type {Session} */
    const answer = await call("/session");
    clock.learn(answer.server_time, sentAt, Date.now());
    session = answer;
  } catch (error) {
    put({ element: unreached(asProblem(error)) }, { focus: false });
    return;
  }
  draw({ focus: false });
}

/** @param {{ focus: boolean }} options */
function draw({ focus }) {
  const route = SCREENS.find(({ href }) => href === location.hash) ?? SCREENS[0];
  drawFrame({
    nameKey: "terminal.name",
    footKey: "terminal.foot",
    session,
    links: allowed()
      ? SCREENS.map(({ href, key }) => ({ href, key, current: href === route.href }))
      : [],
  });
  put(allowed() ? route.make({ clock, sessionEnded }) : outside(), { focus });
}

function allowed() {
  return session?.signed_in === true && session.roles.includes(ROLE);
}

/**
 * @param {Screen} next
 * @param {{ focus: boolean }} options
 */
function put(next, { focus }) {
  screen?.close?.();
  screen = next;
  putScreen(next.element, { nameKey: "terminal.name", focus });
}

function sessionEnded() {
  if (session) session = { ...session, signed_in: false };
  ended = true;
  draw({ focus: true });
}

/** What a person sees who has not, or not yet, an officer's doors. @returns {Screen} */
function outside() {
  const lacking = session?.second_factor ?? "not_needed";
  if (session?.signed_in && lacking !== "not_needed" && lacking !== "done") {
    return secondFactorScreen(lacking, () => void start());
  }
  return { element: turnedAway() };
}

/** Not signed in, or not an officer. */
function turnedAway() {
  const signedIn = session?.signed_in === true;
  return el(
    "section",
    { class: "stack turned-away" },
    el("h1", {}, t("terminal.name")),
    signedIn
      ? notice("warn", el("p", {}, t("terminal.officers_only")))
      : el("p", { class: "lead" }, t(ended ? "welcome.ended" : "terminal.lead")),
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
    el("h1", {}, t("terminal.name")),
    problemNotice(problem, button("problem.retry", () => void start())),
  );
}

startLanguage();
onLanguageChange(() => (session ? draw({ focus: false }) : void start()));
window.addEventListener("hashchange", () => draw({ focus: true }));
void start();
