// The authority's console: who is signed in, and which screen is up. Each screen belongs to the
// roles that have its doors; own passkeys belong to everybody.

import { asProblem, call } from "../shared/api.js";
import { onLanguageChange, startLanguage } from "../shared/i18n.js";
import { outside, unreached } from "../shared/outside.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, putScreen } from "../shared/page.js";
import { looksScreen } from "./looks.js";
import { objectionsScreen } from "./objections.js";
import { photosScreen } from "./photos.js";
import { recoveriesScreen } from "./recoveries.js";
import { refusalsScreen } from "./refusals.js";
import { terminalsScreen } from "./terminals.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */
/** @typedef {{ element: HTMLElement, close?: () => void }} Screen */
/** @typedef {{ sessionEnded: () => void, roles: string[] }} Console */
/** @typedef {{ href: string, key: MessageKey, roles: string[], make: (console: Console) => Screen }} Route */

/** @type {import("../shared/outside.js").Words} */
const WORDS = { name: "console.name", lead: "console.lead", refused: "console.staff_only" };

const STAFF = ["clerk", "registrar", "security_administrator", "auditor"];

/** @type {Route[]} */
const SCREENS = [
  { href: "#photos", key: "console.photos", roles: ["registrar"], make: photosScreen },
  { href: "#objections", key: "console.objections", roles: ["registrar"], make: objectionsScreen },
  { href: "#refusals", key: "console.refusals", roles: ["registrar", "auditor"], make: refusalsScreen },
  { href: "#recoveries", key: "console.recoveries", roles: STAFF, make: recoveriesScreen },
  { href: "#terminals", key: "console.terminals", roles: ["security_administrator"], make: terminalsScreen },
  { href: "#looks", key: "console.looks", roles: ["auditor"], make: looksScreen },
  { href: "#passkeys", key: "terminal.passkeys", roles: STAFF, make: () => passkeysScreen({ staff: true }) },
];

/** @type {Session | null} */
let session = null;
/** @type {Screen | null} */
let screen = null;
let ended = false;

const again = () => void start();

async function start() {
  try {
    session = await call("/session");
  } catch (error) {
    put(unreached(asProblem(error), WORDS, again), { focus: false });
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
  put(route ? route.make({ sessionEnded, roles: session?.roles ?? [] }) : outside(session, WORDS, { ended, again }), { focus });
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

startLanguage();
onLanguageChange(() => (session ? draw({ focus: false }) : again()));
window.addEventListener("hashchange", () => draw({ focus: true }));
again();
