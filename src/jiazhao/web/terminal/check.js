// Checking a shown licence. The camera is open when the screen is, and what it reads is judged at
// once; a picture, a typed code and a hand-held scanner are other ways to the same end.

import { announce } from "../shared/announce.js";
import { asProblem, localProblem } from "../shared/api.js";
import { fromBase64url } from "../shared/base64url.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { CODE_OCTETS } from "../shared/licence-code.js";
import { sameOctets } from "../shared/octets.js";
import { button, problemNotice } from "../shared/notice.js";
import { pulse, readyToType, TOUCH } from "./ask.js";
import { cameraView } from "./camera.js";
import { challengePanel, newChallenge } from "./challenge.js";
import { examine, scannedOctets } from "./examine.js";
import { codesIn } from "./reader.js";
import { firstPicture } from "./scan-picture.js";
import { ScannerKeys } from "./scanner-keys.js";
import { play } from "./sounds.js";
import { vehicleClassPicker } from "./vehicle-class.js";
import { verdictView } from "./verdict-view.js";

/** @typedef {import("./app.js").Terminal} Terminal */
/** @typedef {import("./app.js").Screen} Screen */
/** @typedef {import("./examine.js").Scanned} Scanned */
/** @typedef {import("./examine.js").Told} Told */
/** @typedef {import("./shift.js").Shift} Shift */

/** The short code beside a licence code is read sooner; the large one gets this long, in ms. */
const WAIT_FOR_THE_CODE = 700;
const ASKS_FOR_DIGITS = ["challenge_needed", "challenge_missing", "challenge_wrong"];

/**
 * @param {Terminal} terminal
 * @returns {Screen}
 */
export function checkScreen(terminal) {
  const shift = /** @type {Shift} */ (terminal.shift);
  const picker = vehicleClassPicker(shift);
  const result = el("div", { class: "result" });
  const steps = el("div", { class: "steps-place" });
  const { field, input, complain } = codeField();
  const camera = cameraView(seen);
  /** @type {ReturnType<typeof verdictView> | null} */
  let view = null;
  /** @type {AbortController | null} */
  let running = null;
  /** @type {number | null} */
  let challenge = null;
  /** @type {Uint8Array | null} what was judged last: the phone still shows it for some seconds */
  let judged = null;
  let shortSince = 0;

  const clear = () => {
    running?.abort();
    running = null;
    view?.close();
    view = null;
    result.replaceChildren();
    steps.replaceChildren();
    result.classList.remove("filled");
    element.classList.remove("answered", "asking");
  };

  const next = () => {
    clear();
    challenge = null;
    input.value = "";
    camera.pause(false);
    readyToType(input);
    window.scrollTo(0, 0);
  };

  /** @param {Uint8Array[]} codes */
  function seen(codes) {
    const shown = codes.find(({ length }) => length === CODE_OCTETS);
    if (shown !== undefined) {
      shortSince = 0;
      if (judged === null || !sameOctets(judged, shown)) begin(scannedOctets(shown));
      return;
    }
    const [text] = codes.map(textOf).filter(isShortCode);
    if (text === undefined) return;
    const now = performance.now();
    if (shortSince === 0) shortSince = now;
    if (now - shortSince > WAIT_FOR_THE_CODE) {
      shortSince = 0;
      begin({ octets: null, text });
    }
  }

  /** @param {Scanned} scanned @param {"same" | "differs" | null} [face] */
  function begin(scanned, face = null) {
    put({ shift, checkId: crypto.randomUUID(), scanned, vehicleClass: picker.value(), challenge, face });
  }

  /** Put a question, maybe again. @param {import("./examine.js").Question} question */
  function put(question) {
    clear();
    judged = question.scanned.octets;
    camera.pause(true);
    const cancelling = new AbortController();
    running = cancelling;
    const cancel = () => {
      cancelling.abort();
      fail(localProblem("check.cancelled", "cancelled"), () => put(question));
    };
    fill(el("div", { class: "panel stack" }, el("p", { class: "waiting", role: "status" }, t("check.checking")), button("check.cancel", cancel)));
    const tell = (/** @type {Told} */ told) => show(told, question);
    examine(question, { tell, cancel: cancelling.signal }).catch((error) => {
      if (running === cancelling) fail(error, () => put(question));
    });
  }

  /** @param {Node} content */
  function fill(content) {
    result.classList.add("filled");
    element.classList.add("answered");
    result.replaceChildren(content);
  }

  /** @param {Told} told @param {import("./examine.js").Question} question */
  function show(told, question) {
    const { problem } = told;
    if (problem !== null && terminal.isOver(problem)) return;
    const before = view?.word;
    view?.close();
    const reason = told.answer.reason?.code ?? "";
    view = verdictView(told.answer, {
      clock: shift.clock,
      standing: told.standing,
      next,
      compare: reason === "compare_face" ? (face) => begin(question.scanned, face) : null,
    });
    fill(view.element);
    steps.replaceChildren(...(view.steps === null ? [] : [view.steps]));
    if (ASKS_FOR_DIGITS.includes(reason)) {
      challenge ??= newChallenge();
      const panel = challengePanel(challenge);
      view.ask(panel.element, panel.spoken);
      element.classList.add("asking");
      camera.pause(false); // the driver types, and the next code is read by itself
    } else {
      element.classList.remove("asking");
      camera.pause(true);
    }
    // Where the terminal's own word says nothing, the service may say more in a moment.
    const open = told.answer.verdict === "CANNOT_CONFIRM" && !element.classList.contains("asking") && reason !== "compare_face";
    if (problem !== null && (question.scanned.octets === null || !problem.harmless || open)) {
      view.ask(problemNotice(problem, button("problem.retry", () => put(question))));
    }
    void terminal.contacted(told.standing === "confirmed" || told.standing === "replaced");
    if (before === view.word) return;
    announce(view.spoken, { urgent: true });
    pulse(told.answer.verdict);
    play(told.answer.verdict);
    if (TOUCH.matches) view.focus();
    else {
      input.value = "";
      readyToType(input);
    }
    result.scrollIntoView({ block: "nearest" });
  }

  /** @param {unknown} error @param {() => void} again */
  function fail(error, again) {
    const problem = asProblem(error);
    if (terminal.isOver(problem)) return;
    steps.replaceChildren();
    fill(problemNotice(problem, button("problem.retry", again), button("check.next", next)));
  }

  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const typed = input.value.trim();
    complain(typed === "");
    if (typed) begin(typedCode(typed));
  };
  const scan = async (/** @type {Blob | null} */ picture) => {
    if (picture === null) return;
    clear();
    camera.pause(true);
    fill(el("p", { class: "panel waiting", role: "status" }, t("check.reading")));
    try {
      const codes = await codesIn(picture).catch(() => {
        throw localProblem("check.no_picture", "no_picture");
      });
      const shown = codes.find(({ length }) => length === CODE_OCTETS);
      const [text] = codes.map(textOf);
      if (shown !== undefined) begin(scannedOctets(shown));
      else if (text !== undefined) begin({ octets: null, text });
      else throw localProblem("check.no_code", "no_code");
    } catch (error) {
      fail(error, next);
    }
  };

  const form = el(
    "form",
    { class: "panel stack check-form", onsubmit: submit, novalidate: true, autocomplete: "off" },
    picker.element,
    field,
    el("button", { class: "button button-primary button-large", type: "submit" }, icon("qr"), t("check.submit")),
    el("div", { class: "row picture-ways" }, ...pictureButtons(scan)),
  );
  const element = el(
    "section",
    { class: "check" },
    el("h1", {}, t("check.title")),
    result,
    el("div", { class: "stack check-ways" }, camera.element, form),
    steps,
    el("p", { class: "drop-hint soft", "aria-hidden": "true" }, icon("picture"), t("check.drop")),
  );
  const releasePictures = acceptPictures(scan);
  const releaseKeys = acceptScanner(input, (text) => begin(typedCode(text)));
  camera.start();
  queueMicrotask(() => readyToType(input));
  return {
    element,
    close() {
      releasePictures();
      releaseKeys();
      camera.close();
      clear();
    },
  };
}

/** @param {string} text @returns {Scanned} */
function typedCode(text) {
  try {
    const octets = fromBase64url(text);
    if (octets.length === CODE_OCTETS) return { octets, text };
  } catch {
    // Not a whole code, so a short one.
  }
  return { octets: null, text };
}

/** @param {Uint8Array} octets */
function textOf(octets) {
  return new TextDecoder().decode(octets);
}

/** Any other code in the picture (a shop's, a ticket's) is none of ours. @param {string} text */
function isShortCode(text) {
  return /^[0-9A-Z]{4}-?[0-9A-Z]{4}$/.test(text);
}

function codeField() {
  const input = el("input", {
    type: "text",
    id: "code",
    class: "mono code-input",
    placeholder: "ABCD-EFGH",
    maxlength: 1024,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    enterkeyhint: "go",
    "aria-describedby": "code-help code-error",
  });
  const error = el("p", { class: "field-error", id: "code-error", role: "alert" });
  const field = el(
    "div",
    { class: "field" },
    el("label", { for: "code" }, t("check.code")),
    input,
    el("p", { class: "small soft", id: "code-help" }, t("check.code_help")),
    error,
  );
  return {
    field,
    input,
    complain: (/** @type {boolean} */ empty) => {
      error.textContent = empty ? t("check.empty") : "";
      input.setAttribute("aria-invalid", String(empty));
      if (empty) input.focus();
    },
  };
}

/** Take a picture now, or choose one. @param {(picture: Blob | null) => void} scan */
function pictureButtons(scan) {
  return /** @type {const} */ ([
    { key: "check.picture", sign: "camera", capture: "environment" },
    { key: "check.choose", sign: "picture", capture: null },
  ]).map(({ key, sign, capture }) => {
    const chooser = el("input", {
      type: "file",
      accept: "image/*",
      capture,
      class: "unseen",
      tabindex: -1,
      "aria-hidden": "true",
      onchange: () => {
        scan(firstPicture(chooser.files));
        chooser.value = "";
      },
    });
    const open = el(
      "button",
      { class: "button", type: "button", onclick: () => chooser.click() },
      icon(sign),
      t(key),
    );
    return el("span", { class: "picture-way" }, chooser, open);
  });
}

/**
 * Take what a hand-held scanner types while the cursor is not in the field for codes.
 *
 * @param {HTMLElement} input
 * @param {(text: string) => void} take
 * @returns {() => void} stops it
 */
function acceptScanner(input, take) {
  const keys = new ScannerKeys();
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (document.activeElement === input) return;
    const text = keys.take(event.key, event.timeStamp);
    if (text === null) return;
    event.preventDefault();
    take(text);
  };
  document.addEventListener("keydown", pressed, true);
  return () => document.removeEventListener("keydown", pressed, true);
}

/**
 * Take pictures that are dropped or pasted anywhere on the page.
 *
 * @param {(picture: Blob | null) => void} scan
 * @returns {() => void} stops it
 */
function acceptPictures(scan) {
  const over = (/** @type {DragEvent} */ event) => event.preventDefault();
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    scan(firstPicture(event.dataTransfer?.files));
  };
  const paste = (/** @type {ClipboardEvent} */ event) => {
    const picture = firstPicture(event.clipboardData?.files);
    if (picture === null) return;
    event.preventDefault();
    scan(picture);
  };
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("paste", paste);
  return () => {
    document.removeEventListener("dragover", over);
    document.removeEventListener("drop", drop);
    document.removeEventListener("paste", paste);
  };
}
