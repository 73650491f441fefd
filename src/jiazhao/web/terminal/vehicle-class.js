// Which vehicle is being driven. Picked once and kept for the shift (as long as the tab).

import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { rulesOn } from "../shared/rules.js";

/** @typedef {import("../shared/answers.js").NamedCode} NamedCode */

const KEPT_AS = "jiazhao-vehicle-class";

/**
 * The classes of the day, from the rules that the shift brought.
 *
 * @param {import("./shift.js").Shift} shift
 * @returns {NamedCode[]}
 */
function vehicleClasses({ content, clock }) {
  const day = dayAndTime(clock.now()).slice(0, 10);
  return [...rulesOn(content.bundle.rules, day).classes.values()].map(({ code, zh, en }) => ({ code, zh, en }));
}

/** @param {import("./shift.js").Shift | null} shift */
export function vehicleClassPicker(shift) {
  const kept = sessionStorage.getItem(KEPT_AS) ?? "";
  const select = el(
    "select",
    {
      id: "vehicle-class",
      "aria-describedby": "vehicle-class-help",
      onchange: () => sessionStorage.setItem(KEPT_AS, select.value),
    },
    el("option", { value: "" }, t("check.class_none")),
    kept && el("option", { value: kept }, kept),
  );
  select.value = kept;
  const help = el("p", { class: "small soft", id: "vehicle-class-help" }, t("check.class_kept"));
  try {
    const classes = shift === null ? [] : vehicleClasses(shift);
    const options = classes.map((named) => el("option", { value: named.code }, `${named.code}　${pick(named)}`));
    select.replaceChildren(el("option", { value: "" }, t("check.class_none")), ...options);
    select.value = classes.some(({ code }) => code === kept) ? kept : "";
  } catch {
    help.textContent = t("check.classes_failed");
  }
  return {
    element: el(
      "div",
      { class: "field" },
      el("label", { for: "vehicle-class" }, t("check.class")),
      select,
      help,
    ),
    /** @returns {string | null} */
    value: () => select.value || null,
  };
}
