// The wallet: first the licence as it was last confirmed, then what the register says now. The
// register tells by itself that something changed while the page is seen; where it cannot, it is
// asked every two seconds. Without a network, and after a session has ended, the licence stays on
// the screen with the time at which it was confirmed.

import { announce } from "../shared/announce.js";
import { Problem, asProblem, call, callForBlob } from "../shared/api.js";
import { RegisterClock } from "../shared/clock.js";
import { el } from "../shared/dom.js";
import { onLanguageChange, startLanguage, t } from "../shared/i18n.js";
import { keepInstalled } from "../shared/installed.js";
import { button, problemNotice } from "../shared/notice.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, offerNewerVersion, putScreen } from "../shared/page.js";
import { accessesScreen } from "./accesses.js";
import { backupScreen } from "./backup.js";
import { claimScreen } from "./claim.js";
import { collect } from "./collect.js";
import { makeContact } from "./contact.js";
import { deleteScreen, deletedScreen, onDeletion } from "./delete.js";
import { closeStores } from "./device-store.js";
import { devicesScreen } from "./devices.js";
import { homeScreen } from "./home.js";
import { keep, recall } from "./kept.js";
import { dataAddress, forgetLicence, keepLicence, recallLicence } from "./licence-kept.js";
import { Listening } from "./listening.js";
import { recallLock } from "./lock.js";
import { marked } from "./marker.js";
import { noticesScreen } from "./notices.js";
import { paperScreen } from "./paper.js";
import { photoScreen } from "./photo.js";
import { pinSection } from "./pin.js";
import { refill } from "./refill.js";
import { refusedScreen } from "./refused.js";
import { showScreen } from "./show.js";
import { signedOutScreen } from "./signed-out.js";
import { stageOf } from "./stage.js";
import { stopOf, stoppedScreen } from "./stopped.js";
import { holds, instancesOf } from "./vault.js";
import { isUnvouched } from "./vouching.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/answers.js").WalletAnswer} WalletAnswer */

/** How often the register is asked while the page is seen, and after it was not reached. */
const ASK_EVERY = 2000;
/** While the service says by itself that something changed: a service that hangs says nothing. */
const ASK_WHILE_LISTENING = 4000;
const ASK_AGAIN = 5000;

/** How often a device comes by itself while its page is open, and soonest again when needed. */
const CONTACT_EVERY = 3600_000;
const CONTACT_AGAIN = 30_000;

/** How old the kept licence may grow while nothing but its time changes, in milliseconds. */
const KEEP_EVERY = 30_000;

/** The device's clock is off by a kept amount; a smaller change is not worth a write. */
const CLOCK_CHANGE = 500;

/**
 * What a screen needs to know.
 *
 * @typedef {object} Context
 * @property {WalletAnswer} answer     the register's last answer
 * @property {import("./stage.js").Stage} stage
 * @property {import("./vault.js").KeptInstance | null} kept  the instance in force, if here
 * @property {string | null} photo     address of the photo
 * @property {Problem | null} problem  why the last question had no answer
 * @property {number | null} since     when the register was first out of reach, by its own clock
 * @property {number} confirmedAt      when the register last answered, by its own clock
 * @property {boolean} fresh           whether it has answered since the page was opened
 * @property {boolean | null} signedIn  null where that is not known
 * @property {RegisterClock} clock
 * @property {Problem | null} unvouched  why the issuer gives nothing new, where nobody vouches for this wallet
 * @property {() => Promise<void>} retry  ask the issuer again at once
 * @property {boolean} claimedNow      whether the claim has just been made
 * @property {(options?: { claimedNow?: boolean }) => Promise<void>} refresh
 * @property {() => Promise<void>} care  make contact and refill now
 * @property {import("./lock.js").Lock | null} locked  whether the screen is locked to the code
 * @property {(lock: import("./lock.js").Lock | null) => void} setLock
 * @property {(still: boolean) => void} holdStill  no screen is changed meanwhile
 */

/**
 * @typedef {object} Screen
 * @property {HTMLElement} element
 * @property {(context: Context) => void} [update]  called after each answer
 * @property {() => void} [close]
 */

/** Screens with an address of their own; these need nobody signed in.
 *
 * @type {Record<string, () => Screen>}
 */
const OPEN_PAGES = { "#paper": paperScreen, "#delete": deleteScreen };

/** @type {Record<string, (context: Context) => Screen>} */
const SIGNED_IN_PAGES = {
  "#accesses": accessesScreen,
  "#devices": devicesScreen,
  "#backup": backupScreen,
  "#notices": noticesScreen,
  "#refused": refusedScreen,
  "#passkeys": () => passkeysScreen({ instead: pinSection() }),
  "#photo": photoScreen,
};

class Wallet {
  /** @type {Session | null} */
  #session = null;
  /** @type {Context | null} */
  #context = null;
  /** @type {Problem | null} */
  #problem = null;
  /** @type {number | null} */
  #since = null;
  /** @type {Screen | null} */
  #screen = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #nextCare;
  #clock = new RegisterClock();
  #shown = "";
  #framed = "";
  #ended = false;
  #still = false;
  #asking = false;
  #deleted = false;
  #leaving = false;
  /** @type {import("./vault.js").KeptInstance[]} */
  #kept = [];
  /** @type {import("../shared/answers.js").Words | null} */
  #banner = null;
  #photo = { of: "", address: /** @type {string | null} */ (null) };
  #wiped = false;
  /** @type {import("./lock.js").Lock | null} */
  #locked = null;
  #tabs = new BroadcastChannel("jiazhao-lock");
  #caredAt = -Infinity;
  /** @type {Promise<void> | null} */
  #caring = null;
  /** @type {Problem | null} */
  #unvouched = null;
  #listening = new Listening(() => this.#hear(), () => void this.refresh());
  #heard = false;
  #lastKept = { at: -Infinity, said: "", offset: NaN };

  async start() {
    startLanguage();
    onLanguageChange(() => this.#draw({ anew: true }));
    window.addEventListener("hashchange", () => this.#draw());
    window.addEventListener("online", () => {
      void this.refresh();
      void this.#care();
    });
    window.addEventListener("offline", () => void this.refresh());
    setInterval(() => void this.#care(), CONTACT_EVERY);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#listening.want(false);
      else void this.refresh();
    });
    this.#tabs.addEventListener("message", ({ data }) => this.#lock(data));
    onDeletion((done) => this.#delete(done));
    await this.#recall();
    void this.#care();
    await this.refresh();
  }

  /** Put what was kept on the screen, before anybody is asked. */
  async #recall() {
    const [kept, offset, locked] = await Promise.all([recallLicence(), recall("clock").catch(() => null), recallLock()]);
    this.#locked = locked;
    if (typeof offset === "number") this.#clock.recall(offset);
    const held = marked();
    this.#wiped = held !== null && !(await holds(held).catch(() => true));
    if (kept === null) return;
    this.#banner = kept.banner;
    this.#photo = { of: kept.photoOf, address: kept.photo };
    this.#lastKept.said = said(kept.answer);
    await this.#take(kept.answer, { confirmedAt: kept.confirmedAt, fresh: false, claimedNow: false });
    if (this.#context?.stage !== "claimed") this.#context = null;
    else this.#draw();
  }

  /** Ask the register and draw what it says. @param {{ claimedNow?: boolean }} [options] */
  async refresh({ claimedNow = false } = {}) {
    if (this.#deleted) return;
    clearTimeout(this.#next);
    // A new copy is first seen whole, also where an old one was being shown.
    if (claimedNow) history.replaceState(null, "", location.pathname);
    if (!this.#asking && !this.#still) {
      this.#asking = true;
      await this.#ask(claimedNow);
      this.#asking = false;
      if (this.#deleted) return;
      this.#draw();
    }
    this.#listening.want(!document.hidden && this.#session?.signed_in === true);
    clearTimeout(this.#next);
    // What came while the register was being asked may not be in its answer.
    if (this.#heard && !this.#still && !this.#asking) {
      this.#next = setTimeout(() => void this.refresh());
      return;
    }
    const seldom = this.#listening.open ? ASK_WHILE_LISTENING : ASK_EVERY;
    const pause = this.#problem ? ASK_AGAIN : seldom;
    if (!document.hidden && this.#session?.signed_in !== false) {
      this.#next = setTimeout(() => void this.refresh(), pause);
    }
  }

  /** Something changed: a claim that waits may be decided, too. */
  #hear() {
    this.#heard = true;
    void this.refresh();
  }

  /** @param {boolean} claimedNow */
  async #ask(claimedNow) {
    const heard = this.#heard;
    this.#heard = false;
    try {
      if (this.#session?.signed_in !== true) await this.#askSession();
      if (this.#session?.signed_in) await this.#askLicence(claimedNow);
      const changed = await collect(this.#kept, this.#clock.now() / 1000, {
        atOnce: heard,
        told: (problem) => this.#tellUnvouched(problem),
      });
      if (changed === "kept") {
        history.replaceState(null, "", location.pathname);
        announce(t("claim.kept"));
      }
      if (changed !== "nothing") await this.#askLicence(changed === "kept");
      if (claimedNow || changed === "kept") void this.#care();
      this.#problem = null;
      this.#since = null;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) this.#endSession();
      else this.#problem = problem;
      this.#since ??= this.#clock.now();
    }
    if (this.#context) {
      const signedIn = this.#session?.signed_in ?? null;
      this.#context = { ...this.#context, problem: this.#problem, since: this.#since, signedIn };
    }
  }

  async #askSession() {
    /** @type {Session} */
    const session = await this.#timed("/session");
    this.#session = session;
    this.#banner = session.banner;
  }

  /** @param {boolean} claimedNow */
  async #askLicence(claimedNow) {
    /** @type {WalletAnswer} */
    const answer = await this.#timed("/wallet/licence");
    this.#photo = await this.#photoOf(`${answer.licence.archive_number} ${answer.instance?.issued_at ?? ""}`);
    await this.#take(answer, { confirmedAt: Date.parse(answer.licence.confirmed_at), fresh: true, claimedNow });
    await this.#keep();
    const kept = this.#context?.stage === "claimed" ? this.#context.kept : null;
    if (kept === null) return;
    // What the copies say no longer holds: a renewal, or a change of classes.
    const outdated = kept.facts !== undefined && kept.facts !== factsOf(answer);
    // Or nothing was kept to begin with, as after a sign-out.
    if (outdated || this.#caredAt === -Infinity) void this.#careAgain();
  }

  /** Make contact and refill, each time once: calls that overlap share one. */
  #care() {
    this.#caring ??= this.#contact()
      .then(
        () => {
          // A claim that waits is told of by who asks for it.
          if (this.#context?.stage === "claimed") this.#tellUnvouched(null);
        },
        (error) => {
          this.#tellUnvouched(asProblem(error));
          this.#careLater(); // what was kept serves on meanwhile
        },
      )
      .finally(() => {
        this.#caring = null;
      });
    return this.#caring;
  }

  /** The service was out of reach or too busy; a regained network is noticed besides. */
  #careLater() {
    clearTimeout(this.#nextCare);
    if (this.#deleted) return;
    // Without it nothing can be shown; but who vouches is not there again after seconds.
    const soon = !this.#context?.kept?.codePart && this.#unvouched === null;
    const pause = soon ? ASK_AGAIN : CONTACT_AGAIN;
    this.#nextCare = setTimeout(() => void this.#care(), pause);
  }

  /** Say why the issuer gives nothing new, or that it does. @param {Problem | null} problem */
  #tellUnvouched(problem) {
    const unvouched = problem !== null && isUnvouched(problem) ? problem : null;
    if (unvouched === this.#unvouched) return;
    this.#unvouched = unvouched;
    if (this.#context === null) return;
    this.#context = { ...this.#context, unvouched };
    this.#draw();
  }

  /** Ask the issuer again at once, for what waits and for what is lacking. */
  async #retry() {
    this.#heard = true;
    await Promise.all([this.#care(), this.refresh()]);
  }

  /** A contact that is under way does not know what was done since it began. */
  async #careAnew() {
    await this.#caring;
    await this.#care();
  }

  async #careAgain() {
    if (Date.now() - this.#caredAt > CONTACT_AGAIN) await this.#care();
  }

  async #contact() {
    const context = this.#context;
    if (context?.stage !== "claimed" || context.kept === null || this.#deleted) return;
    this.#caredAt = Date.now();
    const { kept, renew } = await makeContact(context.kept.deviceKey, this.#clock);
    const facts = context.fresh ? factsOf(context.answer) : null;
    if (kept.contact?.state === "live") await refill(kept, { now: this.#clock.now(), facts, renew });
    if (this.#context === null || this.#deleted) return;
    const all = await instancesOf(kept.archiveNumber);
    const here = all.find(({ deviceKey }) => deviceKey === kept.deviceKey) ?? null;
    this.#context = { ...this.#context, kept: here };
    this.#draw();
  }

  /**
   * @param {WalletAnswer} answer
   * @param {{ confirmedAt: number, fresh: boolean, claimedNow: boolean }} told
   */
  async #take(answer, told) {
    const all = await instancesOf(answer.licence.archive_number);
    this.#kept = all;
    const here = all.find(({ deviceKey }) => deviceKey === answer.instance?.device_key);
    this.#context = {
      answer,
      stage: stageOf(answer, all, marked()),
      kept: here ?? null,
      photo: this.#photo.address,
      problem: null,
      since: null,
      signedIn: this.#session?.signed_in ?? null,
      clock: this.#clock,
      refresh: (options) => this.refresh(options),
      care: () => this.#careAnew(),
      unvouched: this.#unvouched,
      retry: () => this.#retry(),
      locked: this.#locked,
      setLock: (lock) => {
        this.#tabs.postMessage(lock);
        this.#lock(lock);
      },
      holdStill: (still) => {
        this.#still = still;
      },
      ...told,
    };
  }

  /** Lock the screen to the code, or release it; the other tabs do the same. @param {import("./lock.js").Lock | null} lock */
  #lock(lock) {
    this.#locked = lock;
    if (this.#context) this.#context = { ...this.#context, locked: lock };
    history.replaceState(null, "", "#show");
    this.#draw();
    void this.refresh();
  }

  /** Keep the licence while it is on this device, and nothing of one that is not. */
  async #keep() {
    const context = this.#context;
    if (context === null || this.#deleted || this.#leaving) return;
    if (context.stage !== "claimed") {
      if (this.#lastKept.said !== "") await forgetLicence();
      this.#lastKept.said = "";
      return;
    }
    const { answer, confirmedAt } = context;
    const changed = said(answer) !== this.#lastKept.said;
    if (!changed && confirmedAt - this.#lastKept.at < KEEP_EVERY) return;
    this.#lastKept.at = confirmedAt;
    this.#lastKept.said = said(answer);
    const { of: photoOf, address: photo } = this.#photo;
    await keepLicence({ answer, banner: this.#banner, photo, photoOf, confirmedAt });
    const { offset } = this.#clock;
    if (Math.abs(offset - this.#lastKept.offset) < CLOCK_CHANGE) return;
    this.#lastKept.offset = offset;
    await keep("clock", offset).catch(() => undefined);
  }

  /** Call and learn the register's time from the answer. @param {string} path */
  async #timed(path) {
    const sentAt = Date.now();
    const answer = await call(path);
    this.#clock.learn(answer.server_time, sentAt, Date.now());
    return answer;
  }

  /** The photo is fetched once for each person and issued copy. @param {string} of */
  async #photoOf(of) {
    if (this.#photo.of === of) return this.#photo;
    const blob = await callForBlob("/wallet/photo");
    return { of, address: blob && (await dataAddress(blob)) };
  }

  /** A session ends by itself after a while; the licence that is here stays here. */
  #endSession() {
    this.#session = this.#session && { ...this.#session, signed_in: false };
    this.#ended = true;
    if (this.#context?.stage === "claimed") return;
    this.#context = null;
    this.#kept = [];
  }

  /** Who signs out leaves nothing to be read; keys and credentials stay for the next sign-in. */
  async #leave() {
    this.#leaving = true;
    await forgetLicence();
  }

  /** Everything is deleted, here or in another tab: nothing is asked or kept any more. @param {boolean} done */
  #delete(done) {
    this.#deleted = true;
    closeStores();
    clearTimeout(this.#next);
    clearTimeout(this.#nextCare);
    this.#listening.want(false);
    if (!done) return;
    this.#context = null;
    this.#session = null;
    this.#draw();
  }

  /** Put the fitting screen up, or tell the one that is up. @param {{ anew?: boolean }} [options] */
  #draw({ anew = false } = {}) {
    const { key, make } = this.#fitting();
    if (key === this.#shown && !anew) {
      this.#drawFrame({ anew });
      if (this.#context) this.#screen?.update?.(this.#context);
      return;
    }
    if (this.#still && !this.#deleted) return;
    const first = this.#shown === "";
    this.#screen?.close?.();
    this.#shown = key;
    this.#drawFrame({ anew: true });
    this.#screen = make();
    putScreen(this.#screen.element, { nameKey: "wallet.name", focus: !first && !anew });
  }

  /** What was kept is on the screen before it is known who is signed in. @param {{ anew: boolean }} options */
  #drawFrame({ anew }) {
    const { signed_in, name, banner } = this.#session ?? { signed_in: false, name: null, banner: this.#banner };
    const framed = JSON.stringify([signed_in, name, banner]);
    if (framed === this.#framed && !anew) return;
    this.#framed = framed;
    drawFrame({ nameKey: "wallet.name", footKey: "wallet.foot", session: { signed_in, name, banner }, leaving: () => this.#leave() });
  }

  /** @returns {{ key: string, make: () => Screen }} */
  #fitting() {
    if (this.#deleted) return { key: "deleted", make: deletedScreen };
    const context = this.#context;
    const locked = this.#locked !== null && context?.stage === "claimed" && !stopOf(context);
    if (locked) return this.#showing(context);
    const open = pageOf(OPEN_PAGES);
    if (open) return { key: location.hash, make: open };
    const out = this.#session?.signed_in === false;
    const signIn = { key: "out", make: () => signedOutScreen({ ended: this.#ended, wiped: this.#wiped }) };
    if (context === null) return out ? signIn : this.#withoutAnswer();
    const page = pageOf(SIGNED_IN_PAGES);
    if (page) return out ? signIn : { key: location.hash, make: () => page(context) };
    const { stage, answer } = context;
    if (stage !== "claimed") {
      const reasons = answer.claim.refusals.map(({ code }) => code).join();
      return { key: `claim ${stage} ${reasons}`, make: () => claimScreen(context) };
    }
    const stop = stopOf(context);
    if (stop) return { key: `stopped ${stop} ${context.signedIn}`, make: () => stoppedScreen(context, stop) };
    return location.hash === "#show"
      ? this.#showing(context)
      : { key: `home ${answer.licence.qr_colour}`, make: () => homeScreen(context) };
  }

  /**
   * A change of colour or status redraws the screen, so that no old code stays up.
   *
   * @param {Context} context
   */
  #showing(context) {
    const { licence, instance } = context.answer;
    const { qr_colour: colour, display_status: status } = licence;
    const key = `show ${colour} ${status.code} ${instance?.device_key} ${this.#locked !== null}`;
    return { key, make: () => showScreen(context) };
  }

  /** The first question has no answer yet, or failed. @returns {{ key: string, make: () => Screen }} */
  #withoutAnswer() {
    const problem = this.#problem;
    if (problem === null) {
      const element = el("section", {}, el("h1", {}, t("wallet.name")), el("p", { class: "waiting" }, t("page.loading")));
      return { key: "waiting", make: () => ({ element }) };
    }
    const element = el(
      "section",
      { class: "stack claim" },
      el("h1", {}, t("wallet.name")),
      problemNotice(problem, button("problem.retry", () => void this.refresh())),
    );
    return { key: `problem ${problem.code}`, make: () => ({ element }) };
  }
}

/**
 * What is at the address now, if it is one of these.
 *
 * @template T
 * @param {Record<string, T>} pages
 * @returns {T | undefined}
 */
function pageOf(pages) {
  return Object.hasOwn(pages, location.hash) ? pages[location.hash] : undefined;
}

/**
 * What copies say of the licence, as far as a change of it wants new ones.
 *
 * @param {WalletAnswer} answer
 */
function factsOf({ licence: { name, address, classes, valid_from: from, valid_until: until, statuses, points } }) {
  return JSON.stringify([name, address, classes, from, until, statuses.map(({ code }) => code), points]);
}

/**
 * What an answer says, without when it was said.
 *
 * @param {WalletAnswer} answer
 */
function said({ licence, claim, instance }) {
  return JSON.stringify([{ ...licence, confirmed_at: "" }, claim, instance?.device_key]);
}

void new Wallet().start();
void keepInstalled(offerNewerVersion);
