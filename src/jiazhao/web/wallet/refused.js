// "My licence was refused": a report of who would not take the electronic licence, where and
// when. The authority reads it; nothing but what is written here tells who sent it.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, t } from "../shared/i18n.js";
import { problemNotice } from "../shared/notice.js";
import { forceOfLaw } from "./home.js";
import { listScreen } from "./list-screen.js";

const LONGEST = 120;
const LONGEST_TEXT = 1000;

/** @typedef {{ report_id: string, who: string, where: string, at: string, text: string }} Report */

export function refusedScreen() {
  const screen = listScreen("refused.title", "refused.lead", async () => {
    const { reports } = await call("/wallet/refusal-reports");
    return [forceOfLaw(), form(() => void screen.load()), ...(reports.length > 0 ? [sent(reports)] : [])];
  });
  return screen;
}

/** @param {readonly Report[]} reports */
function sent(reports) {
  return el(
    "section",
    { class: "stack" },
    el("h2", {}, t("refused.sent_before")),
    el(
      "ol",
      { class: "access-list" },
      ...reports.map(({ who, where, at, text }) =>
        el(
          "li",
          { class: "panel access" },
          el("div", { class: "access-head" }, el("time", { datetime: at, class: "figures" }, dayAndTime(at)), el("span", {}, where)),
          el("h3", {}, who),
          text && el("p", { class: "small" }, text),
        ),
      ),
    ),
  );
}

/** @param {() => void} done */
function form(done) {
  const who = el("input", { type: "text", id: "refused-who", maxlength: LONGEST, autocomplete: "off" });
  const where = el("input", { type: "text", id: "refused-where", maxlength: LONGEST, autocomplete: "off" });
  const at = el("input", { type: "datetime-local", id: "refused-at", value: localNow() });
  const text = el("textarea", { id: "refused-text", rows: 3, maxlength: LONGEST_TEXT });
  const said = el("div", {});
  const send = el("button", { class: "button button-primary", type: "submit" }, t("refused.send"));
  const submit = async () => {
    const lacking = [who, where, at].find(({ value }) => value.trim() === "");
    if (lacking) {
      said.replaceChildren(el("p", { class: "field-error", role: "alert" }, t("refused.incomplete")));
      lacking.focus();
      return;
    }
    send.disabled = true;
    try {
      const json = { who: who.value.trim(), where: where.value.trim(), at: new Date(at.value).toISOString(), text: text.value.trim() };
      await call("/wallet/refusal-reports", { json });
      announce(t("refused.sent"));
      done();
    } catch (error) {
      said.replaceChildren(problemNotice(asProblem(error)));
      send.disabled = false;
    }
  };
  const field = (/** @type {import("../shared/i18n.js").MessageKey} */ key, /** @type {HTMLElement} */ control) =>
    el("div", { class: "field" }, el("label", { for: control.id }, t(key)), control);
  return el(
    "form",
    {
      class: "panel stack",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void submit();
      },
    },
    field("refused.who", who),
    field("refused.where", where),
    field("refused.at", at),
    field("refused.text", text),
    send,
    said,
  );
}

/** This minute by the device's clock, as such a field wants it. */
function localNow() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
