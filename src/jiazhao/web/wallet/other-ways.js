// Other ways to give the code to an officer whose camera, or whose holder's screen, fails: a
// short code to read aloud, and the text of the code to copy.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { problemNotice } from "../shared/notice.js";

/** @typedef {import("./code.js").ShownCode} ShownCode */

/** @param {{ freshCode: () => Promise<ShownCode | null>, now: () => number }} source */
export function otherWays({ freshCode, now }) {
  const text = textForm();
  const short = shortForm(freshCode, now);
  return {
    element: el("div", { class: "ways" }, short.element, text.element),
    /** @param {ShownCode} code the one now on the screen */
    show: (code) => text.show(code),
    /** @param {number} counter the highest that was used */
    used: (counter) => short.used(counter),
  };
}

function textForm() {
  const area = el("textarea", { class: "mono", rows: 4, readonly: true, id: "code-text", spellcheck: "false" });
  const said = el("span", { class: "small soft" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(area.value);
      said.textContent = t("show.copied");
    } catch {
      area.select();
      said.textContent = t("show.copy_by_hand");
    }
    announce(said.textContent ?? "");
  };
  const element = el(
    "details",
    { class: "panel way-text" },
    el("summary", {}, t("show.as_text")),
    el(
      "div",
      { class: "stack" },
      el("label", { for: "code-text", class: "small" }, t("show.as_text_help")),
      area,
      el(
        "div",
        { class: "row" },
        el("button", { class: "button", type: "button", onclick: copy }, icon("copy"), t("show.copy")),
        said,
      ),
    ),
  );
  return {
    element,
    /** @param {ShownCode} code */
    show(code) {
      area.value = code.text;
      said.textContent = "";
    },
  };
}

/**
 * @param {() => Promise<ShownCode | null>} freshCode
 * @param {() => number} now
 */
function shortForm(freshCode, now) {
  let counter = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;
  const place = el("div", { class: "short-place" });
  const ask = el(
    "button",
    { class: "button button-wide", type: "button", onclick: () => void fetchShort() },
    icon("keyboard"),
    t("show.short"),
  );
  const element = el("div", { class: "stack" }, ask, place);

  const clear = () => {
    clearInterval(ticking);
    counter = 0;
    place.replaceChildren();
  };

  async function fetchShort() {
    ask.disabled = true;
    clear();
    try {
      const code = await freshCode();
      if (code === null) return;
      /** @type {import("../shared/answers.js").ShortCode} */
      const short = await call("/wallet/codes", { json: { code: code.text } });
      counter = code.counter;
      draw(short);
    } catch (error) {
      place.replaceChildren(problemNotice(asProblem(error)));
    } finally {
      ask.disabled = false;
    }
  }

  /** @param {import("../shared/answers.js").ShortCode} short */
  function draw({ short_code: shortCode, expires_at: expiresAt }) {
    const left = el("p", { class: "small soft figures", "aria-hidden": "true" });
    const spoken = Array.from(shortCode).join(" ");
    const tick = () => {
      const seconds = Math.ceil((Date.parse(expiresAt) - now()) / 1000);
      if (!element.isConnected) return clear();
      if (seconds <= 0) return expire();
      left.textContent = t("show.short_left", { seconds });
    };
    place.replaceChildren(
      el("p", { class: "short-code mono", "aria-label": spoken, role: "text" }, shortCode),
      left,
    );
    announce(t("show.short_ready", { code: spoken }));
    ticking = setInterval(tick, 1000);
    tick();
  }

  function expire() {
    clear();
    place.replaceChildren(el("p", { class: "small soft" }, t("show.short_over")));
  }

  return {
    element,
    /** @param {number} used */
    used(used) {
      if (counter > 0 && used >= counter) clear();
    },
  };
}
