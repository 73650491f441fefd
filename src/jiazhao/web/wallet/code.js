// Makes the codes that are shown: each with a new counter, a new nonce and the register's time,
// sealed for the terminals of its day. It needs nothing but what the last contact brought, so a
// code is the same with a network and without. Where something lacks there is no code, and why.

import { localProblem } from "../shared/api.js";
import { readBeacon, toldAt } from "../shared/beacon.js";
import { ephemeralKey } from "../shared/code-sealing.js";
import { buildLicenceCode, dayOf, IssuerPart, LIFE_SECONDS, NONCE_OCTETS } from "../shared/licence-code.js";
import { keptInstance, sign, takeCounter } from "./vault.js";

/** Codes follow each other so fast that one that was filmed is soon the older one. */
export const RENEW_SECONDS = 5;

/** How far the clock may be behind the last contact before something is wrong with it. */
const SKEW = 30_000;

/** @typedef {import("./vault.js").KeptInstance} KeptInstance */

/**
 * @typedef {object} ShownCode
 * @property {Uint8Array<ArrayBuffer>} octets
 * @property {number} counter
 * @property {number} madeAt        milliseconds by the register's clock, as all times here
 * @property {number} voidAt
 * @property {number} beaconAt      when the beacon in it was told
 */

/**
 * @param {string} deviceKey
 * @param {number} now  milliseconds by the register's clock
 * @param {number | null} challenge  four digits that the terminal shows
 * @returns {Promise<ShownCode>}
 */
export async function makeCode(deviceKey, now, challenge) {
  const { part, dayKey, beacon } = materials(await keptInstance(deviceKey), now);
  const kept = await takeCounter(deviceKey);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_OCTETS));
  const time = Math.floor(now / 1000);
  const octets = await buildLicenceCode(
    part,
    { time, counter: kept.counter, nonce, challenge, beacon },
    { sign: (bytes) => sign(kept.keyPair, bytes), dayKey, ephemeral: await ephemeralKey() },
  );
  const beaconAt = toldAt(readBeacon(beacon)) * 1000;
  return { octets, counter: kept.counter, madeAt: now, voidAt: now + LIFE_SECONDS * 1000, beaconAt };
}

/**
 * What a code is made of; a problem where something lacks.
 *
 * @param {Pick<KeptInstance, "contact" | "codePart">} kept
 * @param {number} now
 */
export function materials({ contact, codePart }, now) {
  if (!contact || !codePart) throw localProblem("code.not_yet", "code_not_yet");
  if (contact.state !== "live") throw localProblem(`code.${contact.state}`, `code_${contact.state}`);
  if (now < contact.at - SKEW) throw localProblem("code.clock", "code_clock");
  const part = IssuerPart.parse(codePart.encoded);
  if (now >= part.endsAt * 1000) throw localProblem("code.lapsed", "code_lapsed");
  const today = dayOf(Math.floor(now / 1000));
  const dayKey = contact.dayKeys.find(({ day }) => day === today);
  if (!dayKey || !contact.beacon) throw localProblem("code.no_day_key", "code_no_day_key");
  return { part, dayKey, beacon: contact.beacon };
}
