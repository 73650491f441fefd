// One check from the code to the word. The terminal judges by itself first and writes the record;
// then it asks the service, whose answer takes the place of its own. Two words never stand beside
// each other.

import { asProblem, call } from "../shared/api.js";
import { toBase64url } from "../shared/base64url.js";
import { inBoth } from "../shared/i18n.js";
import { checkLocally } from "./local-check.js";
import { enqueue, withdraw } from "./queue.js";

/** @typedef {import("../shared/answers.js").CheckAnswer} CheckAnswer */
/** @typedef {import("../shared/api.js").Problem} Problem */
/** @typedef {import("./local-check.js").LocalAnswer} LocalAnswer */
/** @typedef {import("./shift.js").Shift} Shift */

/** What was scanned: the octets of a licence code, or a text that stands for one. */
/** @typedef {{ octets: Uint8Array | null, text: string }} Scanned */

/**
 * @typedef {object} Question  it may be put again as it is: nothing is judged or recorded twice
 * @property {Shift} shift
 * @property {string} checkId
 * @property {Scanned} scanned
 * @property {string | null} vehicleClass
 * @property {number | null} challenge
 * @property {"same" | "differs" | null} face
 * @property {LocalAnswer | null} [own]     what the terminal has judged
 * @property {number | null} [queued]       where its record waits
 */

/**
 * @typedef {object} Told
 * @property {CheckAnswer | LocalAnswer} answer
 * @property {"alone" | "asking" | "confirmed" | "replaced"} standing  of the terminal's own word:
 *   nobody could be asked, somebody is being asked, and what came of it
 * @property {Problem | null} problem  why nobody could be asked
 */

/** What the driver or the officer is asked first, whatever the service would say. */
const ASKS = new Set(["challenge_needed", "challenge_missing", "challenge_wrong", "compare_face", "face_differs"]);
/** How long a word that only says "cannot confirm" waits for the service, in milliseconds. */
const PATIENCE = 2500;

/** @param {Uint8Array} octets @returns {Scanned} */
export function scannedOctets(octets) {
  return { octets, text: toBase64url(octets) };
}

/**
 * @param {Question} question
 * @param {{ tell: (told: Told) => void, cancel: AbortSignal }} given  `tell` is called once or twice
 */
export async function examine(question, { tell, cancel }) {
  const { shift, scanned, checkId } = question;
  question.own ??= scanned.octets === null ? null : await checkLocally(shift, scanned.octets, question);
  const { own } = question;
  if (own !== null && own.licence !== null) question.queued ??= await record(question, own);
  const asked = ask(question, cancel);
  if (own !== null) {
    const waits = own.verdict === "CANNOT_CONFIRM" && !ASKS.has(own.reason?.code ?? "");
    const first = waits ? await Promise.race([asked, later(PATIENCE)]) : null;
    if (cancel.aborted) return;
    if (first === null) tell({ answer: own, standing: "asking", problem: null });
  }
  const { answer, problem } = await asked;
  if (cancel.aborted) return;
  if (answer !== null) {
    if (question.queued) await withdraw(question.queued);
    const same = own === null || own.verdict === answer.verdict;
    tell({ answer, standing: same ? "confirmed" : "replaced", problem: null });
  } else {
    tell({ answer: own ?? unreachable(checkId, shift), standing: "alone", problem });
  }
}

/**
 * @param {Question} question
 * @param {AbortSignal} cancel
 * @returns {Promise<{ answer: CheckAnswer | null, problem: Problem | null }>}
 */
async function ask({ checkId, scanned, vehicleClass, challenge, face }, cancel) {
  const json = {
    check_id: checkId,
    scanned: scanned.text,
    vehicle_class: vehicleClass,
    ...(challenge === null ? {} : { challenge }),
    ...(face === null ? {} : { face }),
  };
  try {
    return { answer: await call("/presentation/checks", { json, cancel }), problem: null };
  } catch (error) {
    return { answer: null, problem: asProblem(error) };
  }
}

/**
 * @param {Question} question
 * @param {LocalAnswer} own
 */
function record({ shift, checkId, scanned, vehicleClass, challenge, face }, own) {
  return enqueue(shift, {
    check_id: checkId,
    at: own.checked_at,
    scanned: scanned.text,
    verdict: own.verdict,
    reason: own.reason?.code ?? null,
    vehicle_class: vehicleClass,
    challenge,
    face,
    snapshot_as_of: own.listOf === null ? null : new Date(own.listOf).toISOString(),
  });
}

/**
 * A short code says nothing by itself.
 *
 * @param {string} checkId
 * @param {Shift} shift
 * @returns {CheckAnswer}
 */
function unreachable(checkId, shift) {
  return {
    check_id: checkId,
    kind: "check",
    verdict: "CANNOT_CONFIRM",
    reason: { code: "needs_network", ...inBoth("check.needs_network") },
    what_to_do: inBoth("check.needs_network_todo"),
    steps: [],
    may_drive: null,
    licence: null,
    portrait: null,
    checked_at: new Date(shift.clock.now()).toISOString(),
    last_confirmed_at: null,
  };
}

/** @param {number} milliseconds @returns {Promise<null>} */
function later(milliseconds) {
  return new Promise((resolve) => setTimeout(() => resolve(null), milliseconds));
}
