// The officer's terminal: who is signed in, and which screen is up.

import { asProblem, call } from "../shared/api.js";
import { RegisterClock } from "../shared/clock.js";
import { onLanguageChange, startLanguage } from "../shared/i18n.js";
import { keepInstalled } from "../shared/installed.js";
import { outside, unreached } from "../shared/outside.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, offerNewerVersion, putScreen } from "../shared/page.js";
import { checkScreen } from "./check.js";
import { lookupScreen } from "./lookup.js";
import { myChecksScreen } from "./my-checks.js";
import { openShift } from "./shift.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/page.js").NavLink} NavLink */
/** @typedef {{ clock: RegisterClock, sessionEnded: () => void }} Terminal */
/** @typedef {{ element: HTMLElement, close?: () => void }} Screen */

/** @type {import("../shared/outside.js").Words} */
const WORDS = { name: "terminal.name", lead: "terminal.lead", refused: "terminal.officers_only" };

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

const again = () => void start();

async function start() {
  const sentAt = Date.now();
  try {
    /** @type {Session} */
    const answer = await call("/session");
    clock.learn(answer.server_time, sentAt, Date.now());
    session = answer;
    if (allowed() && answer.environment === "demo") await openShift(clock);
  } catch (error) {
    put(unreached(asProblem(error), WORDS, again), { focus: false });
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
  put(allowed() ? route.make({ clock, sessionEnded }) : outside(session, WORDS, { ended, again }), { focus });
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

startLanguage();
onLanguageChange(() => (session ? draw({ focus: false }) : again()));
window.addEventListener("hashchange", () => draw({ focus: true }));
again();
void keepInstalled(offerNewerVersion);
