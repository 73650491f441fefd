// Which vehicle is being driven. Picked once and kept for the shift (as long as the tab).

import { call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { pick, t } from "../shared/i18n.js";

/** @typedef {import("../shared/answers.js").NamedCode} NamedCode */

const KEPT_AS = "jiazhao-vehicle-class";

/** @type {Promise<NamedCode[]> | null} */
let asked = null;

/** @returns {Promise<NamedCode[]>} */
function vehicleClasses() {
  asked ??= call("/presentation/vehicle-classes").catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

export function vehicleClassPicker() {
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
  vehicleClasses().then(
    (classes) => {
      const options = classes.map((named) =>
        el("option", { value: named.code }, `${named.code}　${pick(named)}`),
      );
      const none = el("option", { value: "" }, t("check.class_none"));
      select.replaceChildren(none, ...options);
      select.value = classes.some(({ code }) => code === kept) ? kept : "";
    },
    () => {
      help.textContent = t("check.classes_failed");
    },
  );
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
