// A screen with a heading, a sentence, and what the service is asked for: while it is asked, what
// it said, or why it said nothing and the way to ask again.

import { asProblem } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, problemNotice } from "../shared/notice.js";
import { keepPlace } from "../shared/page.js";

/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

/**
 * @param {MessageKey} title
 * @param {MessageKey} lead
 * @param {() => Promise<HTMLElement[]>} ask
 * @returns {import("./app.js").Screen & { load: () => Promise<void> }}
 */
export function listScreen(title, lead, ask) {
  const place = el("div", { class: "stack", "aria-live": "polite" });
  const load = async () => {
    if (!place.hasChildNodes()) place.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
    try {
      place.replaceChildren(...(await ask()));
    } catch (error) {
      place.replaceChildren(problemNotice(asProblem(error), button("problem.retry", () => void load())));
    }
  };
  void load();
  return {
    // Whoever did something to what is listed stays on the screen when it is drawn anew.
    load: async () => {
      await load();
      keepPlace();
    },
    element: el(
      "section",
      { class: "stack accesses" },
      el("a", { class: "button button-plain accesses-back", href: "#" }, icon("back"), t("show.back")),
      el("h1", {}, t(title)),
      el("p", { class: "soft" }, t(lead)),
      place,
    ),
  };
}
