// A photo of one's own: how it must be, taking or choosing it, what the machine has against it,
// and how a person decided. A picture of other proportions is cropped here.

import { announce } from "../shared/announce.js";
import { asProblem, call, localProblem } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { keepPlace, signInAddress } from "../shared/page.js";
import { refusals, runClaim } from "./claim.js";
import { croppedPicture } from "./crop.js";

/** @typedef {import("./app.js").Context} Context */
/** @typedef {import("./app.js").Screen} Screen */
/** @typedef {import("../shared/answers.js").PhotoStanding} PhotoStanding */

/** A few megabytes over a slow line, and the examination. */
const UPLOAD_PATIENCE = 60_000;
const ASK_EVERY = 4000;
const TYPES = "image/jpeg,image/png,image/webp";

/**
 * @param {Context} context
 * @returns {Screen}
 */
export function photoScreen(context) {
  const standing = el("div", { class: "stack", "aria-live": "polite" }, el("p", { class: "waiting" }, t("page.loading")));
  const chooser = el("div", { class: "stack" });
  let shown = "";
  let closed = false;

  /** @param {PhotoStanding} answer */
  const draw = (answer) => {
    const seen = `${answer.allowed} ${answer.request?.request_id} ${answer.request?.state}`;
    if (seen === shown) return;
    shown = seen;
    const waits = answer.request?.state === "waiting";
    standing.replaceChildren(...outcome(answer, context, draw));
    if (waits || !answer.allowed) chooser.replaceChildren();
    else if (!chooser.hasChildNodes()) chooser.replaceChildren(choosing(draw));
  };
  const ask = async () => {
    try {
      draw(await call("/wallet/photo-request"));
    } catch (error) {
      if (shown === "") standing.replaceChildren(problemNotice(asProblem(error), button("problem.retry", () => void ask())));
    }
    if (!closed) next = setTimeout(() => void ask(), ASK_EVERY);
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;
  void ask();

  return {
    element: el(
      "section",
      { class: "stack claim photo" },
      el("a", { class: "button button-plain accesses-back", href: "#" }, icon("back"), t("show.back")),
      el("h1", {}, t("photo.title")),
      el("p", {}, t("photo.lead")),
      standing,
      el(
        "ul",
        {},
        el("li", {}, t("photo.rule_wall")),
        el("li", {}, t("photo.rule_face")),
        el("li", {}, t("photo.rule_age")),
      ),
      chooser,
    ),
    close() {
      closed = true;
      clearTimeout(next);
    },
  };
}

/**
 * What came of the last photo, and why none may be handed in.
 *
 * @param {PhotoStanding} answer
 * @param {Context} context
 * @param {(answer: PhotoStanding) => void} draw
 */
function outcome({ allowed, refusals: reasons, request }, context, draw) {
  const told = [];
  if (request?.state === "waiting") {
    const withdraw = async () => {
      try {
        draw(await call("/wallet/photo-request/withdrawal", { json: { request_id: request.request_id } }));
        announce(t("photo.withdrawn"));
        keepPlace();
      } catch (error) {
        place.append(problemNotice(asProblem(error)));
      }
    };
    const place = notice(
      "info",
      el("p", {}, t("photo.waiting", { time: dayAndTime(request.due_at) })),
      el("div", { class: "row" }, button("photo.withdraw", () => void withdraw())),
    );
    told.push(place);
  }
  if (request?.state === "approved") {
    const action = el("div", { class: "stack claim-action" });
    const replace = context.answer.instance !== null;
    if (context.answer.claim.allowed) {
      action.append(
        button(replace ? "claim.here_instead" : "claim.start", () => runClaim(context, action, replace), "button-primary"),
      );
    }
    told.push(notice("good", el("p", {}, t("photo.approved"))), action);
  }
  if (request?.state === "refused" && request.reason) {
    told.push(
      notice(
        "warn",
        el("p", {}, t("photo.refused", { reason: pick(request.reason) })),
        request.note !== "" && el("p", {}, request.note),
      ),
    );
  }
  if (!allowed) told.push(refusals(reasons));
  return told;
}

/** Camera or album, preview, and handing in. @param {(answer: PhotoStanding) => void} draw */
function choosing(draw) {
  const place = el("div", { class: "stack" });
  const open = async (/** @type {File | undefined} */ file) => {
    if (!file) return;
    try {
      const picture = await croppedPicture(file);
      place.replaceChildren(...preview(picture, place, draw));
      place.querySelector("button")?.focus();
    } catch {
      place.replaceChildren(problemNotice(localProblem("photo.unreadable", "unreadable")));
    }
  };
  return el(
    "div",
    { class: "stack" },
    el("div", { class: "row" }, source("photo.camera", "camera", open), source("photo.album", "picture", open)),
    place,
  );
}

/**
 * A button that opens the camera or the album.
 *
 * @param {"photo.camera" | "photo.album"} key
 * @param {"camera" | "picture"} sign
 * @param {(file: File | undefined) => Promise<void>} open
 */
function source(key, sign, open) {
  const input = el("input", {
    type: "file",
    accept: TYPES,
    capture: sign === "camera" ? "environment" : null,
    class: "unseen",
    tabindex: "-1",
    "aria-hidden": "true",
    onchange: () => {
      const file = input.files?.[0];
      input.value = "";
      void open(file);
    },
  });
  return el(
    "span",
    {},
    el("button", { class: "button", type: "button", onclick: () => input.click() }, icon(sign), t(key)),
    input,
  );
}

/**
 * @param {import("./crop.js").Picture} picture
 * @param {HTMLElement} place
 * @param {(answer: PhotoStanding) => void} draw
 */
function preview(picture, place, draw) {
  const said = el("div", { class: "stack photo-findings", role: "alert" });
  const send = button("photo.send", () => void submit(), "button-primary button-large");
  async function submit() {
    send.disabled = true;
    said.replaceChildren(el("p", { class: "waiting" }, t("photo.sending")));
    try {
      const answer = await call("/wallet/photo-request", { blob: await picture.blob(), patience: UPLOAD_PATIENCE });
      place.replaceChildren();
      draw(answer);
      keepPlace();
    } catch (error) {
      said.replaceChildren(whyNot(asProblem(error)));
    } finally {
      send.disabled = false;
    }
  }
  return [
    el("figure", { class: "photo-preview" }, picture.element, el("figcaption", {}, t("photo.preview"))),
    ...picture.controls,
    said,
    send,
  ];
}

/** @param {import("../shared/api.js").Problem} problem */
function whyNot(problem) {
  if (problem.code === "sign_in_too_old") {
    const href = signInAddress({ fresh: true });
    return problemNotice(problem, el("a", { class: "button button-primary", href }, t("claim.sign_in_again")));
  }
  if (problem.findings.length === 0) return problemNotice(problem);
  return notice(
    "warn",
    el("p", {}, pick(problem)),
    el("ul", {}, ...problem.findings.map((finding) => el("li", {}, pick(finding)))),
  );
}
