// Looking up a licence without the phone. It needs a reason and a note, and the driver sees it.

import { call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { pick, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { notice } from "../shared/notice.js";
import { asker, question, readyToType } from "./ask.js";
import { vehicleClassPicker } from "./vehicle-class.js";

/** @typedef {import("../shared/answers.js").NamedCode} NamedCode */

/** What the service takes at least and at most. */
const SHORTEST_IDENTIFIER = 5; // a passport
const SHORTEST_NOTE = 4;
const LONGEST_NOTE = 200;

/**
 * @param {import("./app.js").Terminal} terminal
 * @returns {import("./app.js").Screen}
 */
export function lookupScreen(terminal) {
  const picker = vehicleClassPicker(terminal.shift);
  const result = el("div", { class: "result" });
  const identifier = el("input", {
    type: "text",
    id: "identifier",
    class: "figures",
    maxlength: 32,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
  });
  const reason = reasonSelect();
  const note = el("textarea", { id: "note", rows: 2, maxlength: LONGEST_NOTE, "aria-describedby": "note-help" });
  const error = el("p", { class: "field-error", role: "alert" });
  const shortest = new Map([
    [/** @type {Element} */ (identifier), SHORTEST_IDENTIFIER],
    [note, SHORTEST_NOTE],
  ]);
  const { ask, clear } = asker(result, {
    terminal,
    afterwards: () => {
      identifier.value = "";
      note.value = "";
      readyToType(identifier);
    },
  });

  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = [identifier, reason, note];
    const missing = given.filter(
      (field) => field.value.trim().length < (shortest.get(field) ?? 1),
    );
    for (const field of given) field.setAttribute("aria-invalid", String(missing.includes(field)));
    error.textContent = missing.length > 0 ? t("lookup.incomplete") : "";
    missing[0]?.focus();
    if (missing.length > 0) return;
    const asked = question("/presentation/lookups", {
      identifier: identifier.value.trim().toUpperCase(),
      reason: reason.value,
      note: note.value.trim(),
      vehicle_class: picker.value(),
    });
    void ask(asked, "check.checking");
  };

  return {
    element: el(
      "section",
      { class: "check" },
      el("h1", {}, t("lookup.title")),
      result,
      el(
        "form",
        { class: "panel stack check-form", onsubmit: submit, novalidate: true, autocomplete: "off" },
        notice("warn", el("p", {}, t("lookup.warning"))),
        picker.element,
        labelled("identifier", "lookup.identifier", identifier),
        labelled("reason", "lookup.reason", reason),
        labelled("note", "lookup.note", note),
        el("p", { class: "small soft", id: "note-help" }, t("lookup.note_help")),
        error,
        el("button", { class: "button button-primary button-large", type: "submit" }, icon("search"), t("lookup.submit")),
      ),
    ),
    close: clear,
  };
}

function reasonSelect() {
  const select = el("select", { id: "reason" }, el("option", { value: "" }, t("lookup.reason_choose")));
  call("/presentation/lookup-reasons").then(
    (/** @type {NamedCode[]} */ reasons) =>
      select.append(...reasons.map((named) => el("option", { value: named.code }, pick(named)))),
    () => select.replaceChildren(el("option", { value: "" }, t("problem.offline"))),
  );
  return select;
}

/**
 * @param {string} id
 * @param {import("../shared/i18n.js").MessageKey} key
 * @param {HTMLElement} control
 */
function labelled(id, key, control) {
  return el("div", { class: "field" }, el("label", { for: id }, t(key)), control);
}
