// Other ways to give the code to an officer whose camera, or whose holder's screen, fails: a
// short code to read aloud with a small QR code of it for scanners that type, the picture of the
// code to save or copy, and its text.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { toBase64url } from "../shared/base64url.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { problemNotice } from "../shared/notice.js";
import { licenceCodeModules, qrPicture } from "../shared/qr.js";

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
  /** @type {ShownCode | null} */
  let code = null;
  const tell = (/** @type {"show.copied" | "show.saved"} */ key) => {
    said.textContent = t(key);
    announce(said.textContent);
  };
  const picture = async () => {
    if (code === null) return;
    const blob = await drawn(code.octets);
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
      tell("show.copied");
    } catch {
      save(blob);
      tell("show.saved");
    }
  };
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
        el("button", { class: "button", type: "button", onclick: picture }, icon("picture"), t("show.picture")),
        said,
      ),
    ),
  );
  return {
    element,
    /** @param {ShownCode} shown */
    show(shown) {
      code = shown;
      // What is being read or copied is not taken away under the reader's eyes.
      if (element.open && area.contains(document.activeElement)) return;
      area.value = toBase64url(shown.octets);
    },
  };
}

/** Pixels of a module in the picture: large enough for any scanner. */
const SCALE = 8;

/**
 * The code as a picture of its own.
 *
 * @param {Uint8Array} octets
 * @returns {Promise<Blob>}
 */
async function drawn(octets) {
  const modules = licenceCodeModules(octets);
  const canvas = new OffscreenCanvas(modules.length * SCALE, modules.length * SCALE);
  const paper = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  paper.fillStyle = "#ffffff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.fillStyle = "#000000";
  modules.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) paper.fillRect(x * SCALE, y * SCALE, SCALE, SCALE);
    }),
  );
  return canvas.convertToBlob({ type: "image/png" });
}

/** @param {Blob} blob */
function save(blob) {
  const href = URL.createObjectURL(blob);
  el("a", { href, download: "licence-code.png" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
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
      const short = await call("/wallet/codes", { json: { code: toBase64url(code.octets) } });
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
      el("div", { class: "short-qr" }, qrPicture(shortCode, { label: t("show.short_qr"), colour: "#000000" })),
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
