// The authority's console: who is signed in, and the queue of photos that wait.

import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { onLanguageChange, startLanguage, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { drawFrame, putScreen, signInAddress } from "../shared/page.js";
import { photosScreen } from "./photos.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {{ element: HTMLElement, close?: () => void }} Screen */

const ROLE = "registrar";

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
  drawFrame({ nameKey: "console.name", footKey: "console.foot", session, links: [] });
  put(allowed() ? photosScreen({ sessionEnded }) : { element: turnedAway() }, { focus });
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
  putScreen(next.element, { nameKey: "console.name", focus });
}

function sessionEnded() {
  if (session) session = { ...session, signed_in: false };
  ended = true;
  draw({ focus: true });
}

/** Not signed in, or not a registrar. */
function turnedAway() {
  const signedIn = session?.signed_in === true;
  return el(
    "section",
    { class: "stack turned-away" },
    el("h1", {}, t("console.name")),
    signedIn
      ? notice("warn", el("p", {}, t("console.registrars_only")))
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
void start();
