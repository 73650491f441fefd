// Which notices were seen on this device. The service reckons notices anew each time and keeps
// nothing of who read what; so the device remembers it, sealed like everything personal here.

import { keepSealed, recallSealed } from "./kept.js";

const NAME = "notices-seen";
/** The oldest are forgotten beyond this: two people with long histories on one phone. */
const MOST = 500;

/** @typedef {{ notice_id: string }} Named */

/**
 * How many of these were not seen yet.
 *
 * @param {readonly Named[]} notices
 * @param {readonly string[]} seen
 */
export function unreadAmong(notices, seen) {
  const known = new Set(seen);
  return notices.filter(({ notice_id: id }) => !known.has(id)).length;
}

/**
 * What was seen after these were, the newest last.
 *
 * @param {readonly Named[]} notices
 * @param {readonly string[]} seen
 * @returns {string[]}
 */
export function seenWith(notices, seen) {
  const shown = new Set(notices.map(({ notice_id: id }) => id));
  return [...seen.filter((id) => !shown.has(id)), ...shown].slice(-MOST);
}

/** @param {readonly Named[]} notices */
export async function countUnread(notices) {
  return unreadAmong(notices, await seenBefore());
}

/** These are on the screen. @param {readonly Named[]} notices */
export async function rememberSeen(notices) {
  await keepSealed(NAME, seenWith(notices, await seenBefore())).catch(() => undefined); // then they count again
}

/** @returns {Promise<string[]>} */
async function seenBefore() {
  const kept = await recallSealed(NAME).catch(() => null);
  return Array.isArray(kept) ? kept : [];
}
