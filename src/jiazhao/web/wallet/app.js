// The wallet: asks the register where the holder stands, again every two seconds while the
// page is seen, and shows the screen that fits.

import { announce } from "../shared/announce.js";
import { Problem, asProblem, call, callForBlob } from "../shared/api.js";
import { RegisterClock } from "../shared/clock.js";
import { el } from "../shared/dom.js";
import { onLanguageChange, startLanguage, t } from "../shared/i18n.js";
import { button, problemNotice } from "../shared/notice.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, putScreen } from "../shared/page.js";
import { accessesScreen } from "./accesses.js";
import { claimScreen } from "./claim.js";
import { collect } from "./collect.js";
import { homeScreen } from "./home.js";
import { photoScreen } from "./photo.js";
import { pinSection } from "./pin.js";
import { showScreen } from "./show.js";
import { signedOutScreen } from "./signed-out.js";
import { stageOf } from "./stage.js";
import { instancesOf } from "./vault.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/answers.js").WalletAnswer} WalletAnswer */

/** How often the register is asked while the page is seen, and after it was not reached. */
const ASK_EVERY = 2000;
const ASK_AGAIN = 5000;

/**
 * What a screen needs to know.
 *
 * @typedef {object} Context
 * @property {WalletAnswer} answer     the register's last answer
 * @property {import("./stage.js").Stage} stage
 * @property {import("./vault.js").KeptInstance | null} kept  the instance in force, if here
 * @property {string | null} photo     address of the photo
 * @property {Problem | null} problem  why the last question had no answer
 * @property {number} confirmedAt      when the register last answered, by its own clock
 * @property {RegisterClock} clock
 * @property {boolean} claimedNow      whether the claim has just been made
 * @property {(options?: { claimedNow?: boolean }) => Promise<void>} refresh
 * @property {(still: boolean) => void} holdStill  no screen is changed meanwhile
 */

/**
 * @typedef {object} Screen
 * @property {HTMLElement} element
 * @property {(context: Context) => void} [update]  called after each answer
 * @property {() => void} [close]
 */

class Wallet {
  /** @type {Session | null} */
  #session = null;
  /** @type {Context | null} */
  #context = null;
  /** @type {Problem | null} */
  #problem = null;
  /** @type {Screen | null} */
  #screen = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  #clock = new RegisterClock();
  #shown = "";
  #ended = false;
  #still = false;
  #asking = false;
  /** @type {import("./vault.js").KeptInstance[]} */
  #kept = [];
  #photo = { of: "", address: /** @type {string | null} */ (null) };

  start() {
    startLanguage();
    onLanguageChange(() => this.#draw({ anew: true }));
    window.addEventListener("hashchange", () => this.#draw());
    window.addEventListener("online", () => void this.refresh());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.refresh();
    });
    void this.refresh();
  }

  /** Ask the register and draw what it says. @param {{ claimedNow?: boolean }} [options] */
  async refresh({ claimedNow = false } = {}) {
    clearTimeout(this.#next);
    // A new copy is first seen whole, also where an old one was being shown.
    if (claimedNow) history.replaceState(null, "", location.pathname);
    if (!this.#asking && !this.#still) {
      this.#asking = true;
      await this.#ask(claimedNow);
      this.#asking = false;
      this.#draw();
    }
    const pause = this.#problem ? ASK_AGAIN : ASK_EVERY;
    clearTimeout(this.#next);
    if (!document.hidden && this.#session?.signed_in !== false) {
      this.#next = setTimeout(() => void this.refresh(), pause);
    }
  }

  /** @param {boolean} claimedNow */
  async #ask(claimedNow) {
    try {
      if (this.#session?.signed_in !== true) this.#session = await this.#timed("/session");
      if (this.#session?.signed_in) await this.#askLicence(claimedNow);
      const changed = await collect(this.#kept, this.#clock.now() / 1000);
      if (changed === "kept") {
        history.replaceState(null, "", location.pathname);
        announce(t("claim.kept"));
      }
      if (changed !== "nothing") await this.#askLicence(changed === "kept");
      this.#problem = null;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) this.#endSession();
      else this.#problem = problem;
      if (this.#context) this.#context = { ...this.#context, problem: this.#problem };
    }
  }

  /** @param {boolean} claimedNow */
  async #askLicence(claimedNow) {
    /** @type {WalletAnswer} */
    const answer = await this.#timed("/wallet/licence");
    const all = await instancesOf(answer.licence.archive_number);
    this.#kept = all;
    const here = all.find(({ deviceKey }) => deviceKey === answer.instance?.device_key);
    this.#context = {
      answer,
      stage: stageOf(answer, all),
      kept: here ?? null,
      photo: await this.#photoOf(`${answer.licence.archive_number} ${answer.instance?.issued_at ?? ""}`),
      problem: null,
      confirmedAt: Date.parse(answer.licence.confirmed_at),
      clock: this.#clock,
      claimedNow,
      refresh: (options) => this.refresh(options),
      holdStill: (still) => {
        this.#still = still;
      },
    };
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
    if (this.#photo.of !== of) {
      const blob = await callForBlob("/wallet/photo");
      if (this.#photo.address) URL.revokeObjectURL(this.#photo.address);
      this.#photo = { of, address: blob && URL.createObjectURL(blob) };
    }
    return this.#photo.address;
  }

  #endSession() {
    this.#session = this.#session && { ...this.#session, signed_in: false };
    this.#context = null;
    this.#kept = [];
    this.#ended = true;
  }

  /** Put the fitting screen up, or tell the one that is up. @param {{ anew?: boolean }} [options] */
  #draw({ anew = false } = {}) {
    const { key, make } = this.#fitting();
    if (key === this.#shown && !anew) {
      if (this.#context) this.#screen?.update?.(this.#context);
      return;
    }
    if (this.#still) return;
    const first = this.#shown === "";
    this.#screen?.close?.();
    this.#shown = key;
    drawFrame({ nameKey: "wallet.name", footKey: "wallet.foot", session: this.#session });
    this.#screen = make();
    putScreen(this.#screen.element, { nameKey: "wallet.name", focus: !first && !anew });
  }

  /** @returns {{ key: string, make: () => Screen }} */
  #fitting() {
    const context = this.#context;
    if (this.#session?.signed_in === false) {
      return { key: "out", make: () => signedOutScreen({ ended: this.#ended }) };
    }
    if (context === null) return this.#withoutAnswer();
    if (location.hash === "#accesses") return { key: "accesses", make: accessesScreen };
    if (location.hash === "#passkeys") return { key: "passkeys", make: () => passkeysScreen({ instead: pinSection() }) };
    if (location.hash === "#photo") return { key: "photo", make: () => photoScreen(context) };
    const { stage, answer } = context;
    if (stage !== "claimed") {
      const reasons = answer.claim.refusals.map(({ code }) => code).join();
      return { key: `claim ${stage} ${reasons}`, make: () => claimScreen(context) };
    }
    // A change of colour or status redraws the screen, so that no old code stays up.
    const { qr_colour: colour, display_status: status } = answer.licence;
    const state = `${colour} ${status.code} ${answer.instance?.device_key}`;
    return location.hash === "#show"
      ? { key: `show ${state}`, make: () => showScreen(context) }
      : { key: `home ${colour}`, make: () => homeScreen(context) };
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

new Wallet().start();
