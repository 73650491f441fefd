// Claiming the electronic licence onto this device: may it be claimed, what would be claimed,
// then four steps that the reader can follow, cancel and repeat.

import { announce } from "../shared/announce.js";
import { asProblem, call, localProblem } from "../shared/api.js";
import { dateSpan } from "../shared/dates.js";
import { el } from "../shared/dom.js";
import { pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { masked } from "../shared/mask.js";
import { button, notice, problemNotice, statusMark } from "../shared/notice.js";
import { signInAddress } from "../shared/page.js";
import { statusPicture } from "../shared/status-picture.js";
import { progressList } from "./claim-progress.js";
import { proofKey } from "./jwt.js";
import { takeCredential } from "./openid4vci.js";
import { createInstance, keepCredential, keepWaiting, vouchedOf } from "./vault.js";
import { sourceOfLaw } from "../shared/source-of-law.js";
import { unvouchedPlace } from "./unvouched.js";
import { NEEDS_SIGN_IN, Vouching } from "./vouching.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./app.js").Screen} Screen */
/** @typedef {import("../shared/api.js").Problem} Problem */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

/** What is said first, by where the holder stands; and whether another copy is ended. */
const OPENINGS = /** @type {const} */ ({
  claimable: { title: "claim.title", text: "claim.lead", kind: "info", replace: false },
  refused: { title: "claim.refused_title", text: "claim.refused_lead", kind: "warn", replace: false },
  elsewhere: { title: "claim.elsewhere_title", text: "claim.elsewhere", kind: "info", replace: true },
  wiped: { title: "claim.wiped_title", text: "claim.wiped", kind: "warn", replace: true },
  lapsed: { title: "claim.lapsed_title", text: "claim.lapsed", kind: "warn", replace: true },
  interrupted: {
    title: "claim.interrupted_title",
    text: "claim.interrupted",
    kind: "warn",
    replace: true,
  },
  waiting: { title: "claim.waiting_title", text: "claim.waiting", kind: "info", replace: false },
  denied: { title: "claim.denied_title", text: "claim.denied", kind: "warn", replace: true },
});

/** Refusals that a claim with `replace` answers. */
const ANSWERED_BY_REPLACING = ["claim_under_way", "already_claimed"];

/**
 * @param {Context} context
 * @returns {Screen}
 */
export function claimScreen(context) {
  const { answer, stage } = context;
  const opening = OPENINGS[stage === "claimed" ? "claimable" : stage];
  const replace = opening.replace && answer.instance !== null;
  const action = el("div", { class: "stack claim-action" });
  const unvouched = unvouchedPlace(context);
  const start = (/** @type {boolean} */ replacing) => runClaim(context, action, replacing);
  if (stage !== "waiting") {
    action.append(
      answer.claim.allowed
        ? button(stage === "wiped" ? "claim.restore" : replace ? "claim.here_instead" : "claim.start", () => start(replace), PRIMARY)
        : refusals(answer.claim.refusals),
    );
  }
  const element = el(
    "section",
    { class: "stack claim" },
    el("h1", {}, t(opening.title)),
    stage === "claimable"
      ? el("p", {}, t(opening.text))
      : notice(opening.kind, el("p", {}, t(opening.text))),
    unvouched.element,
    summary(context),
    action,
    wayToPhoto(stage === "waiting" ? "photo.in_review" : "photo.way"),
  );
  return { element, update: unvouched.update };
}

/**
 * The way to a photo of one's own, for who does not want the one on file.
 *
 * @param {"photo.way" | "photo.in_review"} [key]
 */
export function wayToPhoto(key = "photo.way") {
  return el("a", { class: "button button-wide way", href: "#photo" }, icon("camera"), el("span", {}, t(key)), icon("next"));
}

const PRIMARY = "button-primary button-large button-wide";

/**
 * Run the steps; every failure says why and leads on.
 *
 * @param {Context} context
 * @param {HTMLElement} place
 * @param {boolean} replace
 */
export async function runClaim(context, place, replace) {
  const cancelling = new AbortController();
  const progress = progressList();
  const cancel = button("claim.cancel", () => cancelling.abort());
  place.replaceChildren(progress.element, cancel);
  progress.element.focus();
  context.holdStill(true);
  try {
    const kept = await claim(context, { replace, cancel: cancelling.signal, step: progress.step });
    announce(t(kept ? "claim.kept" : "claim.waiting_title"));
    context.holdStill(false);
    if (!kept) history.replaceState(null, "", location.pathname);
    await context.refresh({ claimedNow: kept });
  } catch (error) {
    progress.fail();
    cancel.remove();
    place.append(failure(context, place, error, replace));
  } finally {
    context.holdStill(false);
  }
}

/**
 * @param {Context} context
 * @param {{ replace: boolean, cancel: AbortSignal, step: (number: 1 | 2 | 3 | 4) => void }} run
 * @returns {Promise<boolean>}  whether the licence is here; else the claim waits for a person
 */
async function claim({ answer, clock }, { replace, cancel, step }) {
  step(1);
  /** @type {import("../shared/answers.js").ClaimAnswer} */
  const offered = await call("/claims", { json: { replace }, cancel });
  step(2);
  const instance = await createInstance(answer.licence.archive_number);
  const key = await proofKey(instance.keyPair);
  step(3);
  const now = clock.now() / 1000;
  const { credential_offer: offer, tx_code: txCode } = offered;
  const vouching = new Vouching(vouchedOf(instance.deviceKey), now, { cancel });
  const outcome = await takeCredential(offer, txCode, key, { now, vouching, cancel });
  step(4);
  if ("credential" in outcome) await keepCredential(instance, outcome.credential, outcome.tokens);
  else await keepWaiting(instance, outcome.waiting);
  return "credential" in outcome;
}

/**
 * What went wrong, and the ways on that fit it.
 *
 * @param {Context} context
 * @param {HTMLElement} place
 * @param {unknown} error
 * @param {boolean} replace
 */
function failure(context, place, error, replace) {
  const cancelled = error instanceof DOMException && error.name === "AbortError";
  const problem = cancelled ? localProblem("claim.cancelled", "cancelled") : asProblem(error);
  const again = button("claim.again", () => runClaim(context, place, replace));
  if (["sign_in_too_old", NEEDS_SIGN_IN].includes(problem.code)) {
    const href = signInAddress({ fresh: true });
    return problemNotice(
      problem,
      el("a", { class: "button button-primary", href }, t("claim.sign_in_again")),
    );
  }
  if (!replace && ANSWERED_BY_REPLACING.includes(problem.code)) {
    const instead = button(
      "claim.here_instead",
      () => runClaim(context, place, true),
      "button-primary",
    );
    return problemNotice(problem, instead, again);
  }
  return problemNotice(problem, again);
}

/** @param {import("../shared/answers.js").Refusal[]} reasons */
export function refusals(reasons) {
  return el(
    "ul",
    { class: "refusals stack" },
    ...reasons.map((reason) =>
      el(
        "li",
        { class: "panel stack refusal" },
        el("h2", {}, pick(reason)),
        el("p", {}, el("b", {}, t("claim.todo")), pick({ zh: reason.todo_zh, en: reason.todo_en })),
        reason.source && el("p", { class: "soft small" }, t("problem.source", { source: sourceOfLaw(reason.source) })),
      ),
    ),
  );
}

/** What would be claimed, with the photo on file. @param {Context} context */
function summary({ answer: { licence }, photo }) {
  const picture = photo
    ? el("img", { class: "claim-photo", src: photo, alt: t("claim.photo_alt") })
    : el("p", { class: "claim-photo claim-photo-none" }, t("claim.no_photo"));
  const classes = licence.classes.map(({ code }) => code).join(" ");
  const until = licence.valid_until ?? t("licence.long_term");
  return el(
    "div",
    { class: "panel claim-summary" },
    el("figure", { class: "claim-figure" }, picture, el("figcaption", {}, t("claim.photo"))),
    el(
      "dl",
      { class: "facts" },
      ...[
        /** @type {const} */ (["licence.name", licence.name]),
        /** @type {const} */ (["licence.number", masked(licence.licence_number)]),
        /** @type {const} */ (["licence.classes", classes]),
        /** @type {const} */ (["licence.validity", dateSpan(licence.valid_from, until)]),
        /** @type {const} */ (["licence.issuing_office", licence.issuing_office]),
      ].map(([key, value]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value))),
      el(
        "div",
        {},
        el("dt", {}, t("licence.status")),
        el("dd", {}, statusMark(statusPicture(licence), pick(licence.display_status))),
      ),
    ),
  );
}
