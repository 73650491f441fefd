// The licence on this device: the card, how fresh it is, and the way to show it.

import { announce } from "../shared/announce.js";
import { el } from "../shared/dom.js";
import { clockTime, pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { notice, statusMark } from "../shared/notice.js";
import { statusPicture } from "../shared/status-picture.js";
import { wayToPhoto } from "./claim.js";
import { LicenceCard } from "./licence-card.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./app.js").Screen} Screen */

/**
 * @param {Context} context
 * @returns {Screen}
 */
export function homeScreen(context) {
  if (context.answer.licence.qr_colour === "hidden") return hiddenScreen(context);
  let latest = context;
  const generatedAt = context.clock.now();
  const view = { whole: false, turned: false };
  const card = new LicenceCard();
  const confirmed = el("div", { class: "confirmed" });

  const draw = () => {
    const { licence, instance } = latest.answer;
    const issuedAt = instance?.issued_at ?? null;
    card.show({ licence, photo: latest.photo, issuedAt, generatedAt, ...view });
    drawFreshness(confirmed, latest);
  };
  const turn = switchButton("flip", () => {
    view.turned = !view.turned;
    draw();
    return { pressed: view.turned, key: view.turned ? "home.turn_back" : "home.turn" };
  });
  const reveal = switchButton("eye", () => {
    view.whole = !view.whole;
    draw();
    return { pressed: view.whole, key: view.whole ? "home.hide_number" : "home.show_number" };
  });

  draw();
  const ticking = setInterval(() => card.tick(latest.clock.now()), 1000);
  const element = el(
    "section",
    { class: "home" },
    el("h1", { class: "unseen" }, t("home.title")),
    el(
      "div",
      { class: "home-card stack" },
      context.claimedNow && notice("good", el("p", {}, t("claim.kept"))),
      confirmed,
      card,
      el("div", { class: "row home-switches" }, turn, reveal),
    ),
    el("div", { class: "show-place" }, showLink(context)),
    el(
      "div",
      { class: "home-more stack" },
      el("p", { class: "soft small" }, t("home.visual_only")),
      wayTo("#accesses", "list", "accesses.title"),
      wayTo("#passkeys", "key", "passkeys.title"),
      wayToPhoto(),
      el("p", { class: "soft small" }, t("home.paper")),
    ),
  );
  return {
    element,
    update(next) {
      tellChange(latest, next);
      latest = next;
      draw();
    },
    close: () => clearInterval(ticking),
  };
}

/** A revoked or cancelled licence is no longer displayed. @param {Context} context @returns {Screen} */
function hiddenScreen({ answer: { licence } }) {
  return {
    element: el(
      "section",
      { class: "stack claim" },
      el("h1", {}, t("home.hidden_title")),
      statusMark(statusPicture(licence), pick(licence.display_status)),
      notice("bad", el("p", {}, t("home.hidden"))),
      wayTo("#accesses", "list", "accesses.title"),
      wayTo("#passkeys", "key", "passkeys.title"),
    ),
  };
}

/**
 * A button that stays pressed; `press` says how it reads afterwards.
 *
 * @param {"flip" | "eye"} sign
 * @param {() => { pressed: boolean, key: import("../shared/i18n.js").MessageKey }} press
 */
function switchButton(sign, press) {
  const words = el("span", {}, t(sign === "flip" ? "home.turn" : "home.show_number"));
  const element = el("button", { class: "button button-plain", type: "button" }, icon(sign), words);
  element.addEventListener("click", () => {
    words.textContent = t(press().key);
  });
  return element;
}

/** @param {Context} context */
function showLink({ answer: { licence } }) {
  if (licence.qr_colour === "invalid") return notice("bad", el("p", {}, t("show.invalid")));
  return el(
    "a",
    { class: "button button-primary button-large button-wide", href: "#show" },
    icon("qr"),
    t("home.show"),
  );
}

/**
 * @param {string} href
 * @param {"list" | "key"} sign
 * @param {"accesses.title" | "passkeys.title"} key
 */
function wayTo(href, sign, key) {
  return el("a", { class: "button button-wide way", href }, icon(sign), el("span", {}, t(key)), icon("next"));
}

/**
 * How fresh the card is, in words: just confirmed, or since when the register is out of reach.
 *
 * @param {HTMLElement} place
 * @param {Context} context
 */
function drawFreshness(place, context) {
  if (context.problem === null) {
    const picture = /** @type {const} */ ({ tone: "good", shape: "circle", sign: "tick" });
    const time = clockTime(context.confirmedAt);
    place.replaceChildren(statusMark(picture, t("home.confirmed", { time })));
    return;
  }
  tellOutOfReach(place, context.problem, context.confirmedAt);
}

/**
 * Say once that the register is out of reach, since when, and why.
 *
 * @param {HTMLElement} place
 * @param {import("../shared/api.js").Problem} problem
 * @param {number} confirmedAt  milliseconds by the register's clock
 */
export function tellOutOfReach(place, problem, confirmedAt) {
  if (place.querySelector(".notice")) return;
  const sentence = t("home.offline", { time: clockTime(confirmedAt) });
  announce(sentence);
  place.replaceChildren(
    notice("warn", el("p", {}, sentence), el("p", { class: "small" }, pick(problem))),
  );
}

/**
 * Say aloud what changed while the card was open.
 *
 * @param {Context} before
 * @param {Context} after
 */
function tellChange(before, after) {
  const was = before.answer.licence;
  const is = after.answer.licence;
  if (was.points !== is.points) {
    announce(t("home.points_changed", { points: is.points, full: is.full_score }));
  }
  if (was.display_status.code !== is.display_status.code) {
    announce(t("home.status_changed", { status: pick(is.display_status) }), { urgent: true });
  }
}
