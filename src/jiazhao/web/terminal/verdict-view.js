// What the officer sees after a check: one word across the screen, the large photo to compare,
// whether this vehicle may be driven, and how fresh all of it is. Details come last.

import { dateSpan } from "../shared/dates.js";
import { el, inLanguage } from "../shared/dom.js";
import { dayAndTime, language, pick, t } from "../shared/i18n.js";
import { icon, pictureIcon } from "../shared/icons.js";
import { statusMark } from "../shared/notice.js";
import { pointsPicture } from "../shared/points.js";
import { answerPicture, statusPicture, stepPicture, stepState, verdictPicture } from "../shared/status-picture.js";
import { freshness } from "./freshness.js";
import { verdictWords } from "./verdict-words.js";
import { sourceOfLaw } from "../shared/source-of-law.js";

/** @typedef {import("../shared/answers.js").CheckAnswer} CheckAnswer */
/** @typedef {import("../shared/answers.js").LicenceView} LicenceView */
/** @typedef {import("../shared/dom.js").Child} Child */

const STEP_STATES = /** @type {const} */ (["passed", "failed", "unchecked", "idle"]);

/** A word of more characters is set smaller, so that it stays on one line of a phone. */
const LONG_WORD = 5;

/** @typedef {CheckAnswer & { offline?: true, listOf?: number | null, heardAt?: number | null }} AnyAnswer */

/**
 * @typedef {object} Options
 * @property {{ now: () => number }} clock
 * @property {() => void} next
 * @property {import("./examine.js").Told["standing"]} [standing]
 * @property {((face: "same" | "differs") => void) | null} [compare]  where the face decides
 */

/**
 * @param {AnyAnswer} answer
 * @param {Options} options
 */
export function verdictView(answer, { clock, next, standing = "confirmed", compare = null }) {
  const { verdict, licence } = answer;
  const fresh = el("p", { class: "fresh figures", "data-standing": standing });
  const tell = () => {
    fresh.textContent = answer.offline
      ? offlineFreshness(answer, clock.now(), standing)
      : freshness(answer.last_confirmed_at, clock.now());
  };
  tell();
  const ticking = setInterval(tell, 1000);
  const band = verdictBand(answer);
  // A valid licence that does not cover this vehicle must not be taken at a glance for a yes:
  // the answer about the vehicle leads, and the word about the licence steps back.
  const vehicleLeads = verdict === "VALID" && answer.may_drive?.answer === false;
  const drives = answer.may_drive && mayDrive(answer.may_drive, licence, vehicleLeads);
  const asks = el("div", { class: "asks" });
  band.classList.toggle("second", vehicleLeads);
  const element = el(
    "article",
    { class: "verdict", "aria-label": t("verdict.title") },
    ...(vehicleLeads ? [drives, band] : [band, drives]),
    asks,
    standing === "replaced" && el("p", { class: "looked-up replaced" }, icon("next"), t("verdict.replaced")),
    compare && licence && person(licence, answer),
    compare && faceChoice(compare),
    answer.kind === "lookup" && el("p", { class: "looked-up" }, icon("search"), t("verdict.looked_up")),
    el(
      "section",
      { class: "panel todo" },
      el("h3", {}, t("verdict.what_to_do")),
      el("p", {}, pick(answer.what_to_do)),
      fresh,
    ),
    licence && !compare && person(licence, answer),
    el("button", { class: "button button-primary button-wide", type: "button", onclick: next }, icon("next"), t("check.next")),
  );
  let asked = "";
  const word = [t(`verdict.${verdict}`), answer.reason && pick(answer.reason)];
  return {
    element,
    /** How the word came about; it belongs after whatever is to be done next. */
    steps: answer.steps.length > 0 ? steps(answer) : null,
    /** The word, by its code. */
    word: verdict,
    /** Put what the driver is asked right under the word. @param {HTMLElement} panel @param {string} [said] */
    ask: (panel, said = "") => {
      asks.replaceChildren(panel);
      asked = said;
    },
    /** What a screen reader says at once. */
    get spoken() {
      const all = vehicleLeads ? [spokenMayDrive(answer), ...word] : [...word, spokenMayDrive(answer)];
      return [...all, asked].filter(Boolean).join(" ");
    },
    focus: () => element.querySelector("h2")?.focus(),
    close: () => clearInterval(ticking),
  };
}

/** The officer's own eyes decide; both answers weigh the same. @param {(face: "same" | "differs") => void} compare */
function faceChoice(compare) {
  return el(
    "section",
    { class: "panel face-choice" },
    el("h3", {}, t("face.title")),
    el("p", {}, t("face.how")),
    el(
      "div",
      { class: "face-buttons" },
      el("button", { class: "button button-large", type: "button", "data-face": "same", onclick: () => compare("same") }, t("face.same")),
      el("button", { class: "button button-large", type: "button", "data-face": "differs", onclick: () => compare("differs") }, t("face.differs")),
    ),
  );
}

/**
 * @param {AnyAnswer} answer
 * @param {number} now
 * @param {Options["standing"]} standing
 */
function offlineFreshness({ listOf, heardAt, licence }, now, standing) {
  return [
    t(standing === "asking" ? "fresh.asking" : "fresh.offline"),
    licence && t("fresh.signed", { time: dayAndTime(licence.confirmed_at) }),
    listOf ? t("fresh.list", { time: dayAndTime(listOf) }) : t("fresh.no_list"),
    heardAt ? t("fresh.heard", { hours: Math.max(0, Math.floor((now - heardAt) / 3_600_000)) }) : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** The one word, in both languages, the reader's own first. @param {CheckAnswer} answer */
function verdictBand({ verdict, reason }) {
  const { tone, shape, sign } = verdictPicture(verdict);
  const words = verdictWords(verdict);
  const length = words[language()].length > LONG_WORD ? "long" : "short";
  const zh = inLanguage("zh-CN", words.zh, "verdict-zh");
  const en = inLanguage("en", words.en, "verdict-en");
  return el(
    "header",
    { class: `verdict-band band-${tone} lead-${language()} word-${length}`, "data-verdict": verdict },
    pictureIcon({ tone, shape, sign }),
    el(
      "div",
      {},
      el("h2", { tabindex: "-1" }, ...(language() === "zh" ? [zh, " ", en] : [en, " ", zh])),
      reason && el("p", { class: "verdict-reason" }, pick(reason)),
    ),
  );
}

/**
 * @param {import("../shared/answers.js").MayDrive} mayDrive
 * @param {LicenceView | null} licence
 * @param {boolean} leads  whether it stands above the word about the licence
 */
function mayDrive({ vehicle_class, answer, reason }, licence, leads) {
  const { tone, shape, sign } = answerPicture(answer);
  const named = licence?.classes.find(({ code }) => code === vehicle_class);
  const cls = named ? `${vehicle_class} ${pick(named)}` : vehicle_class;
  const key = answer ? "verdict.may_drive" : "verdict.may_not_drive";
  return el(
    "section",
    { class: `may-drive band-${tone}${leads ? " leads" : ""}` },
    pictureIcon({ tone, shape, sign }),
    el(
      "div",
      {},
      leads
        ? el("h2", { tabindex: "-1" }, t(key, { class: cls }))
        : el("h3", {}, t(key, { class: cls })),
      reason && el("p", {}, pick(reason)),
      reason?.source && el("p", { class: "small" }, t("problem.source", { source: sourceOfLaw(reason.source) })),
    ),
  );
}

/** @param {CheckAnswer} answer */
function spokenMayDrive({ may_drive }) {
  if (may_drive === null) return "";
  const key = may_drive.answer ? "verdict.may_drive" : "verdict.may_not_drive";
  return t(key, { class: may_drive.vehicle_class });
}

/**
 * @param {LicenceView} licence
 * @param {AnyAnswer} answer
 */
function person(licence, { portrait, portrait_type: type = "image/jpeg" }) {
  const latin = [licence.family_name_latin, licence.given_name_latin].filter(Boolean).join(" ");
  return el(
    "section",
    { class: "panel person" },
    el(
      "figure",
      { class: "portrait" },
      portrait
        ? el("img", { src: `data:${type};base64,${portrait}`, alt: t("verdict.portrait", { name: licence.name }) })
        : el("p", { class: "portrait-none" }, t("verdict.no_portrait")),
      el("figcaption", {}, icon("eye"), t("verdict.compare")),
    ),
    el(
      "div",
      { class: "stack person-facts" },
      el(
        "h3",
        { class: "person-name" },
        inLanguage("zh-CN", licence.name),
        latin && el("span", { class: "person-latin", lang: "zh-Latn" }, latin),
      ),
      statusList(licence),
      el("dl", { class: "facts" }, ...facts(licence)),
    ),
  );
}

/** @param {LicenceView} licence */
function statusList(licence) {
  const others = licence.statuses.filter(({ code }) => code !== licence.display_status.code);
  return el(
    "p",
    { class: "person-status" },
    statusMark(statusPicture(licence), pick(licence.display_status)),
    others.length > 0 && ` ${others.map(pick).join(t("page.comma"))}`,
    licence.specimen && el("span", { class: "specimen-tag" }, "样本 SPECIMEN"),
  );
}

/** @param {LicenceView} licence */
function facts(licence) {
  const sex = /** @type {const} */ ({ 1: "licence.sex_1", 2: "licence.sex_2" });
  const until = licence.valid_until ?? t("licence.long_term");
  const classes = licence.classes.map((held) => el("span", {}, `${held.code} ${pick(held)}`));
  return [
    fact("licence.classes", el("span", { class: "class-list" }, ...classes), "wide"),
    fact("licence.points", pointsPicture(licence.points, licence.full_score), "wide"),
    fact("licence.number", licence.licence_number, "wide"),
    fact("licence.validity", dateSpan(licence.valid_from, until)),
    fact("licence.birth_date", licence.birth_date),
    fact("licence.sex", t(sex[/** @type {1 | 2} */ (licence.sex)] ?? "licence.sex_other")),
    licence.archive_number && fact("licence.archive_number", licence.archive_number),
    fact("licence.issuing_office", licence.issuing_office, "wide"),
    fact("licence.record", licence.record || "—", "wide"),
  ];
}

/**
 * @param {import("../shared/i18n.js").MessageKey} key
 * @param {Child} value
 * @param {"wide" | ""} [width]  a wide one has a line of its own on a phone
 */
function fact(key, value, width = "") {
  return el("div", { class: width ? `fact-${width}` : null }, el("dt", {}, t(key)), el("dd", {}, value));
}

/** @param {AnyAnswer} answer */
function steps({ steps: all, reason }) {
  const decided = reason && all.find((step) => step.status !== "passed" && step.reason?.code === reason.code);
  const counts = STEP_STATES.map((state) => ({
    state,
    count: all.filter((step) => stepState(step) === state).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => t(`verdict.count_${state}`, { count }))
    .join(t("page.comma"));
  return el(
    "details",
    { class: "panel steps" },
    el(
      "summary",
      {},
      t("verdict.steps", { counts }),
      decided && el("span", { class: "steps-decided soft" }, t("verdict.decided", { number: decided.number, name: pick(decided), reason: pick(reason) })),
    ),
    el(
      "ol",
      {},
      ...all.map((step) =>
        el(
          "li",
          {},
          el("span", { class: "figures" }, `${step.number}. ${pick(step)}`),
          statusMark(stepPicture(stepState(step)), t(`verdict.step_${stepState(step)}`)),
          step.reason && el("p", { class: "small soft" }, pick(step.reason)),
        ),
      ),
    ),
  );
}
