// The licence on this device: the card, how fresh it is, and the way to show it.

import { announce } from "../shared/announce.js";
import { call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { moment } from "../shared/moment.js";
import { notice, statusMark } from "../shared/notice.js";
import { signInAddress } from "../shared/page.js";
import { statusPicture } from "../shared/status-picture.js";
import { wayToPhoto } from "./claim.js";
import { LicenceCard } from "./licence-card.js";
import { countUnread } from "./unread.js";
import { unvouchedPlace } from "./unvouched.js";

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
  const view = { whole: false, turned: false, paused: false };
  const card = new LicenceCard();
  const confirmed = el("div", { class: "confirmed" });
  const unvouched = unvouchedPlace(context);
  const unread = unreadBadge();

  const draw = () => {
    const { licence, instance } = latest.answer;
    const issuedAt = instance?.issued_at ?? null;
    card.show({ licence, photo: latest.photo, issuedAt, generatedAt, pointsAt: latest.confirmedAt, ...view });
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

  const pause = switchButton("pause", () => {
    view.paused = !view.paused;
    return { pressed: view.paused, key: view.paused ? "home.resume" : "home.pause" };
  });

  draw();
  void unread.ask(latest);
  const ticking = setInterval(() => {
    if (!view.paused) card.tick(latest.clock.now());
  }, 1000);
  const element = el(
    "section",
    { class: "home" },
    el("h1", { class: "unseen" }, t("home.title")),
    el(
      "div",
      { class: "home-card stack" },
      context.claimedNow && notice("good", el("p", {}, t("claim.kept"))),
      confirmed,
      unvouched.element,
      card,
      el("div", { class: "row home-switches" }, turn, reveal, pause),
    ),
    el("div", { class: "show-place" }, showLink(context)),
    el(
      "div",
      { class: "home-more stack" },
      el("p", { class: "soft small" }, t("home.visual_only")),
      forceOfLaw(),
      ...WAYS.map(([href, sign, key]) => wayTo(href, sign, key, href === "#notices" ? unread.element : null)),
      wayToPhoto(),
      wayTo("#delete", "bin", "delete.title"),
    ),
  );
  return {
    element,
    update(next) {
      tellChange(latest, next);
      const changed = factsOf(latest) !== factsOf(next);
      latest = next;
      draw();
      unvouched.update(next);
      void unread.ask(latest, { changed });
    },
    close: () => clearInterval(ticking),
  };
}

/** Where the rest is, in the order in which it is needed. */
const WAYS = /** @type {const} */ ([
  ["#notices", "bell", "notices.title"],
  ["#accesses", "list", "accesses.title"],
  ["#devices", "phone", "devices.title"],
  ["#backup", "printer", "backup.title"],
  ["#refused", "flag", "refused.title"],
  ["#paper", "paper", "paper.title"],
  ["#passkeys", "key", "passkeys.title"],
]);

/** The article that gives the code its force, in letters that are read across a car's window. */
export function forceOfLaw() {
  return el(
    "section",
    { class: "panel law", "aria-label": t("law.label") },
    el("p", { class: "law-says" }, t("law.says")),
    el("p", { class: "law-source" }, t("law.source")),
  );
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

/** How each button reads before it was pressed. */
const SWITCHES = /** @type {const} */ ({ flip: "home.turn", eye: "home.show_number", pause: "home.pause" });

/**
 * A button that stays pressed; `press` says how it reads afterwards.
 *
 * @param {keyof typeof SWITCHES} sign
 * @param {() => { pressed: boolean, key: import("../shared/i18n.js").MessageKey }} press
 */
function switchButton(sign, press) {
  const words = el("span", {}, t(SWITCHES[sign]));
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
 * @param {Parameters<typeof icon>[0]} sign
 * @param {import("../shared/i18n.js").MessageKey} key
 * @param {HTMLElement | null} [more]  that is said of it
 */
export function wayTo(href, sign, key, more = null) {
  return el("a", { class: "button button-wide way", href }, icon(sign), el("span", {}, t(key)), more, icon("next"));
}

/** How often notices are asked for while nothing else changes: some come with a day. */
const ASK_NOTICES_EVERY = 300_000;
const ASK_NOTICES_AGAIN = 30_000;

/** How many notices were not seen yet: a figure for the eye, and words for who hears the page. */
function unreadBadge() {
  const element = el("span", { class: "unread", hidden: true });
  let askedAt = -Infinity;
  return {
    element,
    /** @param {Context} context @param {{ changed?: boolean }} [options] */
    async ask({ signedIn, problem }, { changed = false } = {}) {
      if (signedIn !== true || problem !== null) return;
      if (!changed && performance.now() - askedAt < ASK_NOTICES_EVERY) return;
      askedAt = performance.now();
      try {
        const { notices } = await call("/wallet/notices");
        const count = await countUnread(notices);
        element.hidden = count === 0;
        element.replaceChildren(
          el("span", { "aria-hidden": "true" }, count),
          el("span", { class: "unseen" }, t(count === 1 ? "notices.unread_one" : "notices.unread", { count })),
        );
      } catch {
        askedAt += ASK_NOTICES_AGAIN - ASK_NOTICES_EVERY;
      }
    },
  };
}

/** @param {Context} context */
function factsOf({ answer: { licence } }) {
  return JSON.stringify({ ...licence, confirmed_at: "" });
}

/**
 * How fresh the card is, in words: just confirmed, or when it was and why not now.
 *
 * @param {HTMLElement} place
 * @param {Context} context
 */
function drawFreshness(place, context) {
  const { problem, signedIn, fresh, confirmedAt, clock } = context;
  if (problem !== null) {
    tellOutOfReach(place, context);
    return;
  }
  const time = moment(confirmedAt, clock.now());
  if (signedIn === false) {
    const link = el("a", { class: "button", href: signInAddress() }, t("welcome.sign_in"));
    tellOnce(place, "out", notice("info", el("p", {}, t("home.signed_out", { time })), el("div", { class: "row" }, link)));
    return;
  }
  place.replaceChildren(
    fresh
      ? statusMark({ tone: "good", shape: "circle", sign: "tick" }, t("home.confirmed", { time }))
      : statusMark({ tone: "notice", shape: "circle", sign: "info" }, t("home.kept", { time })),
  );
}

/**
 * Say once that the register is out of reach, since when, and why.
 *
 * @param {HTMLElement} place
 * @param {Context} context
 */
export function tellOutOfReach(place, { problem, since, confirmedAt, clock }) {
  if (problem === null) return;
  const now = clock.now();
  const times = { since: moment(since ?? now, now), time: moment(confirmedAt, now) };
  const sentence = t("home.offline", times);
  const said = tellOnce(
    place,
    `offline ${problem.code}`,
    notice("warn", el("p", {}, sentence), el("p", { class: "small" }, pick(problem))),
  );
  if (said) announce(sentence);
}

/**
 * Put a notice up unless it is up already, so that a reader keeps the place.
 *
 * @param {HTMLElement} place
 * @param {string} what
 * @param {HTMLElement} content
 * @returns {boolean} whether it is new
 */
function tellOnce(place, what, content) {
  if (place.firstElementChild?.getAttribute("data-what") === what) return false;
  content.setAttribute("data-what", what);
  place.replaceChildren(content);
  return true;
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
