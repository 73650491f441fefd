// What became known of an officer's checks afterwards, and whether that was read in this shift.

import { call } from "../shared/api.js";
import { keep, kept } from "./disk.js";

/** @typedef {{ check_id: string, at: string, kind: string, zh: string, en: string, made_at: string }} FollowUp */
/** @typedef {import("./shift.js").Shift} Shift */

const READ = "follow-ups-read";
/** What became known between two shifts is told in the next one, in milliseconds. */
const BEFORE_THE_SHIFT = 24 * 3_600_000;

/** @returns {Promise<FollowUp[]>} the newest first */
export async function followUps() {
  const { follow_ups: found } = await call("/presentation/follow-ups");
  return found;
}

/**
 * Whether something became known that was not read yet.
 *
 * @param {Shift} shift
 */
export async function hasUnread({ content: { bundle } }) {
  const [newest] = await followUps();
  const read = (await kept("shift", READ)) ?? Date.parse(bundle.opened_at) - BEFORE_THE_SHIFT;
  return newest !== undefined && Date.parse(newest.made_at) > read;
}

/** These were on the screen during a shift. @param {readonly FollowUp[]} found */
export async function haveRead([newest]) {
  if (newest !== undefined) await keep("shift", READ, Date.parse(newest.made_at));
}
