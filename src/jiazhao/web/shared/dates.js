// A period of days; either day may wrap to a line of its own, but neither is broken.

import { el } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @param {string} from
 * @param {string} until
 */
export function dateSpan(from, until) {
  return el(
    "span",
    { class: "dates" },
    el("span", { class: "unbroken" }, from),
    ` ${t("licence.until")} `,
    el("span", { class: "unbroken" }, until),
  );
}
