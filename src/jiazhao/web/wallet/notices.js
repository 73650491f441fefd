// Notices: what changed of the licence and what is due, each with the law behind it and the way
// to object.

import { call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { notice } from "../shared/notice.js";
import { sourceOfLaw } from "../shared/source-of-law.js";
import { listScreen } from "./list-screen.js";
import { objectionPlace, ownObjections } from "./objection.js";
import { rememberSeen } from "./unread.js";

/** @typedef {{ notice_id: string, kind: string, at: string, zh: string, en: string, source: string }} Notice */

export function noticesScreen() {
  return listScreen("notices.title", "notices.lead", async () => {
    const [{ notices }, objections] = await Promise.all([call("/wallet/notices"), ownObjections()]);
    await rememberSeen(notices);
    if (notices.length === 0) return [notice("info", el("p", {}, t("notices.none")))];
    return [el("ol", { class: "access-list" }, ...notices.map((/** @type {Notice} */ one) => entry(one, objections)))];
  });
}

/**
 * @param {Notice} one
 * @param {readonly import("./objection.js").Objection[]} objections
 */
function entry(one, objections) {
  return el(
    "li",
    { class: "panel access" },
    el("div", { class: "access-head" }, el("time", { datetime: one.at, class: "figures" }, dayAndTime(one.at))),
    el("h2", {}, pick(one)),
    one.source && el("p", { class: "small soft" }, t("problem.source", { source: sourceOfLaw(one.source) })),
    objectionPlace("notice", one.notice_id, objections),
  );
}
