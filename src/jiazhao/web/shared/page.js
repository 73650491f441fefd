// The frame around every page: specimen banner, name, who is signed in, language, sign-out.

import { call } from "./api.js";
import { byId, el } from "./dom.js";
import { chooseLanguage, language, pick, t } from "./i18n.js";
import { icon, mark } from "./icons.js";

/** @typedef {import("./answers.js").Session} Session */
/** @typedef {import("./i18n.js").MessageKey} MessageKey */
/** @typedef {{ href: string, key: MessageKey, current: boolean, more?: boolean }} NavLink  `more`: on a phone it lies behind a button */
/** @typedef {Pick<Session, "signed_in" | "name" | "banner">} Framed */

/**
 * Draw the frame anew; the main part is left alone.
 *
 * @param {object} frame
 * @param {MessageKey} frame.nameKey
 * @param {MessageKey} frame.footKey
 * @param {Framed | null} frame.session
 * @param {NavLink[]} [frame.links]
 * @param {() => Promise<void>} [frame.leaving]  done before the sign-out
 */
export function drawFrame({ nameKey, footKey, session, links = [], leaving }) {
  framed = session;
  drawBanner();
  const signedIn = session?.signed_in === true;
  byId("top").replaceChildren(
    el(
      "a",
      { class: "top-name", href: "#" },
      mark(),
      t(nameKey),
    ),
    ...(signedIn && links.length > 0 ? [navigation(links)] : []),
    ...(signedIn && session.name ? [el("span", { class: "top-person" }, session.name)] : []),
    languageButton(),
    ...(signedIn ? [signOutButton(leaving)] : []),
  );
  byId("foot").textContent = t(footKey);
  byId("skip").textContent = t("page.skip");
  byId("skip").onclick = skipToMain;
}

/** Where the browser goes to sign in; a fresh one is asked for by the service when needed.
 *
 * @param {{ fresh?: boolean, to?: string }} [options]  `to` is where it comes back to
 */
export function signInAddress({ fresh = false, to = "/" } = {}) {
  return `/sign-in?return=${encodeURI(to).replaceAll("#", "%23")}${fresh ? "&fresh=1" : ""}`;
}

/**
 * Put a screen into the main part, name it in the window's title and move the focus there.
 *
 * @param {HTMLElement} screen
 * @param {{ nameKey: MessageKey, focus: boolean }} options
 */
export function putScreen(screen, { nameKey, focus }) {
  byId("main").replaceChildren(screen);
  const heading = screen.querySelector("h1");
  const title = heading?.textContent ?? "";
  document.title = title === t(nameKey) ? title : `${title} · ${t(nameKey)}`;
  if (!focus) return;
  window.scrollTo(0, 0);
  if (screen.contains(document.activeElement)) return;
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

/**
 * Where what had the focus has gone, go on from the screen's heading and not from the very
 * beginning of the page.
 */
export function keepPlace() {
  if (document.activeElement !== document.body) return;
  const heading = byId("main").querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

/** By focus and not by address: the part after `#` names the screen. @param {Event} event */
function skipToMain(event) {
  event.preventDefault();
  byId("main").focus();
}

/** @type {Framed | null} */
let framed = null;
/** @type {(() => Node) | null} */
let said = null;

function drawBanner() {
  const banner = framed?.banner ? [el("p", { class: "banner" }, pick(framed.banner))] : [];
  byId("banner").replaceChildren(...banner, ...newerVersion(), ...(said === null ? [] : [said()]));
}

/**
 * Say something above whatever screen is up, which stays as it is; null takes it back.
 *
 * @param {(() => Node) | null} saying  makes it, in the language of the moment
 */
export function sayAbove(saying) {
  said = saying;
  drawBanner();
}

/** @type {(() => void) | null} how a newer version of the page is taken */
let take = null;

/**
 * Say that a newer version of the page is there; the reader chooses when it is taken.
 *
 * @param {() => void} taking
 */
export function offerNewerVersion(taking) {
  take = taking;
  drawBanner();
}

function newerVersion() {
  if (take === null) return [];
  const button = el("button", { class: "button", type: "button", onclick: take }, t("page.newer_take"));
  return [el("p", { class: "newer" }, t("page.newer"), " ", button)];
}

/** @param {NavLink[]} links */
function navigation(links) {
  const seldom = links.filter(({ more }) => more);
  return el(
    "nav",
    { class: "top-nav", "aria-label": t("page.nav") },
    ...links.filter(({ more }) => !more).map(wayThere),
    ...(seldom.length > 0 ? [moreLinks(seldom)] : []),
  );
}

/** @param {NavLink} link */
function wayThere({ href, key, current }) {
  return el("a", { href, "aria-current": current ? "page" : null }, t(key));
}

/**
 * Links behind a button, for which a phone has no room in the line; a wider page shows them in it.
 * Escape closes them, and so does going elsewhere.
 *
 * @param {NavLink[]} links
 */
function moreLinks(links) {
  const list = el("div", { class: "top-more-list", id: "more", hidden: true }, ...links.map(wayThere));
  const open = (/** @type {boolean} */ is) => {
    list.hidden = !is;
    button.setAttribute("aria-expanded", String(is));
  };
  const button = el(
    "button",
    {
      class: links.some(({ current }) => current) ? "top-more-button current" : "top-more-button",
      type: "button",
      "aria-expanded": "false",
      "aria-controls": "more",
      onclick: () => open(list.hidden),
    },
    t("page.more"),
    icon("next"),
  );
  const place = el(
    "div",
    {
      class: "top-more",
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Escape" || list.hidden) return;
        open(false);
        button.focus();
      },
      onfocusout: (/** @type {FocusEvent} */ { relatedTarget }) => {
        // Some browsers focus nothing that is clicked: then there is nowhere to have gone.
        if (relatedTarget instanceof Node && !place.contains(relatedTarget)) open(false);
      },
    },
    button,
    list,
  );
  return place;
}

function languageButton() {
  const other = language() === "zh" ? "en" : "zh";
  return el(
    "button",
    {
      class: "button button-plain",
      type: "button",
      lang: other === "en" ? "en" : "zh-CN",
      id: "language",
      onclick: () => {
        chooseLanguage(other);
        byId("language").focus();
      },
    },
    other === "en" ? "English" : "中文",
  );
}

/** @param {(() => Promise<void>) | undefined} leaving */
function signOutButton(leaving) {
  return el(
    "button",
    {
      class: "button button-plain",
      type: "button",
      onclick: async () => {
        await leaving?.();
        await call("/sign-out", { json: {} }).catch(() => null);
        // Loading the page anew shows what the server holds to be true, whatever it answered.
        location.assign("/");
      },
    },
    t("page.sign_out"),
  );
}
