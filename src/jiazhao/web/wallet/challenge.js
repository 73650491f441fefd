// The four digits that a terminal shows where it wants to be sure that this very phone stands
// before it: the holder types them, and the codes that follow answer them for a minute.

import { announce } from "../shared/announce.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const DIGITS = 4;
/** As long as a code lives: then the check is over, or the officer shows other digits. */
const LASTS = 60_000;

/** @param {() => void} changed  is called whenever the digits come or go */
export function challengeForm(changed) {
  /** @type {string | null} */
  let digits = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ending;
  const said = el("p", { class: "small", id: "challenge-said" });
  const input = el("input", {
    type: "text",
    id: "challenge",
    class: "challenge-input figures",
    inputmode: "numeric",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: DIGITS,
    "aria-describedby": "challenge-said",
  });

  /** @param {string | null} next */
  const set = (next) => {
    clearTimeout(ending);
    if (next === digits) return;
    digits = next;
    said.textContent = next === null ? "" : t("challenge.in_code", { digits: next });
    if (next !== null) {
      announce(said.textContent);
      ending = setTimeout(clear, LASTS);
    }
    changed();
  };
  const clear = () => {
    input.value = "";
    set(null);
  };
  input.addEventListener("input", () => {
    input.value = input.value.replace(/\D/g, "").slice(0, DIGITS);
    set(input.value.length === DIGITS ? input.value : null);
  });

  return {
    element: el(
      "div",
      { class: "panel challenge" },
      el("label", { for: "challenge" }, t("challenge.label")),
      input,
      said,
    ),
    /** What the next code answers; null for none. */
    digits: () => (digits === null ? null : Number(digits)),
    clear,
  };
}
