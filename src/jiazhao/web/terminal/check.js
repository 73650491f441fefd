// Checking a shown licence: scan, type or photograph the code; the verdict comes beside it.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { asker, question, readyToType } from "./ask.js";
import { firstPicture, textOfPicture } from "./scan-picture.js";
import { vehicleClassPicker } from "./vehicle-class.js";

/** @typedef {import("./app.js").Terminal} Terminal */
/** @typedef {import("./app.js").Screen} Screen */

/**
 * @param {Terminal} terminal
 * @returns {Screen}
 */
export function checkScreen(terminal) {
  const picker = vehicleClassPicker();
  const result = el("div", { class: "result" });
  const { field, input, complain } = codeField();
  const { ask, clear } = asker(result, {
    terminal,
    afterwards: () => {
      input.value = "";
      readyToType(input);
    },
  });

  const check = (/** @type {string} */ scanned) =>
    question("/presentation/checks", { scanned, vehicle_class: picker.value() });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const scanned = input.value.trim();
    complain(scanned === "");
    if (scanned) void ask(check(scanned), "check.checking");
  };
  const scan = (/** @type {Blob | null} */ picture) => {
    if (picture) void ask(checkOfPicture(picture, check), "check.reading");
  };

  const form = el(
    "form",
    { class: "panel stack check-form", onsubmit: submit, novalidate: true, autocomplete: "off" },
    picker.element,
    field,
    el("button", { class: "button button-primary button-large", type: "submit" }, icon("qr"), t("check.submit")),
    el("div", { class: "row picture-ways" }, ...pictureButtons(scan)),
  );
  const release = acceptPictures(scan);
  queueMicrotask(() => readyToType(input));
  return {
    element: el(
      "section",
      { class: "check" },
      el("h1", {}, t("check.title")),
      result,
      form,
      el("p", { class: "drop-hint soft", "aria-hidden": "true" }, icon("picture"), t("check.drop")),
    ),
    close() {
      release();
      clear();
    },
  };
}

/**
 * Read the picture, then check its text; a repeated question keeps the text and its check id.
 *
 * @param {Blob} picture
 * @param {(scanned: string) => import("./ask.js").Question} check
 * @returns {import("./ask.js").Question}
 */
function checkOfPicture(picture, check) {
  /** @type {import("./ask.js").Question | null} */
  let known = null;
  return async (cancel) => {
    known ??= check(await textOfPicture(picture, cancel));
    return known(cancel);
  };
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
