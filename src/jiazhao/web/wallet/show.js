// Showing the licence: one code that fills the screen, made anew every five seconds and at once
// when it was used. It is the same with a network and without. The phone stays in the holder's
// hand.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { clockTime, pick, t } from "../shared/i18n.js";
import { icon, pictureIcon } from "../shared/icons.js";
import { moment } from "../shared/moment.js";
import { notice, problemNotice } from "../shared/notice.js";
import { licenceCodePicture } from "../shared/qr.js";
import { statusPicture, verdictPicture } from "../shared/status-picture.js";
import { challengeForm } from "./challenge.js";
import { makeCode, RENEW_SECONDS } from "./code.js";
import { countdownRing } from "./countdown.js";
import { tellOutOfReach } from "./home.js";
import { keepAwake } from "./keep-awake.js";
import { lockSwitch } from "./lock.js";
import { otherWays } from "./other-ways.js";
import { waysOn } from "./unvouched.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./app.js").Screen} Screen */
/** @typedef {import("./code.js").ShownCode} ShownCode */

/** The code's colour says the status to who knows it; the band above says it to everyone. */
const COLOURS = { black: "#000000", red: "#b00020" };

/** Why there is no code where the issuer has not given what it is made of. */
const NOT_GIVEN = ["code_not_yet", "code_lapsed"];

/** How soon it is looked again whether what lacked has come, in milliseconds. */
const TRY_AGAIN = 1000;

/** From this age of the beacon on, a terminal without a network asks for four digits. */
const BEACON_GROWS_OLD = 24 * 3600_000;

/**
 * @param {Context} context
 * @returns {Screen}
 */
export function showScreen(context) {
  const colour = context.answer.licence.qr_colour;
  if (colour !== "black" && colour !== "red") return noCode(context);
  const showing = new Showing(context, COLOURS[colour]);
  return {
    element: showing.element,
    update: (next) => showing.update(next),
    close: () => showing.close(),
  };
}

class Showing {
  #context;
  #colour;
  /** @type {ShownCode | null} */
  #code = null;
  /** @type {Promise<ShownCode | null> | null} */
  #making = null;
  /** The highest counter that was used before, or has been told. */
  #used;
  /** Why there is no code, and when that was found. */
  #lacking = { code: "", at: 0 };
  #ring = countdownRing(RENEW_SECONDS);
  #place = el("div", { class: "qr-place" });
  #beacon = el("p", { class: "small figures show-beacon" });
  #reach = el("div", { class: "reach" });
  #happened = el("div", { class: "happened" });
  // A code that is just being made does not know of them yet: another follows it.
  #challenge = challengeForm(() => void Promise.resolve(this.#making).then(() => this.#renew()));
  #ways;
  #ticking;
  #letSleep = keepAwake();

  /**
   * @param {Context} context
   * @param {string} colour
   */
  constructor(context, colour) {
    this.#context = context;
    this.#colour = colour;
    this.#used = context.answer.instance?.last_used_counter ?? 0;
    this.#ways = otherWays({ freshCode: () => this.#renew(), now: () => context.clock.now() });
    this.element = this.#draw();
    this.#tellReach();
    this.#ticking = setInterval(() => this.#tick(), 500);
    void this.#renew();
  }

  /** @param {Context} next */
  update(next) {
    this.#context = next;
    this.#tellReach();
    const used = next.answer.instance?.last_used_counter ?? 0;
    this.#ways.used(used);
    if (used <= this.#used) return;
    // Codes follow each other fast: the one that was used may have gone from the screen.
    this.#used = used;
    this.#challenge.clear();
    if (this.#code !== null && used >= this.#code.counter) void this.#renew();
    void this.#tellUse();
  }

  /** Codes are made without the register; the holder still reads that it is out of reach. */
  #tellReach() {
    if (this.#context.problem === null) this.#reach.replaceChildren();
    else tellOutOfReach(this.#reach, this.#context);
  }

  close() {
    clearInterval(this.#ticking);
    this.#letSleep();
    document.body.classList.remove("showing");
  }

  #draw() {
    const { licence } = this.#context.answer;
    document.body.classList.add("showing");
    return el(
      "section",
      { class: "show" },
      el(
        "header",
        { class: "show-top" },
        this.#context.locked ? el("span", {}) : el("a", { class: "button button-plain", href: "#" }, icon("back"), t("show.back")),
        el("h1", {}, t("show.title")),
      ),
      el(
        "div",
        { class: "show-paper" },
        statusBand(this.#context),
        this.#place,
        el("p", { class: "show-who" }, identity(licence)),
        this.#ring.element,
        this.#beacon,
      ),
      this.#reach,
      el("p", { class: "show-hand" }, icon("hand"), el("strong", {}, t("show.hand"))),
      this.#challenge.element,
      this.#happened,
      this.#ways.element,
      lockSwitch(this.#context),
    );
  }

  #tick() {
    if (document.hidden) return;
    if (this.#code === null) {
      if (Date.now() - this.#lacking.at > TRY_AGAIN) void this.#renew();
      return;
    }
    const age = (this.#context.clock.now() - this.#code.madeAt) / 1000;
    this.#ring.draw(RENEW_SECONDS - age);
    // A clock that jumped back makes the age negative: that code is renewed too.
    if (age >= RENEW_SECONDS || age < -1) void this.#renew();
  }

  /**
   * Make and show a new code; calls that overlap share one.
   *
   * @returns {Promise<ShownCode | null>} null where none could be made; the screen then says why
   */
  #renew() {
    this.#making ??= this.#make().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #make() {
    const { kept, clock } = this.#context;
    try {
      if (kept === null) return null;
      const code = await makeCode(kept.deviceKey, clock.now(), this.#challenge.digits());
      this.#code = code;
      this.#lacking.code = "";
      this.#ways.show(code);
      this.#place.replaceChildren(
        licenceCodePicture(code.octets, { label: t("show.qr_label"), colour: this.#colour }),
      );
      this.#ring.element.hidden = false;
      this.#ring.draw(RENEW_SECONDS);
      this.#tellBeacon(code.beaconAt);
      return code;
    } catch (error) {
      this.#code = null;
      const problem = this.#reason(asProblem(error));
      const { code } = problem;
      const told = this.#lacking.code === code;
      this.#lacking = { code, at: Date.now() };
      if (told) return null; // a reader is not told the same again and again
      this.#ring.element.hidden = true;
      this.#beacon.textContent = "";
      const again = () => void this.#context.care().then(() => this.#renew());
      this.#place.replaceChildren(problemNotice(problem, ...waysOn(problem, again)));
      return null;
    }
  }

  /** The issuer's reason, where it is for that that nothing is here. @param {import("../shared/api.js").Problem} problem */
  #reason(problem) {
    const { unvouched } = this.#context;
    return unvouched !== null && NOT_GIVEN.includes(problem.code) ? unvouched : problem;
  }

  /** How old the time beacon is, and what an officer without a network asks when it is old. @param {number} at */
  #tellBeacon(at) {
    const now = this.#context.clock.now();
    const key = now - at < BEACON_GROWS_OLD ? "show.beacon" : "show.beacon_old";
    this.#beacon.textContent = t(key, { time: moment(at, now) });
  }

  /** Say who has just read the code and what they saw. */
  async #tellUse() {
    const time = clockTime(this.#context.clock.now());
    let sentence = t("show.used", { time });
    let picture = verdictPicture("VALID");
    try {
      const { accesses } = await call("/wallet/accesses");
      /** @type {import("../shared/answers.js").Access | undefined} */
      const newest = accesses[0];
      if (newest) {
        picture = verdictPicture(newest.verdict);
        const verdict = t(`verdict.${newest.verdict ?? "CANNOT_CONFIRM"}`);
        sentence = t("show.used_by", { time: clockTime(newest.at), unit: newest.actor.unit, verdict });
      }
    } catch {
      // The code was used all the same; the list can be opened later.
    }
    announce(sentence);
    this.#happened.replaceChildren(
      el(
        "p",
        { class: "used" },
        el("span", { class: `status tone-${picture.tone}` }, pictureIcon(picture)),
        el("span", {}, sentence),
        !this.#context.locked && el("a", { href: "#accesses" }, t("accesses.title")),
      ),
    );
  }
}

/** @param {Context} context */
function statusBand({ answer: { licence } }) {
  const { tone, shape, sign } = statusPicture(licence);
  return el(
    "p",
    { class: `show-status band-${tone}` },
    pictureIcon({ tone, shape, sign }),
    el("span", { class: "word" }, pick(licence.display_status)),
    licence.specimen && el("span", { class: "show-specimen" }, "样本 SPECIMEN"),
  );
}

/** @param {import("../shared/answers.js").LicenceView} licence */
function identity(licence) {
  return `${licence.name}　${licence.classes.map(({ code }) => code).join(" ")}`;
}

/** Why there is no code, and what to do. @param {Context} context @returns {Screen} */
function noCode({ answer: { licence } }) {
  const { tone, shape, sign } = statusPicture(licence);
  return {
    element: el(
      "section",
      { class: "stack claim" },
      el("h1", {}, t("show.none_title")),
      el(
        "p",
        { class: `show-status band-${tone}` },
        pictureIcon({ tone, shape, sign }),
        el("span", { class: "word" }, pick(licence.display_status)),
      ),
      notice("bad", el("p", {}, t(licence.qr_colour === "hidden" ? "home.hidden" : "show.invalid"))),
      el("a", { class: "button", href: "#" }, icon("back"), t("show.back")),
    ),
  };
}
