// Recovery of lost passkeys and PINs: what waits for a second person, and asking for one.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { dayAndTime, pick, t } from "../shared/i18n.js";
import { button, notice, problemNotice } from "../shared/notice.js";

/** @typedef {import("../shared/answers.js").Recovery} Recovery */
/** @typedef {import("../shared/answers.js").RecoveryList} RecoveryList */
/** @typedef {import("../shared/answers.js").Colleague} Colleague */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */
/** @typedef {(path: string, json: object | null, done: MessageKey | null, said: HTMLElement) => Promise<void>} Act */

const DOOR = "/identity/recoveries";
const LONGEST_NOTE = 200;
const ASKERS = ["clerk", "registrar", "security_administrator"];

/** @param {{ sessionEnded: () => void, roles: string[] }} console */
export function recoveriesScreen({ sessionEnded, roles }) {
  const place = el("div", { class: "stack" });
  const element = el(
    "section",
    { class: "stack recoveries" },
    el("h1", {}, t("recovery.title")),
    el("p", { class: "soft" }, t("recovery.lead")),
    place,
  );
  const mayAsk = roles.some((role) => ASKERS.includes(role));

  /** Each door answers with the list as it is afterwards. @type {Act} */
  const act = async (path, json, done, said) => {
    said.replaceChildren(el("p", { class: "waiting" }, t("page.loading")));
    try {
      /** @type {RecoveryList} */
      const list = await call(path, json ? { json } : {});
      place.replaceChildren(
        ...(done ? [notice("good", el("p", { id: "done", tabindex: "-1" }, t(done)))] : []),
        waiting(list, act),
        ...(mayAsk ? [form(list, act)] : []),
        ...decided(list),
      );
      if (!done) return;
      announce(t(done));
      document.getElementById("done")?.focus();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) sessionEnded();
      else said.replaceChildren(problemNotice(problem, !json && button("problem.retry", () => void act(path, json, done, said))));
    }
  };
  void act(DOOR, null, null, place);
  return { element };
}

/**
 * @param {RecoveryList} list
 * @param {Act} act
 */
function waiting({ waiting: requests }, act) {
  return el(
    "div",
    { class: "stack" },
    el("h2", {}, t("recovery.waiting")),
    requests.length === 0
      ? notice("info", el("p", {}, t("recovery.none")))
      : el("ul", { class: "queue requests" }, ...requests.map((one) => entry(one, act))),
  );
}

/**
 * @param {Recovery} one
 * @param {Act} act
 */
function entry(one, act) {
  const { account_id, recovery_id, name, reason, note, asked_by_me: mine, may_decide: mayDecide } = one;
  const said = el("div", { role: "alert" });
  const decide = (/** @type {"approve" | "refuse"} */ decision) =>
    void act(`${DOOR}/decisions`, { account_id, recovery_id, decision }, `recovery.done.${decision}`, said);
  const withdraw = () => void act(`${DOOR}/withdrawal`, { account_id, recovery_id }, "recovery.done.withdraw", said);
  return el(
    "li",
    { class: "panel stack" },
    el("h3", {}, name, " ", el("span", { class: "soft" }, t(one.staff ? "recovery.staff" : "recovery.driver"))),
    el(
      "dl",
      { class: "facts" },
      fact("recovery.why", pick(reason)),
      fact("recovery.note", note),
      fact("recovery.asked_by", ...who(one.asked_by, one.asked_at)),
      fact("recovery.until", dayAndTime(one.expires_at)),
    ),
    !mayDecide && el("p", {}, t(mine ? "recovery.yours" : "recovery.not_yours")),
    el(
      "div",
      { class: "row" },
      ...(mayDecide ? [approval(name, () => decide("approve")), named("recovery.refuse", name, () => decide("refuse"))] : []),
      ...(mine ? [named("recovery.withdraw", name, withdraw)] : []),
    ),
    said,
  );
}

/**
 * @param {string} name
 * @param {() => void} approve
 */
function approval(name, approve) {
  const ask = named("recovery.approve", name, () => {
    const sure = button("recovery.approve_sure", approve, "button-primary");
    ask.replaceWith(notice("warn", el("p", {}, t("recovery.approve_what", { name })), el("div", { class: "row" }, sure)));
    sure.focus();
  });
  ask.classList.add("button-primary");
  return ask;
}

/**
 * A button of one entry among others: whose it is, is read out with it.
 *
 * @param {MessageKey} key
 * @param {string} name
 * @param {() => void} action
 */
function named(key, name, action) {
  return el("button", { class: "button", type: "button", onclick: action }, t(key), el("span", { class: "unseen" }, ` ${name}`));
}

/**
 * @param {RecoveryList} list
 * @param {Act} act
 */
function form({ reasons }, act) {
  const said = el("div", { role: "alert" });
  const words = el("label", { for: "recovery-id" });
  const identifier = el("input", { type: "text", id: "recovery-id", autocomplete: "off", spellcheck: "false", required: true });
  let kind = "";
  const whose = (/** @type {"driver" | "staff"} */ chosen) => {
    kind = chosen;
    words.textContent = t(`recovery.${chosen}_identifier`);
  };
  const choice = (/** @type {"driver" | "staff"} */ value) =>
    el(
      "label",
      { class: "choice" },
      el("input", { type: "radio", name: "kind", value, checked: value === "driver", onchange: () => whose(value) }),
      t(`recovery.${value}`),
    );
  const reason = el(
    "select",
    { id: "recovery-reason", required: true },
    el("option", { value: "" }, t("recovery.choose")),
    ...reasons.map((one) => el("option", { value: one.code }, pick(one))),
  );
  const note = el("textarea", { id: "recovery-note", rows: 2, maxlength: LONGEST_NOTE, "aria-describedby": "recovery-note-hint" });
  const seen = el("input", { type: "checkbox", id: "recovery-seen" });
  whose("driver");
  return el(
    "form",
    {
      class: "panel stack",
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const json = {
          kind,
          identifier: identifier.value.trim(),
          reason: reason.value,
          note: note.value.trim(),
          papers_seen: seen.checked,
        };
        void act(DOOR, json, "recovery.asked", said);
      },
    },
    el("h2", {}, t("recovery.ask")),
    el(
      "fieldset",
      { class: "choices" },
      el("legend", {}, t("recovery.who")),
      choice("driver"),
      choice("staff"),
    ),
    el("div", { class: "field" }, words, identifier),
    el("div", { class: "field" }, el("label", { for: "recovery-reason" }, t("recovery.why")), reason),
    el(
      "div",
      { class: "field" },
      el("label", { for: "recovery-note" }, t("recovery.note")),
      el("p", { class: "small soft", id: "recovery-note-hint" }, t("recovery.note_hint")),
      note,
    ),
    el("label", { class: "choice" }, seen, t("recovery.seen")),
    el("div", { class: "row" }, el("button", { class: "button button-primary", type: "submit" }, t("recovery.send"))),
    said,
  );
}

/** @param {RecoveryList} list */
function decided({ decided: requests }) {
  if (requests.length === 0) return [];
  return [
    el(
      "details",
      { class: "panel stack decided" },
      el("summary", {}, t("recovery.decided")),
      el(
        "ul",
        { class: "queue" },
        ...requests.map((one) =>
          el(
            "li",
            { class: "stack" },
            el("h3", {}, one.name, " ", el("span", { class: "soft" }, t(`recovery.state.${one.state}`))),
            el(
              "dl",
              { class: "facts" },
              fact("recovery.why", pick(one.reason)),
              fact("recovery.note", one.note),
              fact("recovery.asked_by", ...who(one.asked_by, one.asked_at)),
              one.decided_by && one.decided_at && fact("recovery.decided_by", ...who(one.decided_by, one.decided_at)),
            ),
          ),
        ),
      ),
    ),
  ];
}

/**
 * @param {Colleague} colleague
 * @param {string} at
 */
function who({ name, unit }, at) {
  return [name, t("page.comma"), unit, el("br"), el("span", { class: "figures" }, dayAndTime(at))];
}

/**
 * @param {MessageKey} key
 * @param {...(Node | string)} value
 */
function fact(key, ...value) {
  return el("div", {}, el("dt", {}, t(key)), el("dd", {}, ...value));
}
