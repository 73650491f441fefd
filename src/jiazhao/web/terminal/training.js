// Training: made-up drivers in every state, with every word, sound and question that may come.
// Nothing is asked of the service and nothing is recorded; a banner says so all the time.

import { announce } from "../shared/announce.js";
import { el } from "../shared/dom.js";
import { inBoth, t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { keepPlace } from "../shared/page.js";
import { pulse } from "./ask.js";
import { challengePanel } from "./challenge.js";
import { play } from "./sounds.js";
import { verdictView } from "./verdict-view.js";

/** @typedef {import("../shared/answers.js").CheckAnswer} CheckAnswer */
/** @typedef {import("../shared/answers.js").LicenceView} LicenceView */
/** @typedef {import("../shared/answers.js").Verdict} Verdict */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

/**
 * @typedef {object} Scene
 * @property {string} id
 * @property {Verdict} verdict
 * @property {MessageKey} name
 * @property {MessageKey | null} reason
 * @property {Partial<LicenceView> | null} licence  what differs from the made-up driver
 * @property {string} [reasonCode]
 * @property {boolean} [drives]
 */

/** What the weightiest status is. */
const STATUS = {
  normal: { code: "A", zh: "正常", en: "normal" },
  points: { code: "B", zh: "超分", en: "full score reached" },
  detained: { code: "U", zh: "扣留", en: "detained" },
};

/** @type {readonly Scene[]} */
const SCENES = [
  { id: "valid", verdict: "VALID", name: "training.valid", reason: null, licence: {}, drives: true },
  { id: "other-class", verdict: "VALID", name: "training.other_class", reason: null, licence: {}, drives: false },
  { id: "points", verdict: "NOT_VALID", name: "training.points", reason: "training.points", licence: { points: 12, display_status: STATUS.points, qr_colour: "red" } },
  { id: "detained", verdict: "NOT_VALID", name: "training.detained", reason: "training.detained", licence: { display_status: STATUS.detained, qr_colour: "red" } },
  { id: "forged", verdict: "NOT_GENUINE", name: "training.forged", reason: "training.forged", licence: null },
  { id: "expired-code", verdict: "CANNOT_CONFIRM", name: "training.expired_code", reason: "training.expired_code", licence: {} },
  { id: "old-list", verdict: "CANNOT_CONFIRM", name: "training.old_list", reason: "training.old_list", licence: {} },
  { id: "digits", verdict: "CANNOT_CONFIRM", name: "training.digits", reason: "training.digits", licence: {}, reasonCode: "challenge_needed" },
  { id: "face", verdict: "CANNOT_CONFIRM", name: "training.face", reason: "training.face", licence: {}, reasonCode: "compare_face" },
];

/** @type {LicenceView} */
const DRIVER = {
  instance_number: null,
  licence_number: "990101199001010019",
  identity_kind: "",
  name: "训练样本",
  family_name_latin: "",
  given_name_latin: "",
  sex: 1,
  nationality: "CN",
  birth_date: "1990-01-01",
  address: "",
  issuing_office: "川A",
  archive_number: "",
  first_issue_date: "2012-06-01",
  valid_from: "2018-06-01",
  valid_until: "2028-06-01",
  long_term: false,
  classes: [{ code: "C1", zh: "小型汽车", en: "Small car", issue_date: "2012-06-01", expiry_date: null }],
  statuses: [STATUS.normal],
  display_status: STATUS.normal,
  qr_colour: "black",
  may_drive: true,
  points: 3,
  full_score: 12,
  record: "",
  specimen: true,
  confirmed_at: "2024-01-01T00:00:00Z",
};
const DIGITS = 4207;

/** @returns {import("./app.js").Screen} */
export function trainingScreen() {
  const place = el("div", { class: "result training-result" });
  /** @type {ReturnType<typeof verdictView> | null} */
  let view = null;
  const close = () => {
    view?.close();
    view = null;
    place.replaceChildren();
    scenes.hidden = false;
  };
  const next = () => {
    close();
    keepPlace();
  };
  const show = (/** @type {Scene} */ scene) => {
    close();
    view = verdictView(answerOf(scene), {
      clock: Date,
      standing: "confirmed",
      next,
      compare: scene.reasonCode === "compare_face" ? (face) => show(afterFace(face)) : null,
    });
    if (scene.reasonCode === "challenge_needed") {
      const panel = challengePanel(DIGITS);
      view.ask(panel.element, panel.spoken);
    }
    scenes.hidden = true;
    place.replaceChildren(view.element);
    announce(view.spoken, { urgent: true });
    pulse(scene.verdict);
    play(scene.verdict);
    view.focus();
    place.scrollIntoView({ block: "nearest" });
  };
  const scenes = el(
    "ul",
    { class: "training-scenes" },
    ...SCENES.map((scene) =>
      el("li", {}, el("button", { class: "button", type: "button", "data-scene": scene.id, onclick: () => show(scene) }, t(scene.name))),
    ),
  );
  const element = el(
    "section",
    { class: "stack training" },
    el("p", { class: "training-banner" }, icon("eye"), t("training.banner")),
    el("h1", {}, t("training.title")),
    el("p", { class: "soft" }, t("training.lead")),
    scenes,
    place,
  );
  return { element, close };
}

/** @param {"same" | "differs"} face @returns {Scene} */
function afterFace(face) {
  return face === "same"
    ? { id: "same", verdict: "VALID", name: "training.face", reason: null, licence: {}, drives: true }
    : { id: "differs", verdict: "CANNOT_CONFIRM", name: "training.face", reason: "training.face_differs", licence: {} };
}

/** @param {Scene} scene @returns {CheckAnswer} */
function answerOf({ verdict, reason, licence, drives, reasonCode }) {
  const now = new Date().toISOString();
  const status = licence?.display_status ?? STATUS.normal;
  const view = licence && { ...DRIVER, display_status: status, statuses: [status], ...licence };
  return {
    check_id: "",
    kind: "check",
    verdict,
    reason: reason && { code: reasonCode ?? "training", ...inBoth(reason) },
    what_to_do: inBoth(`advice.${verdict}`),
    steps: [],
    may_drive: drives === undefined ? null : { vehicle_class: drives ? "C1" : "A1", answer: drives, reason: null },
    licence: view,
    portrait: null,
    checked_at: now,
    last_confirmed_at: verdict === "CANNOT_CONFIRM" ? null : now,
  };
}
