// Deleting everything that this wallet keeps: here and now, without a network and without asking
// anybody. The authority learns nothing of it, and what it holds by law stays there.

import { call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { button, notice } from "../shared/notice.js";

/** @typedef {import("./app.js").Screen} Screen */

/** Every store of this origin that the wallet makes. */
const DATABASES = ["jiazhao-wallet", "jiazhao-kept", "jiazhao-pin"];
const CHANNEL = "jiazhao-deletion";

/** @typedef {(done: boolean) => void} OnDeletion  first that it begins, then that it is done */

/** @type {Set<OnDeletion>} */
const listeners = new Set();

/** Be told of a deletion, in this tab or another. @param {OnDeletion} listener */
export function onDeletion(listener) {
  listeners.add(listener);
  new BroadcastChannel(CHANNEL).addEventListener("message", ({ data }) => listener(data === "done"));
}

/** @returns {Screen} */
export function deleteScreen() {
  const place = el("div", { class: "stack" });
  const ask = button("delete.start", () => {
    const sure = button("delete.sure", () => void deleteEverything(), "button-primary");
    place.replaceChildren(notice("warn", el("p", {}, t("delete.what")), el("div", { class: "row" }, sure)));
    sure.focus();
  });
  place.append(ask);
  return {
    element: el(
      "section",
      { class: "stack accesses" },
      el("a", { class: "button button-plain accesses-back", href: "#" }, icon("back"), t("show.back")),
      el("h1", {}, t("delete.title")),
      el("p", {}, t("delete.lead")),
      el("p", { class: "soft" }, t("delete.elsewhere")),
      place,
    ),
  };
}

/** @returns {Screen} */
export function deletedScreen() {
  return {
    element: el(
      "section",
      { class: "stack accesses" },
      el("h1", {}, t("delete.done_title")),
      notice("good", el("p", {}, t("delete.done"))),
      el("a", { class: "button", href: "/" }, t("delete.begin_again")),
    ),
  };
}

async function deleteEverything() {
  tell(false);
  // Ends the session where there is a network; nothing waits for it.
  void call("/sign-out", { json: {} }).catch(() => null);
  localStorage.clear();
  sessionStorage.clear();
  await Promise.all([...DATABASES.map(deleteDatabase), deleteCaches(), unregister()]);
  tell(true);
}

/** Tell this tab and the others, so that none keeps anything again. @param {boolean} done */
function tell(done) {
  for (const listener of listeners) listener(done);
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(done ? "done" : "begins");
  channel.close();
}

/** @param {string} name @returns {Promise<void>} */
function deleteDatabase(name) {
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = () => resolve();
    asked.onerror = () => resolve(); // there was none, or storage is switched off
  });
}

async function deleteCaches() {
  const names = (await globalThis.caches?.keys()) ?? [];
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function unregister() {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}
