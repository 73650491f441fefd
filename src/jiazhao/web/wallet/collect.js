// Asking for a claim that waits for a person, when it is time to; one tab does it.

import { asProblem } from "../shared/api.js";
import { proofKey } from "./jwt.js";
import { askAgain } from "./openid4vci.js";
import { instancesOf, keepCredential, keepWaiting, vouchedOf } from "./vault.js";
import { Vouching } from "./vouching.js";

/** Seconds until the next try where the issuer was not reached. */
const TRY_AGAIN = 10;

/** What the issuer says where it is no use to ask again. */
const FINAL = ["credential_request_denied", "invalid_grant", "unauthorized_client", "invalid_request"];

/** @typedef {import("./vault.js").KeptInstance} KeptInstance */

/**
 * Ask for every claim that waits and whose time has come.
 *
 * @param {readonly KeptInstance[]} kept
 * @param {number} now  seconds since 1970 by the register's clock
 * @param {object} options
 * @param {boolean} options.atOnce  whether the register has just said that something changed
 * @param {(problem: import("../shared/api.js").Problem | null) => void} options.told  is given why the
 *   issuer gave no answer, or null where it did
 * @returns {Promise<"nothing" | "kept" | "over">}  what changed on this device
 */
export async function collect(kept, now, { atOnce, told }) {
  const isDue = (/** @type {import("./vault.js").Waiting} */ { over, askAt }) => !over && (atOnce || askAt <= now);
  const due = kept.find(({ waiting }) => waiting && isDue(waiting));
  if (!due) return "nothing";
  return alone(async () => {
    // Another tab may have asked meanwhile, and a refresh token works once.
    const fresh = (await instancesOf(due.archiveNumber)).find(({ deviceKey }) => deviceKey === due.deviceKey);
    if (!fresh?.waiting || !isDue(fresh.waiting)) return "nothing";
    return ask(fresh, fresh.waiting, now, told);
  });
}

/**
 * @param {KeptInstance} instance
 * @param {import("./vault.js").Waiting} waiting
 * @param {number} now
 * @param {(problem: import("../shared/api.js").Problem | null) => void} told
 * @returns {Promise<"nothing" | "kept" | "over">}
 */
async function ask(instance, waiting, now, told) {
  const key = await proofKey(instance.keyPair);
  let held = waiting;
  const keep = async (/** @type {import("./vault.js").Waiting} */ renewed) => {
    held = renewed;
    await keepWaiting(instance, renewed);
  };
  try {
    const vouching = new Vouching(vouchedOf(instance.deviceKey), now);
    const outcome = await askAgain(waiting, key, { now, vouching, keep });
    told(null);
    if ("credential" in outcome) {
      await keepCredential(instance, outcome.credential, outcome.tokens);
      return "kept";
    }
    await keepWaiting(instance, outcome.waiting);
    return "nothing";
  } catch (error) {
    const problem = asProblem(error);
    const { error: code } = problem;
    told(problem);
    const over = FINAL.includes(code);
    const renewAt = code === "invalid_token" ? now : held.renewAt;
    await keepWaiting(instance, { ...held, over, renewAt, askAt: now + TRY_AGAIN });
    return over ? "over" : "nothing";
  }
}

/**
 * Do it unless another tab is doing it.
 *
 * @param {() => Promise<"nothing" | "kept" | "over">} act
 * @returns {Promise<"nothing" | "kept" | "over">}
 */
async function alone(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request("jiazhao-waiting-claim", { ifAvailable: true }, (lock) =>
    lock ? act() : "nothing",
  );
}
