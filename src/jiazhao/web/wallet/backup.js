// The printed backup code, for a phone that is dead: one lives for each licence, a new one voids
// it. It names nobody to any scanner but the terminals; the officer compares the face instead of
// the phone. It goes from the answer to the paper and is kept nowhere here.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { fromBase64url } from "../shared/base64url.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice, problemNotice } from "../shared/notice.js";
import { keepPlace, signInAddress } from "../shared/page.js";
import { licenceCodePicture } from "../shared/qr.js";

/** @typedef {import("./app.js").Screen} Screen */

const WANTS_SIGN_IN = ["sign_in_too_old", "proof_too_weak"];

/** @returns {Screen} */
export function backupScreen() {
  const place = el("div", { class: "stack" });
  const wait = () => place.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
  const fail = (/** @type {unknown} */ error, /** @type {() => void} */ again) => {
    const problem = asProblem(error);
    const way = WANTS_SIGN_IN.includes(problem.code) ? freshSignIn() : button("problem.retry", again);
    place.replaceChildren(problemNotice(problem, way));
  };
  const make = async () => {
    wait();
    try {
      const { code, expires_at: expiresAt } = await call("/wallet/backup-codes", { json: {} });
      place.replaceChildren(...printed(fromBase64url(code), expiresAt));
      announce(t("backup.made"));
      keepPlace();
    } catch (error) {
      fail(error, () => void make());
    }
  };
  const end = async () => {
    wait();
    try {
      await call("/wallet/backup-codes", { method: "DELETE" });
      start(notice("good", el("p", {}, t("backup.void"))));
      announce(t("backup.void"));
      keepPlace();
    } catch (error) {
      fail(error, () => void end());
    }
  };
  const start = (/** @type {HTMLElement | null} */ said) =>
    place.replaceChildren(
      ...(said ? [said] : []),
      button("backup.make", () => void make(), "button-primary button-wide"),
      button("backup.end", () => void end(), "button-wide"),
    );
  start(null);
  return {
    element: el(
      "section",
      { class: "stack accesses backup" },
      el("a", { class: "button button-plain accesses-back", href: "#" }, icon("back"), t("show.back")),
      el("h1", {}, t("backup.title")),
      el("p", {}, t("backup.lead")),
      el("ul", { class: "backup-rules" }, ...RULES.map((key) => el("li", {}, t(key)))),
      place,
    ),
    close: () => document.body.classList.remove("prints-card", "prints-sheet"),
  };
}

const RULES = /** @type {const} */ (["backup.rule_face", "backup.rule_one", "backup.rule_end"]);

/**
 * The code as it will lie on the paper, and the two papers it fits.
 *
 * @param {Uint8Array} octets
 * @param {string} expiresAt
 */
function printed(octets, expiresAt) {
  const until = dayAndTime(expiresAt).slice(0, 10);
  const print = (/** @type {"prints-card" | "prints-sheet"} */ size) => {
    document.body.classList.remove("prints-card", "prints-sheet");
    document.body.classList.add(size);
    window.print();
  };
  return [
    el(
      "figure",
      { class: "backup-paper" },
      licenceCodePicture(octets, { label: t("backup.qr_label"), colour: "#000000" }),
      el(
        "figcaption",
        {},
        el("strong", {}, "电子驾驶证备用码 ", el("span", { lang: "en" }, "E-licence backup code")),
        el("span", {}, `有效期至 ${until} `, el("span", { lang: "en" }, `valid until ${until}`)),
        el("span", { class: "backup-note" }, "供交警终端扫描，须核对本人面容。", el("span", { lang: "en" }, " For police terminals; the face is compared.")),
      ),
    ),
    el(
      "div",
      { class: "row" },
      button("backup.print_card", () => print("prints-card")),
      button("backup.print_sheet", () => print("prints-sheet")),
    ),
    el("p", { class: "soft small" }, t("backup.only_now")),
  ];
}

function freshSignIn() {
  const href = signInAddress({ fresh: true, to: "/#backup" });
  return el("a", { class: "button button-primary", href }, t("claim.sign_in_again"));
}
